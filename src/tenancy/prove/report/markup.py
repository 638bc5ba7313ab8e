"""HTML elements that escape what they hold."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | None) -> Markup:
    """An element; children that are not `Markup` are text, and are escaped.

    Args:
        name: the element's.
        children: what stands in it.
        attributes: with an underscore at the end where Python knows the word (`class_`); None leaves one out.
    """
    written = "".join(f' {key.rstrip("_")}="{escape(text)}"' for key, text in attributes.items() if text is not None)
    return Markup(f"<{name}{written}>{together(*children)}</{name}>")


def together(*children: str) -> Markup:
    """Several pieces, one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(one, quote=False) for one in children))
