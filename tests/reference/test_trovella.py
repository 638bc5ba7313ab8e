"""The Trovella schema in the migrated database is the one that the facts state."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session, configure_mappers

from tenancy.reference import trovella
from tenancy.reference.trovella import enums, shapes
from tenancy.schema.metadata import conventions_of

from .catalog import Column, EnumType, Key, read_catalog, search_path
from .conformance import differences
from .facts_file import load_facts

FACTS = load_facts(Path(__file__).parent / "facts" / "trovella.yaml")


def test_the_schema_is_what_the_facts_state(admin: Connection) -> None:
    """Every column, type, default, key, index and enum is as stated, save what isolation needs."""
    assert [difference for difference in differences(admin, "trovella", FACTS) if difference.rule is None] == []


def test_the_differences_that_isolation_needs_are_known_by_rule(admin: Connection) -> None:
    """Thirteen references carry the tenant, five parents and one unique index with them; five lists are led by it."""
    assert Counter(difference.rule for difference in differences(admin, "trovella", FACTS)) == {
        "composite key between tenant-scoped tables": 13,
        "unique that a composite key refers to": 5,
        "unique within the tenant": 1,
        "index of the facts, led by the tenant": 5,
    }


def test_nothing_is_missing(admin: Connection) -> None:
    """24 tables, 16 of them tenant-scoped by an `organization_id` that is never empty, 11 enums and all 59 indexes."""
    catalog = read_catalog(admin, "trovella")
    kinds = Counter(key.kind for key in catalog)
    organization_ids = [item for key, item in catalog.items() if key.name == "organization_id"]
    stated = {Key("index", table["name"], index["name"]) for table in FACTS["tables"] for index in table["indexes"]}

    assert (kinds["table"], kinds["enum"], kinds["column"]) == (24, 11, 246)
    assert organization_ids == [Column("text", nullable=False, default=None, generated=None, identity="")] * 16
    assert len(stated) == 59
    assert stated <= catalog.keys()


def test_native_enums_have_the_values_of_their_python_classes(admin: Connection) -> None:
    """A value that Python knows and PostgreSQL does not, or the reverse, would fail only when it is used."""
    catalog = read_catalog(admin, "trovella")
    for name, enum in enums.NATIVE_ENUMS.items():
        assert catalog[Key("enum", "", name)] == EnumType(tuple(member.value for member in enum))


CHANGES = {
    "a table is missing": ("DROP TABLE mcp_tool_call_log", Key("table", "mcp_tool_call_log", "")),
    "a table is new": ("CREATE TABLE extra ()", Key("table", "extra", "")),
    "a column is new": ("ALTER TABLE ai_model ADD extra text", Key("column", "ai_model", "extra")),
    "a default": ("ALTER TABLE ai_model ALTER active SET DEFAULT false", Key("column", "ai_model", "active")),
    "nullability": ("ALTER TABLE ai_model ALTER active DROP NOT NULL", Key("column", "ai_model", "active")),
    "a type": ("ALTER TABLE ai_usage ALTER cost TYPE numeric(12,6)", Key("column", "ai_usage", "cost")),
    "a unique constraint is missing": (
        'ALTER TABLE "user" DROP CONSTRAINT user_email_unique',
        Key("unique", "user", "user_email_unique"),
    ),
    "a unique constraint that no key needs": (
        "ALTER TABLE ai_batch ADD CONSTRAINT extra UNIQUE (organization_id, user_id)",
        Key("unique", "ai_batch", "extra"),
    ),
    "a check is new": (
        "ALTER TABLE ai_model ADD CONSTRAINT extra CHECK (id <> '')",
        Key("check", "ai_model", "extra"),
    ),
    "an index is missing": (
        'DROP INDEX "ai_usage_organizationId_idx"',
        Key("index", "ai_usage", "ai_usage_organizationId_idx"),
    ),
    "an operator class": (
        """
        DROP INDEX document_chunk_embedding_idx;
        CREATE INDEX document_chunk_embedding_idx ON document_chunk USING hnsw (embedding halfvec_l2_ops)
        """,
        Key("index", "document_chunk", "document_chunk_embedding_idx"),
    ),
    "an enum's values": ("ALTER TYPE ai_provider RENAME VALUE 'google' TO 'other'", Key("enum", "", "ai_provider")),
    "another action on delete": (
        """
        ALTER TABLE plan_step DROP CONSTRAINT plan_step_plan_id_research_plan_id_fk,
            ADD CONSTRAINT plan_step_plan_id_research_plan_id_fk FOREIGN KEY (plan_id, organization_id)
            REFERENCES research_plan (id, organization_id) ON DELETE RESTRICT
        """,
        Key("foreign key", "plan_step", "plan_step_plan_id_research_plan_id_fk"),
    ),
    "a deletion that empties the tenant": (
        """
        ALTER TABLE research_artifact DROP CONSTRAINT research_artifact_step_id_plan_step_id_fk,
            ADD CONSTRAINT research_artifact_step_id_plan_step_id_fk FOREIGN KEY (step_id, organization_id)
            REFERENCES plan_step (id, organization_id) ON DELETE SET NULL
        """,
        Key("foreign key", "research_artifact", "research_artifact_step_id_plan_step_id_fk"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_a_change(admin: Connection, change: str) -> None:
    """A comparison that cannot fail proves nothing: each change to the schema is reported, and no rule allows it."""
    ddl, key = CHANGES[change]
    # Each change locks tables that the next comparison reads: one at a time, where tests run in parallel.
    admin.execute(text("SELECT pg_advisory_xact_lock(hashtext('trovella conformance'))"))
    with search_path(admin, "trovella"):
        admin.execute(text(ddl))

    found = {difference.key for difference in differences(admin, "trovella", FACTS) if difference.rule is None}

    assert key in found


def test_mappers_are_configured_without_a_warning() -> None:
    """Relationships over composite keys do not overlap."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        configure_mappers()


def test_every_model_is_exported() -> None:
    """`__all__` is Base, one model per table, and the resolvers, sorted."""
    models = {mapper.class_.__name__ for mapper in trovella.Base.registry.mappers}

    resolvers = {one.name for one in conventions_of(trovella.Base.metadata).resolvers}
    assert trovella.__all__ == sorted({"Base", *models, *resolvers})
    assert len(models) == len(trovella.Base.metadata.tables)


def test_json_is_stored_under_the_names_of_its_other_readers(admin: Connection) -> None:
    """Python says `tool_use`; the document's shape, which other programs read, says `toolUse`."""
    model = trovella.AiModel(
        provider=enums.AiProvider.ANTHROPIC,
        api_model_id="model",
        display_name="Model",
        context_window=200_000,
        max_output_tokens=8_000,
        supported_features=shapes.SupportedFeatures(tool_use=True),
    )
    with Session(admin) as session:
        session.add(model)
        session.flush()
        stored = session.execute(text("SELECT supported_features FROM trovella.ai_model")).scalars().all()
        session.expire(model)

        assert {"toolUse": True} in stored
        assert model.supported_features == shapes.SupportedFeatures(tool_use=True)
