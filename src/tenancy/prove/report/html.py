"""The report as one page that needs nothing else: no network, and no JavaScript for reading it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from string import Template
from urllib.parse import quote

from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.report.markup import Markup, element, together
from tenancy.prove.report.trial import Trial, attack_trials, condensed, mutation_trials
from tenancy.prove.report.values import Report
from tenancy.prove.transaction import Evidence

#: So many characters of a statement are shown where isolation held; `--json` has them all.
_SHOWN = 300


def html_page(report: Report) -> str:
    """The page: what was found, the matrices, what each attack tries, and every statement with its answer.

    Every cell is a link to the statements behind it. The page refuses, by its Content-Security-Policy, to load or run
    anything but what is written in it.
    """
    attacks, mutations = attack_trials(report), mutation_trials(report)
    sections = [
        _section("matrix", "Attacks on tables", _matrix(attacks, _trial_anchor)),
        _section("leaks", "What leaked", *map(_finding, _failed(attacks))),
        _section("mutations", "Mutations of tables", _matrix(mutations, _mutation_anchor)),
        _section("survivors", "Mutations that no attack noticed", *map(_finding, _failed(mutations))),
        _section("coverage", "Policies", *_coverage(report)),
        _section("attacks", "What each attack tries, and why", *_attacks(attacks)),
        _section("evidence", "Every statement, by table", *_evidence(attacks, mutations)),
    ]
    style, script = _file("page.css"), _file("page.js")
    return Template(_file("page.html")).substitute(
        title=element("title", f"Isolation proof: {_verdict(report)}"),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
        style=style,
        script=script,
        verdict=element("p", _verdict(report), class_=f"verdict {_good(report.held and not report.survivors)}"),
        facts=_facts(report),
        navigation=together(*(element("a", title, href=f"#{name}") for name, title, shown in sections if shown)),
        sections="\n".join(shown for _, _, shown in sections if shown),
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _section(name: str, title: str, *content: Markup) -> tuple[str, str, Markup | None]:
    """Its anchor, its title, and itself unless it is empty."""
    shown = element("section", element("h2", title), *content, id=name) if any(content) else None
    return name, title, shown


def _verdict(report: Report) -> str:
    if not report.outcomes:
        return "nothing was tried"
    if report.leaks:
        return f"{len(report.leaks):,} of {len(report.outcomes):,} leaked"
    survived = len(report.survivors)
    return f"held, but {survived:,} mutation{'s' * (survived > 1)} survived" if survived else "held"


def _facts(report: Report) -> Markup:
    facts = {
        "attacks held": f"{len(report.outcomes) - len(report.leaks):,} of {len(report.outcomes):,}",
        "kinds of attack": f"{len(report.attacks):,}",
        "tables": f"{len(report.tables):,}",
        "statements": f"{sum(len(one.evidence) for one in report.outcomes):,}",
    }
    if report.mutations:
        facts["mutations killed"] = f"{len(report.mutations) - len(report.survivors):,} of {len(report.mutations):,}"
    if report.coverage:
        facts["policies asked"] = f"{len(report.coverage) - len(report.untouched):,} of {len(report.coverage):,}"
    facts |= {
        "PostgreSQL": report.server_version,
        "role": report.role,
        "finished": f"{report.finished:%Y-%m-%d %H:%M %Z}",
        "took": f"{report.seconds:,.0f} s",
    }
    if report.left_out:
        facts["not tried"] = ", ".join(report.left_out)
    return element("dl", *(element("div", element("dt", name), element("dd", text)) for name, text in facts.items()))


def _matrix(trials: Sequence[Trial], anchor: Callable[[Trial], str]) -> Markup:
    """Tables down, grouped by schema; attacks or mutations across. Each cell leads to its anchor."""
    if not trials:
        return Markup()
    cells = {(trial.table, trial.name): trial for trial in trials}
    names = sorted({trial.name for trial in trials})
    corner = element("td", _legend(trials))
    head = element("thead", element("tr", corner, *(_column_heading(name) for name in names)))
    bodies = []
    for schema, tables in _by_schema(trials):
        heading = element("tr", element("th", schema, scope="rowgroup"), element("td", colspan=str(len(names))))
        rows = (
            element(
                "tr",
                element("th", element("a", _without_schema(table), href=f"#{_anchor(table)}"), scope="row"),
                *(_cell(cells.get((table, name)), anchor) for name in names),
            )
            for table in tables
        )
        bodies.append(element("tbody", *([heading] if schema else []), *rows))
    # Focusable, so that a keyboard scrolls it.
    return element("div", element("table", head, *bodies), class_="matrix", tabindex="0", role="region")


def _legend(trials: Sequence[Trial]) -> str:
    good = sum(trial.good for trial in trials)
    return f"✓ {good:,}  ✗ {len(trials) - good:,}"


def _column_heading(name: str) -> Markup:
    # Turned by CSS; a link where there is something to lead to.
    href = f"#{_anchor(name)}" if name in _described() else None
    return element("th", element("a", name.replace("_", " "), href=href), scope="col")


def _cell(trial: Trial | None, anchor: Callable[[Trial], str]) -> Markup:
    if trial is None:
        return element("td", "·")
    title = f"{trial.name} on {trial.table}: {trial.verdict}"
    link = element("a", "✓" if trial.good else "✗", href=f"#{anchor(trial)}", title=title)
    return element("td", link, class_=None if trial.good else "bad")


def _coverage(report: Report) -> list[Markup]:
    if not report.coverage:
        return []
    asked = len(report.coverage) - len(report.untouched)
    words = f"{asked:,} of {len(report.coverage):,} policies were asked ({100 * asked // len(report.coverage)} %)."
    heading = element(
        "tr", *(element("th", name, scope="col") for name in ("table", "policy", "command", "role", "times"))
    )
    rows = [
        element(
            "tr",
            *(element("td", text) for text in (one.table, one.policy, one.command, one.role, f"{one.times:,}")),
            class_=None if one.times else "bad",
        )
        for one in sorted(report.coverage, key=lambda one: (one.times > 0, one.table, one.policy, one.command))
    ]
    untouched, touched = rows[: len(report.untouched)], rows[len(report.untouched) :]
    shown = [element("p", words)]
    if untouched:
        shown += [element("h3", "Nobody asked"), _scrolling(heading, *untouched)]
    if touched:
        shown.append(element("details", element("summary", "How often each was asked"), _scrolling(heading, *touched)))
    return shown


def _scrolling(*rows: Markup) -> Markup:
    return element("div", element("table", *rows), class_="list", tabindex="0", role="region")


def _attacks(trials: Sequence[Trial]) -> list[Markup]:
    """A paragraph for each attack of the report."""
    known = _described()
    shown = []
    for name in sorted({trial.name for trial in trials}):
        mine = [trial for trial in trials if trial.name == name]
        leaked = len(_failed(mine))
        count = f"{len(mine) - leaked:,} held" + (f", {leaked:,} leaked" if leaked else "")
        heading = element("h3", name.replace("_", " "), " ", element("small", count, class_=_good(not leaked)))
        words = [element("p", known[name].tries), element("p", known[name].why)] if name in known else []
        shown.append(element("article", heading, *words, id=_anchor(name)))
    return shown


def _described() -> dict[str, Attack]:
    return {attack.name: attack for attack in all_attacks()}


def _evidence(attacks: Iterable[Trial], mutations: Iterable[Trial]) -> list[Markup]:
    """A section for each table: each attack to be opened, and what noticed each mutation."""
    shown = []
    broken = {table: list(mine) for table, mine in _by_table(mutations)}
    tried = {table: list(mine) for table, mine in _by_table(attacks)}
    for table in sorted(tried | broken):
        attacked, mutated = tried.get(table, []), broken.get(table, [])
        failed = len(_failed([*attacked, *mutated]))
        count = f"{failed:,} of {len(attacked) + len(mutated):,} went wrong" if failed else "held"
        summary = element("summary", table, " ", element("small", count, class_=_good(not failed)))
        killed = [element("li", f"{one.name}: ", element("small", one.verdict)) for one in mutated]
        lists = [element("h4", "Mutations"), element("ul", *killed)] if killed else []
        # The anchor is inside: browsers open what holds the target of a link.
        body = element("div", *map(_trial, attacked), *lists, id=_anchor(table))
        shown.append(element("details", summary, body, class_="table"))
    return shown


def _by_table(trials: Iterable[Trial]) -> Iterator[tuple[str, Iterator[Trial]]]:
    return groupby(sorted(trials, key=lambda one: (one.table, one.name)), key=lambda one: one.table)


def _trial(trial: Trial) -> Markup:
    summary = element("summary", f"{trial.name} ", element("small", trial.verdict, class_=_good(trial.good)))
    return element("details", summary, _statements(trial, anchor=_trial_anchor(trial)))


def _finding(trial: Trial) -> Markup:
    name = element("a", trial.name.replace("_", " "), href=f"#{_anchor(trial.name)}")
    table = element("a", trial.table, href=f"#{_anchor(trial.table)}")
    return element(
        "article", element("h3", name, " on ", table), _statements(trial), id=f"found/{_trial_anchor(trial)}"
    )


def _statements(trial: Trial, anchor: str | None = None) -> Markup:
    first: dict[str, int] = {}
    items = []
    for number, (one, times) in enumerate(condensed(trial.evidence), 1):
        # What was sent before is named by its number: tens of thousands of statements stand on this page.
        before = first.setdefault(one.sql, number)
        sql = one.sql if not trial.good or len(one.sql) <= _SHOWN else f"{one.sql[:_SHOWN]} …"
        sent = element("code", sql) if before == number else element("small", f"statement {before} again")
        items.append(_statement(one, sent, times))
    return element("ol", *items, id=anchor)


def _statement(one: Evidence, sent: Markup, times: str) -> Markup:
    repeated = [element("small", times)] if times else []
    # Where both say the same, as of what only prepares an attack, once is enough.
    expected = [element("i", one.expected)] if one.expected != one.answer else []
    return element(
        "li", sent, *repeated, *expected, element("b", one.answer), class_=None if one.as_expected else "bad"
    )


def _failed(trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if not trial.good]


def _good(good: bool) -> str:
    return "good" if good else "bad"


def _by_schema(trials: Iterable[Trial]) -> list[tuple[str, list[str]]]:
    tables = sorted({trial.table for trial in trials}, key=lambda table: (_schema(table), table))
    return [(schema, list(ones)) for schema, ones in groupby(tables, key=_schema)]


def _schema(table: str) -> str:
    schema, dot, _ = table.partition(".")
    return schema if dot else ""


def _without_schema(table: str) -> str:
    return table.partition(".")[2] or table


def _trial_anchor(trial: Trial) -> str:
    return f"{_anchor(trial.table)}/{_anchor(trial.name)}"


def _mutation_anchor(trial: Trial) -> str:
    """A survivor is shown in full; of one that was killed, its table says by whom."""
    return _anchor(trial.table) if trial.good else f"found/{_trial_anchor(trial)}"


def _anchor(name: str) -> str:
    """A name as the address of its place in the page."""
    return quote(name, safe="")
