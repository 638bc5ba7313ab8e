"""The isolation proof: attacks on every table by one tenant against another, on real rows, as the application's role.

```python
report = await prove(database, Base.metadata)           # every attack on every table; everything is rolled back
report = await prove_on_scratch(admin_url, Base.metadata)   # and every wall broken, to see that an attack notices
print(report)                                            # or matrix(report) for rich, report.to_dict() for JSON
assert report.held
```

`pairs(metadata)` lists what would be tried, without a database; `prepared(...)` seeds once and lets a test suite try
one pair at a time. Attacker, victim and a stranger who owns nothing are tenants and users of the proof's own making.

An attack is one file in `tenancy.prove.attacks`. Its statements go through `Attempt` and `Transaction`, which compare
each answer with the one that must come: exactly these rows, so many rows affected, or a refusal with this SQLSTATE. Any
other answer is a leak, an unexpected refusal too, for then something else than the policy stood in the way. What could
not be tried is a `ProofError`, never a pass.

A mutation is one file in `tenancy.prove.mutations`: a mistake, made on purpose, that some attack must notice.
"""

from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.laboratory import Laboratory, Mutant, laboratory
from tenancy.prove.mutation import Mutation, Variant, all_mutations
from tenancy.prove.report import MutationOutcome, Outcome, PolicyUse, Report, html_page, junit_xml, matrix
from tenancy.prove.rows import sample_rows
from tenancy.prove.runner import Pair, Proof, pairs, prepared, prove
from tenancy.prove.scratch import prove_on_scratch, scratch_database
from tenancy.prove.seeding import insert_rows

__all__ = [
    "Attack",
    "Laboratory",
    "Mutant",
    "Mutation",
    "MutationOutcome",
    "Outcome",
    "Pair",
    "PolicyUse",
    "Proof",
    "Report",
    "Variant",
    "all_attacks",
    "all_mutations",
    "html_page",
    "insert_rows",
    "junit_xml",
    "laboratory",
    "matrix",
    "pairs",
    "prepared",
    "prove",
    "prove_on_scratch",
    "sample_rows",
    "scratch_database",
]
