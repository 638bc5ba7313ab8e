"""Without a value of one's own, the table cannot be filled; with one, it can."""

from models import Base

from tenancy.integrations.pytest import prove_isolation


def code(random):
    return "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=3))


test_without_values = prove_isolation(Base.metadata)
test_with_values = prove_isolation(Base.metadata, values={"voucher.code": code})
