"""HTML elements that escape what they hold."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | None) -> Markup:
    """An element; children that are not `Markup` are text, and are escaped.

    Args:
        tag: the element's name.
        children: what stands in it.
        attributes: `class_` and `aria_label` are `class` and `aria-label`; None leaves one out.
    """
    named = ((key.rstrip("_").replace("_", "-"), text) for key, text in attributes.items() if text is not None)
    written = "".join(f' {name}="{escape(text)}"' for name, text in named)
    return Markup(f"<{tag}{written}>{together(*children)}</{tag}>")


def together(*children: str) -> Markup:
    """Several pieces, one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(one, quote=False) for one in children))
