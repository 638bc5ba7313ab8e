"""One test for each attack on each table."""

from models import Base

from tenancy.integrations.pytest import prove_isolation

test_isolation = prove_isolation(Base.metadata)
