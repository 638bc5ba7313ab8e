"""One change to a database's security: its SQL, and the change that undoes it exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from tenancy.security.quoting import identifier, literal, role
from tenancy.security.values import PUBLIC, Function, Policy


class Change:
    """Base of the changes."""

    def sql(self) -> str:
        """The SQL that makes the change."""
        raise NotImplementedError

    def statements(self) -> list[str]:
        """The same, statement by statement."""
        return [self.sql()]

    def reverse(self) -> Change:
        """The change that restores what was there."""
        raise NotImplementedError


@dataclass(frozen=True)
class CreateSchema(Change):
    name: str

    def sql(self) -> str:
        return f"CREATE SCHEMA {identifier(self.name)}"

    def reverse(self) -> Change:
        return DropSchema(self.name)


@dataclass(frozen=True)
class DropSchema(Change):
    name: str

    def sql(self) -> str:
        # Without CASCADE: what somebody else put into the schema stops the migration instead of vanishing.
        return f"DROP SCHEMA {identifier(self.name)}"

    def reverse(self) -> Change:
        return CreateSchema(self.name)


@dataclass(frozen=True)
class RowSecurity(Change):
    schema: str
    table: str
    enabled: bool

    def sql(self) -> str:
        verb = "ENABLE" if self.enabled else "DISABLE"
        return f"ALTER TABLE {identifier(self.schema, self.table)} {verb} ROW LEVEL SECURITY"

    def reverse(self) -> Change:
        return replace(self, enabled=not self.enabled)


@dataclass(frozen=True)
class ForceRowSecurity(Change):
    schema: str
    table: str
    forced: bool

    def sql(self) -> str:
        verb = "FORCE" if self.forced else "NO FORCE"
        return f"ALTER TABLE {identifier(self.schema, self.table)} {verb} ROW LEVEL SECURITY"

    def reverse(self) -> Change:
        return replace(self, forced=not self.forced)


@dataclass(frozen=True)
class CreatePolicy(Change):
    schema: str
    table: str
    policy: Policy

    def sql(self) -> str:
        policy = self.policy
        kind = "PERMISSIVE" if policy.permissive else "RESTRICTIVE"
        lines = [
            f"CREATE POLICY {identifier(policy.name)} ON {identifier(self.schema, self.table)}",
            f"AS {kind} FOR {policy.command} TO {', '.join(role(name) for name in policy.roles)}",
        ]
        if policy.using is not None:
            lines.append(f"USING ({policy.using})")
        if policy.check is not None:
            lines.append(f"WITH CHECK ({policy.check})")
        return "\n    ".join(lines)

    def reverse(self) -> Change:
        return DropPolicy(self.schema, self.table, self.policy)


@dataclass(frozen=True)
class DropPolicy(Change):
    """Carries the whole policy, so that undoing it brings back the same one."""

    schema: str
    table: str
    policy: Policy

    def sql(self) -> str:
        return f"DROP POLICY {identifier(self.policy.name)} ON {identifier(self.schema, self.table)}"

    def reverse(self) -> Change:
        return CreatePolicy(self.schema, self.table, self.policy)


@dataclass(frozen=True)
class _Privileges(Change):
    schema: str
    #: None: the privileges are on the schema itself.
    table: str | None
    role: str
    privileges: tuple[str, ...]
    column: str | None = None
    sequence: bool = False
    grantable: bool = False

    def _statement(self, verb: str, direction: str, suffix: str = "") -> str:
        column = f" ({identifier(self.column)})" if self.column and not self.sequence else ""
        head = f"{verb} {', '.join(privilege + column for privilege in self.privileges)} ON"
        tail = f"{direction} {role(self.role)}{suffix}"
        if self.table is None:
            return f"{head} SCHEMA {identifier(self.schema)} {tail}"
        table = identifier(self.schema, self.table)
        if not self.sequence:
            return f"{head} {table} {tail}"
        # Asked, not composed: PostgreSQL cuts long names, and a sequence keeps its name when its table is renamed.
        sequence = f"pg_catalog.pg_get_serial_sequence({literal(table)}, {literal(self.column or '')})"
        block = f"BEGIN EXECUTE {literal(f'{head} SEQUENCE ')} || {sequence} || {literal(f' {tail}')}; END"
        return f"DO {literal(block)}"


@dataclass(frozen=True)
class GrantPrivileges(_Privileges):
    def sql(self) -> str:
        return self._statement("GRANT", "TO", " WITH GRANT OPTION" if self.grantable else "")

    def reverse(self) -> Change:
        return RevokePrivileges(*(getattr(self, field.name) for field in fields(self)))


@dataclass(frozen=True)
class RevokePrivileges(_Privileges):
    def sql(self) -> str:
        # CASCADE takes back what the role handed on; without it PostgreSQL refuses.
        return self._statement("REVOKE", "FROM", " CASCADE" if self.grantable else "")

    def reverse(self) -> Change:
        return GrantPrivileges(*(getattr(self, field.name) for field in fields(self)))


#: Settings whose value is a list of names, each quoted by itself; of all others the value is one literal.
_LISTS = {"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"}


def _setting(setting: str) -> str:
    """A SET clause from how the catalog keeps it: `search_path=pg_catalog, "My Schema"`."""
    name, _, value = setting.partition("=")
    if name in _LISTS:
        names = (part[1:-1].replace('""', '"') if part.startswith('"') else part for part in _NAME.findall(value))
        return f"SET {identifier(name)} TO {', '.join(literal(one) for one in names)}"
    return f"SET {identifier(*name.split('.'))} TO {literal(value)}"


_NAME = re.compile(r'"(?:[^"]|"")*"|[^\s,"]+')


def function_sql(function: Function, *, schema: str | None = None, or_replace: bool = False) -> str:
    """CREATE FUNCTION with every property spelled out, none left to a default."""
    create = "CREATE OR REPLACE FUNCTION" if or_replace else "CREATE FUNCTION"
    rights = "DEFINER" if function.security_definer else "INVOKER"
    # A body that somebody made as a string is given back as a string.
    bound = function.language == "sql" and function.body.startswith(("RETURN ", "BEGIN ATOMIC"))
    lines = [
        f"{create} {identifier(schema or function.schema, function.name)}({function.arguments})",
        f"RETURNS {function.returns} LANGUAGE {function.language} {function.volatility} PARALLEL {function.parallel}",
        f"SECURITY {rights} {'LEAKPROOF' if function.leakproof else 'NOT LEAKPROOF'}",
        *(_setting(setting) for setting in function.settings),
        function.body if bound else f"AS {_quoted_body(function.body)}",
    ]
    return "\n    ".join(lines)


def _quoted_body(body: str) -> str:
    """A body of several lines as it is, for reviewers."""
    return f"$${body}$$" if "\n" in body and "$" not in body else literal(body)


def _identity(function: Function) -> str:
    return f"FUNCTION {identifier(function.schema, function.name)}({function.arguments})"


def _executors(function: Function, previous: tuple[str, ...]) -> list[str]:
    """Who may call it; PostgreSQL lets everybody call a new function."""
    gone = [role(name) for name in previous if name not in function.executors]
    new = [role(name) for name in function.executors if name not in previous]
    revoke = f"REVOKE ALL ON {_identity(function)} FROM {', '.join(gone)}"
    grant = f"GRANT EXECUTE ON {_identity(function)} TO {', '.join(new)}"
    return [*([revoke] if gone else []), *([grant] if new else [])]


def _owner(function: Function) -> list[str]:
    """Gives it to its owner, who must be able to create in the schema for as long as that takes."""
    schema, owner = identifier(function.schema), identifier(function.owner)
    return [
        f"GRANT CREATE ON SCHEMA {schema} TO {owner}",
        f"ALTER {_identity(function)} OWNER TO {owner}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {owner}",
    ]


class _Statements(Change):
    """A change of several statements."""

    def statements(self) -> list[str]:
        raise NotImplementedError

    def sql(self) -> str:
        return ";\n".join(self.statements())


@dataclass(frozen=True)
class CreateFunction(_Statements):
    function: Function

    def statements(self) -> list[str]:
        # A helper belongs to the role that creates it; a definer function runs with the rights of its owner.
        owner = _owner(self.function) if self.function.security_definer else []
        return [function_sql(self.function), *_executors(self.function, (PUBLIC,)), *owner]

    def reverse(self) -> Change:
        return DropFunction(self.function)


@dataclass(frozen=True)
class DropFunction(Change):
    function: Function

    def sql(self) -> str:
        return f"DROP {_identity(self.function)}"

    def reverse(self) -> Change:
        return CreateFunction(self.function)


@dataclass(frozen=True)
class ReplaceFunction(_Statements):
    """Replaced in place, since policies depend on it."""

    function: Function
    previous: Function

    def statements(self) -> list[str]:
        owner = _owner(self.function) if self.function.owner != self.previous.owner else []
        replaced = function_sql(self.function, or_replace=True)
        return [replaced, *_executors(self.function, self.previous.executors), *owner]

    def reverse(self) -> Change:
        return ReplaceFunction(self.previous, self.function)
