"""The isolation proof: attacks on every table by one tenant against another, on real rows, as the application's role.

```python
report = await prove(database, Base.metadata)          # every attack on every table
print(report)                                           # or matrix(report) for rich, report.to_dict() for JSON
assert report.held
```

`pairs(metadata)` lists what would be tried, without a database; `prepared(...)` seeds once and lets a test suite try
one pair at a time. Both parties are tenants and users of the proof's own making. Their rows are committed, since
attackers come by other connections, and removed at the end.

An attack is one file in `tenancy.prove.attacks`. Its statements go through `Attempt` and `Transaction`, which compare
each answer with the one that must come: exactly these rows, so many rows affected, or a refusal with this SQLSTATE. Any
other answer is a leak, an unexpected refusal too, for then something else than the policy stood in the way. What could
not be tried is a `ProofError`, never a pass.
"""

from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.report import Outcome, Report, matrix
from tenancy.prove.rows import sample_rows
from tenancy.prove.runner import Pair, Proof, pairs, prepared, prove
from tenancy.prove.seeding import insert_rows

__all__ = [
    "Attack",
    "Outcome",
    "Pair",
    "Proof",
    "Report",
    "all_attacks",
    "insert_rows",
    "matrix",
    "pairs",
    "prepared",
    "prove",
    "sample_rows",
]
