"""The two triggers that set `updated_at`, whoever updates the row: SQL as data.

In the source they exist only in migrations written by hand. Here the models create them with their tables; a revision
carries the same texts, since no comparison of models and database sees functions or triggers.
"""

from sqlalchemy import DDL, MetaData, event

# Named from the system's own catalog, so that no search_path can turn `now()`.
CREATE_FUNCTION = """\
CREATE OR REPLACE FUNCTION codebuff.set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = pg_catalog.now();
    RETURN NEW;
END
$$"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS codebuff.set_updated_at()"

#: By table; a trigger goes with its table.
CREATE_TRIGGERS = {
    "subscription": """\
CREATE TRIGGER trigger_subscription_updated_at BEFORE UPDATE ON codebuff.subscription
FOR EACH ROW EXECUTE FUNCTION codebuff.set_updated_at()""",
    "limit_override": """\
CREATE TRIGGER trigger_limit_override_updated_at BEFORE UPDATE ON codebuff.limit_override
FOR EACH ROW EXECUTE FUNCTION codebuff.set_updated_at()""",
}


def attach(metadata: MetaData) -> None:
    """Creates the function before the tables and each trigger after its table, and drops the function after them."""
    event.listen(metadata, "before_create", _ddl(CREATE_FUNCTION))
    event.listen(metadata, "after_drop", _ddl(DROP_FUNCTION))
    for table, statement in CREATE_TRIGGERS.items():
        event.listen(metadata.tables[f"codebuff.{table}"], "after_create", _ddl(statement))


def _ddl(statement: str) -> DDL:
    return DDL(statement)  # type: ignore[no-untyped-call]
