"""What a proof found, and the forms in which it is read.

The values are in `values`. Each form is a file: `terminal`, `html` and `junit`.
"""

from tenancy.prove.report.html import html_page
from tenancy.prove.report.junit import junit_xml
from tenancy.prove.report.terminal import matrix
from tenancy.prove.report.values import WHOLE_DATABASE, MutationOutcome, Outcome, PolicyUse, Report, subject_of

__all__ = [
    "WHOLE_DATABASE",
    "MutationOutcome",
    "Outcome",
    "PolicyUse",
    "Report",
    "html_page",
    "junit_xml",
    "matrix",
    "subject_of",
]
