"""What may be asked of a session's transactions."""

from __future__ import annotations

from typing import Any, Literal, get_args

from tenancy.errors import UnsafeTransaction

IsolationLevel = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]


def transaction_options(read_only: bool, isolation_level: IsolationLevel | None) -> dict[str, Any]:
    """SQLAlchemy's execution options for what a session was asked for.

    Raises:
        UnsafeTransaction: AUTOCOMMIT, in which there is no transaction to carry a tenant, or no isolation level at all.
    """
    options: dict[str, Any] = {}
    if read_only:
        options["postgresql_readonly"] = True
    if isolation_level is not None:
        if isolation_level not in get_args(IsolationLevel):
            raise UnsafeTransaction(
                f"isolation_level={isolation_level!r}: a tenant rides on a transaction, so it must be one of "
                f"{', '.join(get_args(IsolationLevel))}."
            )
        options["isolation_level"] = isolation_level
    return options
