"""What the application may do with the rows that it sees."""

from __future__ import annotations

from enum import Enum


class Command(Enum):
    """The four statements that both grants and policies know."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Access(Enum):
    """The commands that the application role is granted on a table; what is missing has neither grant nor policy."""

    READ_WRITE = (Command.SELECT, Command.INSERT, Command.UPDATE, Command.DELETE)
    NO_DELETE = (Command.SELECT, Command.INSERT, Command.UPDATE)
    APPEND_ONLY = (Command.SELECT, Command.INSERT)
    READ_ONLY = (Command.SELECT,)

    @property
    def commands(self) -> tuple[Command, ...]:
        commands: tuple[Command, ...] = self.value
        return commands
