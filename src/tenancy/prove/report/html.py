"""The report as one page that needs nothing else: no network, and no JavaScript for reading it."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from itertools import groupby
from string import Template
from urllib.parse import quote

from tenancy.prove.attack import Attack, all_attacks
from tenancy.prove.mutation import all_mutations
from tenancy.prove.report.markup import Markup, element, together
from tenancy.prove.report.trial import Trial, attack_trials, condensed, failed, grouped, mutation_kinds, mutation_trials
from tenancy.prove.report.values import Report
from tenancy.prove.transaction import Evidence

#: So many characters of a statement are shown where isolation held; `--json` has them all.
_SHOWN = 200


def html_page(report: Report) -> str:
    """The page: what was found, the matrices, what each attack tries, and every statement with its answer.

    Every cell is a link to the statements behind it. The page refuses, by its Content-Security-Policy, to load or run
    anything but what is written in it.
    """
    attacks, mutations = attack_trials(report), mutation_trials(report)
    sections = [
        _section("matrix", "Attacks on tables", _matrix("Attacks on tables", attacks, _trial_anchor)),
        _section("leaks", "What leaked", *map(_finding, failed(attacks))),
        _section(
            "mutations", "Mutations of tables", _matrix("Mutations of tables", mutation_kinds(report), _kind_anchor)
        ),
        _section("survivors", "Mutations that no attack noticed", *map(_finding, failed(mutations))),
        _section("coverage", "Policies", *_coverage(report)),
        _section("attacks", "What each attack tries, and why", *_attacks(attacks)),
        _section("kinds", "What each mutation breaks", *_kinds(report)),
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


def _matrix(label: str, trials: Sequence[Trial], anchor: Callable[[Trial], str]) -> Markup:
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
                element(
                    "th", element("a", _breakable(_without_schema(table)), href=f"#{_table_anchor(table)}"), scope="row"
                ),
                *(_cell(cells.get((table, name)), anchor) for name in names),
            )
            for table in tables
        )
        bodies.append(element("tbody", *([heading] if schema else []), *rows))
    return _scrolling(label, head, *bodies, class_="matrix")


def _legend(trials: Sequence[Trial]) -> str:
    good = sum(trial.good for trial in trials)
    return f"✓ {good:,}  ✗ {len(trials) - good:,}"


def _column_heading(name: str) -> Markup:
    return element("th", element("a", name.replace("_", " "), href=_description(name)), scope="col")


def _cell(trial: Trial | None, anchor: Callable[[Trial], str]) -> Markup:
    if trial is None:
        return element("td", "·")
    title = f"{trial.name} on {trial.table}: {trial.verdict}"
    link = element("a", "✓" if trial.good else "✗", href=f"#{anchor(trial)}", title=title)
    return element("td", link, class_=None if trial.good else "bad")


def _coverage(report: Report) -> list[Markup]:
    if not report.coverage:
        return []
    words = f"{report.covered} % of {len(report.coverage):,} policies were asked."
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
        shown += [element("h3", "Nobody asked"), _scrolling("Nobody asked", heading, *untouched, class_="list")]
    if touched:
        words = "How often each was asked"
        frame = _scrolling(words, heading, *touched, class_="list")
        shown.append(element("details", element("summary", words), frame))
    return shown


def _scrolling(label: str, *rows: Markup, class_: str) -> Markup:
    """A table in a frame of its own, focusable, so that a keyboard scrolls it."""
    return element("div", element("table", *rows), class_=class_, tabindex="0", role="region", aria_label=label)


def _attacks(trials: Sequence[Trial]) -> list[Markup]:
    """A paragraph for each attack of the report."""
    known = _described()
    shown = []
    for name, mine in grouped(trials, lambda trial: trial.name).items():
        leaked = len(failed(mine))
        count = f"{len(mine) - leaked:,} held" + (f", {leaked:,} leaked" if leaked else "")
        heading = element("h3", name.replace("_", " "), " ", element("small", count, class_=_good(not leaked)))
        words = [element("p", known[name].tries), element("p", known[name].why)] if name in known else []
        shown.append(element("article", heading, *words, id=_attack_anchor(name)))
    return shown


def _kinds(report: Report) -> list[Markup]:
    """A paragraph for each mutation of the report."""
    breaks = {mutation.name: mutation.breaks for mutation in all_mutations()}
    shown = []
    for kind, number in Counter(one.kind for one in report.mutations).items():
        heading = element("h3", kind.replace("_", " "), " ", element("small", f"{number:,} made"))
        words = [element("p", breaks[kind])] if kind in breaks else []
        shown.append(element("article", heading, *words))
    return shown


def _described() -> dict[str, Attack]:
    return {attack.name: attack for attack in all_attacks()}


def _description(name: str) -> str | None:
    """The address of what an attack tries; mutations have none."""
    return f"#{_attack_anchor(name)}" if name in _described() else None


def _evidence(attacks: Iterable[Trial], mutations: Iterable[Trial]) -> list[Markup]:
    """A section for each table: each attack to be opened, and what noticed each mutation."""
    shown = []
    tried, broken = (grouped(trials, lambda trial: trial.table) for trials in (attacks, mutations))
    for table in sorted(tried | broken):
        attacked, mutated = tried.get(table, []), broken.get(table, [])
        wrong = len(failed([*attacked, *mutated]))
        count = f"{wrong:,} of {len(attacked) + len(mutated):,} went wrong" if wrong else "held"
        summary = element("summary", table, " ", element("small", count, class_=_good(not wrong)))
        killed = [element("li", f"{one.name}: ", element("small", one.verdict)) for one in mutated]
        lists = [element("h4", "Mutations"), element("ul", *killed)] if killed else []
        # The anchor is inside: browsers open what holds the target of a link.
        body = element("div", *map(_trial, attacked), *lists, id=_table_anchor(table))
        shown.append(element("details", summary, body, class_="table"))
    return shown


def _trial(trial: Trial) -> Markup:
    summary = element("summary", f"{trial.name} ", element("small", trial.verdict, class_=_good(trial.good)))
    return element("details", summary, _statements(trial, anchor=_trial_anchor(trial)))


def _finding(trial: Trial) -> Markup:
    name = element("a", trial.name.replace("_", " "), href=_description(trial.name))
    table = element("a", trial.table, href=f"#{_table_anchor(trial.table)}")
    return element("article", element("h3", name, " on ", table), _statements(trial), id=_finding_anchor(trial))


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


def _breakable(name: str) -> Markup:
    """A name that may be broken after an underscore."""
    first, *others = name.split("_")
    return together(first, *(together("_", Markup("<wbr>"), other) for other in others))


# Names are quoted in anchors, so that a table called like an attack or a section has another one.


def _attack_anchor(name: str) -> str:
    return f"attack:{quote(name, safe='')}"


def _table_anchor(table: str) -> str:
    return f"table:{quote(table, safe='')}"


def _trial_anchor(trial: Trial) -> str:
    return f"{quote(trial.table, safe='')}/{quote(trial.name, safe='')}"


def _finding_anchor(trial: Trial) -> str:
    return f"found:{_trial_anchor(trial)}"


def _kind_anchor(trial: Trial) -> str:
    """Survivors are shown in full; of what was killed, its table says by whom."""
    return _table_anchor(trial.table) if trial.good else "survivors"
