"""Column types: validated JSON that knows its changes, vectors as lists of floats, enums kept as text."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, literal, select, text
from sqlalchemy.exc import StatementError

from tenancy import Database, Json, TextEnum

from .pushed import pushed
from .types_models import Base, Color, Details, Step, Thing

TENANT = 1


@pytest.fixture(scope="module")
def database(make_database: Any, empty_database: Any) -> Any:
    return pushed(make_database, empty_database, Base.metadata)


@pytest.fixture(scope="module")
async def db(database: Any):
    async with Database(database.settings) as opened:
        yield opened


@pytest.fixture
async def session(db: Database):
    async with db.session(TENANT) as opened:
        yield opened


async def saved(session: Any, **values: Any) -> Thing:
    """A thing that was written and read again."""
    thing = Thing(**values)
    session.add(thing)
    await session.flush()
    session.sync_session.expire(thing)
    await session.refresh(thing)
    return thing


async def stored(session: Any, thing: Thing, column: str) -> Any:
    """The column's jsonb as PostgreSQL has it, after what is pending was flushed."""
    await session.flush()
    sql = text(f"SELECT CAST({column} AS text) FROM thing WHERE id = :id")
    return await session.scalar(sql, {"id": thing.id})


async def test_a_model_comes_back_as_a_model(session: Any) -> None:
    """Equal to what was written, of its own class."""
    details = Details(note="n", labels=["a"], steps=[Step(title="s")])
    thing = await saved(session, details=details, steps=[Step(title="t", done=True)])
    assert isinstance(thing.details, Details)
    assert thing.details == Details(note="n", labels=["a"], steps=[Step(title="s")])
    assert type(thing.details.steps[0]).__name__ == "Step"
    assert thing.steps == [Step(title="t", done=True)]


async def test_none_is_null(session: Any) -> None:
    """SQL's NULL, not JSON's."""
    thing = await saved(session, details=None, anything=None)
    assert thing.details is None
    assert await stored(session, thing, "details") is None
    assert await stored(session, thing, "anything") is None


async def test_only_what_was_set_is_stored(session: Any) -> None:
    """Defaults may change with the code; aliases are what is stored."""
    thing = await saved(session, details=Details(note="n", renamed=3))
    assert await stored(session, thing, "details") == '{"note": "n", "reNamed": 3}'
    assert thing.details is not None
    assert thing.details.renamed == 3


CHANGES = {
    "an attribute": lambda thing: setattr(thing.details, "note", "changed"),
    "a list": lambda thing: thing.details.labels.append("changed"),
    "a list by index": lambda thing: thing.details.labels.__setitem__(0, "changed"),
    "a list by slice": lambda thing: thing.details.labels.__setitem__(slice(None), ["changed"]),
    "a list in place": lambda thing: thing.details.labels.__iadd__(["changed"]),
    "a sorted list": lambda thing: thing.details.labels.insert(0, "changed"),
    "a model in a list": lambda thing: setattr(thing.details.steps[0], "title", "changed"),
    "a model that was added": lambda thing: (
        thing.details.steps.append(Step(title="x")),
        setattr(thing.details.steps[-1], "title", "changed"),
    ),
    "a dict": lambda thing: thing.details.extra.__setitem__("key", "changed"),
    "a dict by update": lambda thing: thing.details.extra.update(key="changed"),
    "a dict by setdefault": lambda thing: thing.details.extra.setdefault("key", "changed"),
    "a dict in place": lambda thing: thing.details.extra.__ior__({"key": "changed"}),
    "deep inside a dict": lambda thing: thing.details.extra["deep"]["list"].append("changed"),
    "a model in a column of a list": lambda thing: setattr(thing.steps[0], "title", "changed"),
    "a list without a shape": lambda thing: thing.anything["list"].append("changed"),
    "a whole value": lambda thing: setattr(thing, "details", Details(note="changed")),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_in_place_is_stored(session: Any, change: str) -> None:
    """However deep, and also in what was a default before."""
    thing = await saved(
        session,
        details=Details(note="n", labels=["a"], steps=[Step(title="s")], extra={"deep": {"list": []}}),
        steps=[Step(title="s")],
        anything={"list": []},
    )
    assert thing not in session.dirty
    CHANGES[change](thing)
    assert thing in session.dirty
    found = [await stored(session, thing, column) for column in ("details", "steps", "anything")]
    assert sum("changed" in one for one in found) == 1


async def test_removals_are_stored(session: Any) -> None:
    """Each way to take something away."""
    thing = await saved(session, anything={"list": [3, 1, 2, 1], "dict": {"a": 1, "b": 2, "c": 3}})
    value = thing.anything
    for change in (
        lambda: value["list"].remove(3),
        value["list"].pop,
        lambda: value["list"].sort(reverse=True),
        value["list"].reverse,
        lambda: value["list"].__delitem__(0),
        lambda: value["list"].__imul__(2),
        lambda: value["list"].extend([7]),
        lambda: value["dict"].pop("a"),
        value["dict"].popitem,
        lambda: value["dict"].__delitem__("b"),
    ):
        change()
        assert thing in session.dirty
        await session.flush()
    assert await stored(session, thing, "anything") == '{"dict": {}, "list": [2, 2, 7]}'
    value["list"].clear()
    value["dict"].clear()
    value.clear()
    assert await stored(session, thing, "anything") == "{}"


async def test_a_scalar_is_kept(session: Any) -> None:
    """A text, a number, a truth value at the top of a document."""
    for value in ("text", 7, 1.5, True, False):
        thing = await saved(session, anything=value)
        assert thing.anything == value
        assert repr(thing.anything) == repr(value)
        assert await stored(session, thing, "anything") == json.dumps(value)
    assert (await saved(session, either="one")).either == "one"
    assert (await saved(session, either=["one"])).either == ["one"]


async def test_what_does_not_fit_is_refused_when_it_is_written(session: Any) -> None:
    """By pydantic, with the field's name: as a whole, in a part, and after a change in place."""
    thing = await saved(session, details=Details(note="n"))
    thing.details.note = 7
    with pytest.raises((StatementError, ValidationError), match="note"):
        await session.flush()
    await session.rollback()
    with pytest.raises((StatementError, ValidationError), match="title"):
        await session.execute(insert(Thing).values(steps=[{"done": True}]))
    await session.rollback()


async def test_what_does_not_fit_is_refused_when_it_is_read(session: Any) -> None:
    """Something else wrote it: an error, not a wrong value."""
    thing = await saved(session, details=Details(note="n"))
    await session.execute(text("UPDATE thing SET details = '{\"labels\": 7}' WHERE id = :id"), {"id": thing.id})
    with pytest.raises(ValidationError, match="labels"):
        await session.scalars(select(Thing.details).where(Thing.id == thing.id))


async def test_a_document_can_be_searched(session: Any) -> None:
    """By key, path and containment, as with any jsonb; compared with a whole document as well."""
    thing = await saved(session, details=Details(note="find me", labels=["x"]))
    for condition in (
        Thing.details["note"].astext == "find me",
        Thing.details.contains({"labels": ["x"]}),
        Thing.details[("labels", "0")].astext == "x",
        Thing.details == Details(note="find me", labels=["x"]),
    ):
        found = await session.scalars(select(Thing.id).where(condition).where(Thing.id == thing.id))
        assert found.all() == [thing.id]


async def test_values_can_be_copied_and_pickled(session: Any) -> None:
    """What leaves the row is a plain value: a change to the copy is none to the row."""
    thing = await saved(session, details=Details(note="n", labels=["a"]), anything={"list": [1]})
    for copied in (copy.deepcopy(thing.details), pickle.loads(pickle.dumps(thing.details)), thing.details.model_copy()):
        assert copied == thing.details
    deep = copy.deepcopy(thing.anything)
    deep["list"].append(2)
    pickled = pickle.loads(pickle.dumps(thing.anything))
    pickled["list"].append(2)
    assert thing not in session.dirty
    assert thing.anything == {"list": [1]}


def test_a_models_own_class_is_not_changed() -> None:
    """Only the instance on a row is watched."""
    plain = Details(note="n")
    watched = Details(note="n")
    thing = Thing(details=watched)
    assert type(plain) is Details
    assert isinstance(thing.details, Details)
    assert thing.details is watched
    assert watched == plain
    assert plain == watched
    assert watched.model_dump() == plain.model_dump()


@pytest.mark.parametrize("column", ["embedding", "half"])
async def test_vectors_are_lists_of_floats(session: Any, column: str) -> None:
    """Both ways, NULL included; other numbers are taken."""
    thing = await saved(session, **{column: [1, 2.5, -3]})
    assert getattr(thing, column) == [1.0, 2.5, -3.0]
    assert type(getattr(thing, column)) is list
    assert getattr(await saved(session), column) is None


@pytest.mark.parametrize("column", ["embedding", "half"])
async def test_vectors_are_compared_by_pgvectors_operators(session: Any, column: str) -> None:
    """Nearest first, by each distance."""
    attribute = getattr(Thing, column)
    near, far = await saved(session, **{column: [1, 0, 0]}), await saved(session, **{column: [0, 9, 9]})
    for distance in (attribute.l2_distance, attribute.cosine_distance, attribute.l1_distance):
        nearest = select(Thing.id).where(Thing.id.in_([near.id, far.id])).order_by(distance([1, 0, 0]))
        assert (await session.scalars(nearest)).all() == [near.id, far.id]


@pytest.mark.parametrize("column", ["embedding", "half"])
async def test_a_vector_of_another_length_is_refused(session: Any, column: str) -> None:
    """Before it is sent, with both lengths."""
    with pytest.raises(StatementError, match="expected 3 dimensions, got 2"):
        await session.execute(insert(Thing).values(**{column: [1, 2]}))


async def test_an_enum_is_kept_as_its_value(session: Any) -> None:
    """Text in the database, members in Python; a member can be given by its value."""
    thing = await saved(session, color=Color.BLUE)
    assert thing.color is Color.BLUE
    assert await stored(session, thing, "color") == "blue"
    found = select(Thing.id).where(Thing.color == Color.BLUE, Thing.id == thing.id)
    assert (await session.scalars(found)).all() == [thing.id]
    assert (await saved(session, color="red")).color is Color.RED
    assert (await saved(session)).color is None


async def test_what_is_no_member_is_refused(session: Any) -> None:
    """When it is written, and when somebody else wrote it."""
    with pytest.raises(StatementError, match="'green' is not a valid Color"):
        await session.execute(insert(Thing).values(color="green"))
    await session.rollback()
    thing = await saved(session, color=Color.RED)
    await session.execute(text("UPDATE thing SET color = 'green' WHERE id = :id"), {"id": thing.id})
    with pytest.raises(ValueError, match="'green' is not a valid Color"):
        await session.scalars(select(Thing.color).where(Thing.id == thing.id))


def test_types_in_ddl_and_as_literals() -> None:
    """`jsonb`, `text`, and literals that quote."""
    from sqlalchemy.dialects import postgresql

    dialect = postgresql.dialect()
    assert Json(Details).compile(dialect=dialect) == "JSONB"
    assert TextEnum(Color).compile(dialect=dialect) == "TEXT"
    assert Thing.__table__.c.half.type.compile(dialect=dialect) == "HALFVEC(3)"
    compiled = literal(Color.RED, TextEnum(Color)).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    assert str(compiled) == "'red'"
