"""The usual way on the other driver."""

from __future__ import annotations

from benchmarks.contestants.usual_hook import UsualHook


class UsualHookPsycopg(UsualHook):
    """The usual way on psycopg 3."""

    name = "usual hook, psycopg"
    driver = "psycopg"
