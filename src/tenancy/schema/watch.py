"""Values that tell when they are changed in place: lists, dicts and pydantic models, however deep.

SQLAlchemy's `Mutable` marks a row as changed when its value calls `changed()`. A value inside another one calls its
owner. Lists and dicts become subclasses of their own; a model keeps its identity and is given a subclass of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, SupportsIndex

from pydantic import BaseModel
from sqlalchemy.ext.mutable import Mutable

_OWNER = "_tenancy_owner"


class Watched(Mutable):
    """What a `Json` column holds: the root of a watched value, or a value inside one."""

    @classmethod
    def coerce(cls, key: str, value: Any) -> Any:
        """The value as a `Json` column keeps it; scalars cannot change in place and stay as they are."""
        return watched(value, None) if value is None or _watchable(value) else _Scalar.of(value)

    def changed(self) -> None:
        """Tells the owner, up to the root, whose row is then marked as changed."""
        _changed(self)


def _changed(value: Any) -> None:
    owner = value.__dict__.get(_OWNER)
    if owner is None:
        Mutable.changed(value)
        return
    if isinstance(owner, BaseModel):
        # A default that was changed in place is no default any more, and is stored from now on.
        owner.model_fields_set.update(name for name in type(owner).model_fields if owner.__dict__.get(name) is value)
    _changed(owner)


def _watchable(value: Any) -> bool:
    return isinstance(value, list | dict | BaseModel)


def watched(value: Any, owner: Any) -> Any:
    """The value such that its changes reach `owner`; what cannot change in place is returned as it is."""
    if isinstance(value, BaseModel):
        return _watched_model(value, owner)
    if isinstance(value, list):
        return WatchedList(value, owner)
    if isinstance(value, dict):
        return WatchedDict(value, owner)
    return value


def _telling(method: Callable[..., Any]) -> Callable[..., Any]:
    def tell(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        _changed(self)
        return result

    return tell


class WatchedList(Watched, list[Any]):
    """A list that tells of its changes."""

    def __init__(self, items: Iterable[Any], owner: Any = None) -> None:
        self.__dict__[_OWNER] = owner
        list.__init__(self, (watched(item, self) for item in items))

    def append(self, item: Any) -> None:
        self.insert(len(self), item)

    def extend(self, items: Iterable[Any]) -> None:
        self[len(self) :] = items

    def insert(self, index: SupportsIndex, item: Any) -> None:
        list.insert(self, index, watched(item, self))
        _changed(self)

    def __setitem__(self, index: Any, item: Any) -> None:
        value = [watched(inner, self) for inner in item] if isinstance(index, slice) else watched(item, self)
        list.__setitem__(self, index, value)
        _changed(self)

    def __iadd__(self, items: Iterable[Any]) -> Any:  # type: ignore[misc]  # list's own pair of overloads
        self.extend(items)
        return self

    pop = _telling(list.pop)
    remove = _telling(list.remove)
    clear = _telling(list.clear)
    sort = _telling(list.sort)
    reverse = _telling(list.reverse)
    __delitem__ = _telling(list.__delitem__)
    __imul__ = _telling(list.__imul__)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return list, (list(self),)


class WatchedDict(Watched, dict[str, Any]):
    """A dict that tells of its changes."""

    def __init__(self, items: dict[str, Any], owner: Any = None) -> None:
        self.__dict__[_OWNER] = owner
        dict.__init__(self, {key: watched(value, self) for key, value in items.items()})

    def __setitem__(self, key: str, value: Any) -> None:
        dict.__setitem__(self, key, watched(value, self))
        _changed(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]  # dict's own pair of overloads
        self.update(other)
        return self

    pop = _telling(dict.pop)
    popitem = _telling(dict.popitem)
    clear = _telling(dict.clear)
    __delitem__ = _telling(dict.__delitem__)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return dict, (dict(self),)


class _Scalar:
    """A scalar has no place for the bookkeeping of `Mutable`; text and numbers get a subclass that has."""

    @staticmethod
    def of(value: Any) -> Any:
        kind: Any = type(value)
        if kind is bool:
            return TruthValue(value)
        return _scalar_class(kind)(value) if kind in (str, float, int) else value


class TruthValue(int, Mutable):
    """A bool, of which Python allows no subclass: equal to it and shown like it; `JsonType` stores the bool."""

    def __repr__(self) -> str:
        return repr(bool(self))


@cache
def _scalar_class(kind: Any) -> Any:
    return type(f"Watched{kind.__name__.title()}", (kind, Mutable), {})


def _watched_model(model: BaseModel, owner: Any) -> BaseModel:
    class_ = type(model)
    if _OWNER not in model.__dict__:
        model.__class__ = _watched_class(class_)
    # Beside the fields, where pydantic lets cached properties live: neither dumped nor compared.
    model.__dict__[_OWNER] = owner
    for name in class_.model_fields:
        if name in model.__dict__:
            model.__dict__[name] = watched(model.__dict__[name], model)
    return model


@cache
def _watched_class(class_: type[BaseModel]) -> type[BaseModel]:
    def set_attribute(self: BaseModel, name: str, value: Any) -> None:
        class_.__setattr__(self, name, watched(value, self))
        _changed(self)

    def equals(self: BaseModel, other: object) -> bool:
        # pydantic compares classes too, and ours must equal the class that it stands for.
        return isinstance(other, class_) and self.model_dump() == other.model_dump()

    def reduce(self: BaseModel, protocol: SupportsIndex) -> Any:
        return class_.model_validate, (self.model_dump(exclude_unset=True),)

    metaclass: Any = type(class_)
    made: type[BaseModel] = metaclass(
        class_.__name__,
        (class_,),
        {
            "__module__": class_.__module__,
            "__qualname__": class_.__qualname__,
            "__setattr__": set_attribute,
            "__eq__": equals,
            "__hash__": class_.__hash__,
            "__reduce_ex__": reduce,
            "__deepcopy__": lambda self, memo=None: class_.model_validate(self.model_dump(exclude_unset=True)),
            "changed": _changed,
            "_parents": Mutable._parents,  # noqa: SLF001 - a model cannot inherit from Mutable
        },
    )
    return made
