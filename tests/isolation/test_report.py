"""What a report shows of mutations, of the use of policies, and of what was left out."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console, RenderableType

from tenancy.prove import Outcome, Report, html_page, junit_xml
from tenancy.prove.report import WHOLE_DATABASE, MutationOutcome, PolicyUse
from tenancy.prove.report.terminal import findings, mutation_overview, verdict
from tenancy.prove.transaction import Evidence

DROPPED = Evidence("DROP POLICY basket_guard ON shop.basket", "done", "done", as_expected=True)
EMPTY = Evidence("SELECT id FROM shop.basket", "no rows", "no rows", as_expected=True)
FULL = replace(EMPTY, answer="4 rows: (1), (2), (3), …", as_expected=False)


@pytest.fixture
def report() -> Report:
    """Everything held, one mutation of three survived, and one policy of two was never asked."""
    return Report(
        (Outcome("select", "shop.basket", held=True, evidence=(EMPTY, EMPTY), seconds=0.1),),
        server_version="18.4",
        role="shop_login",
        seconds=61.5,
        left_out=("pooled_connection",),
        mutations=(
            MutationOutcome("drop_guard", "shop.basket", "guard", (DROPPED, FULL), 0.1),
            MutationOutcome("drop_guard", "shop.order", None, (DROPPED, EMPTY), 0.1),
            MutationOutcome("bypassrls", WHOLE_DATABASE, "unprivileged", (DROPPED, FULL), 0.1),
        ),
        coverage=(
            PolicyUse("shop.basket", "tenancy_app", "SELECT", "basket_select", 9),
            PolicyUse("shop.basket", "tenancy_app", "DELETE", "basket_delete", 0),
        ),
    )


def printed(*shown: RenderableType) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(*shown)
    return " ".join(capture.get().split())


def test_the_terminal_names_survivors_and_policies_that_nobody_asked(report: Report) -> None:
    """What survived is shown in full, and the verdict does not hide it."""
    shown = printed(*findings(report), verdict(report))
    assert f"SURVIVED drop_guard on shop.order {DROPPED.sql} done {EMPTY.sql} no rows" in shown
    assert "50 % of 2 policies were asked. never asked basket_delete on shop.basket: DELETE by" in shown
    assert "HELD, but attacks missed mutations" in shown
    assert "1 of 3 mutations survived, in 62 seconds; not tried: pooled_connection" in shown


def test_mutations_are_a_matrix_where_it_fits_and_a_line_each_where_not(report: Report) -> None:
    """Either tells where a mutation survived."""
    assert "shop.order · ✗" in printed(mutation_overview(report, 100))
    assert printed(mutation_overview(report, 10)).endswith(
        "mutation killed survived bypassrls 1 0 drop_guard 1 1 shop.order"
    )


def test_json_has_stable_keys(report: Report) -> None:
    """Programs that read it find the same keys whatever was tried."""
    found = json.loads(json.dumps(report.to_dict()))
    assert list(found) == [
        *("held", "pairs", "leaked", "server_version", "role", "finished", "seconds", "left_out"),
        *("outcomes", "survived", "mutations", "untouched", "coverage"),
    ]
    assert list(found["mutations"][0]) == ["mutation", "table", "killed_by", "evidence", "seconds"]
    assert list(found["coverage"][0]) == ["table", "role", "command", "policy", "times"]
    assert (found["survived"], found["untouched"], found["left_out"]) == (1, 1, ["pooled_connection"])
    assert list(found) == list(replace(report, mutations=(), coverage=(), left_out=()).to_dict())


def test_the_page_says_who_killed_a_mutation_and_shows_what_survived(report: Report) -> None:
    """The title is honest: a proof that missed a mutation is not simply held."""
    page = html_page(report)
    assert "<title>Isolation proof: held, but 1 mutation survived</title>" in page
    assert 'title="drop_guard on shop.basket: 1 killed"' in page
    assert 'href="#survivors" title="drop_guard on shop.order: 1 of 1 survived"' in page
    assert 'id="found:shop.order/drop_guard"' in page
    assert "50 % of 2 policies were asked." in page
    assert "<td>basket_delete</td>" in page
    assert "<dd>pooled_connection</dd>" in page
    assert page.count(EMPTY.sql) == 2  # once where the attack held, sent twice; once where the mutation survived
    assert "(2 times)" in page


def test_a_page_of_nothing_says_so(report: Report) -> None:
    """A proof that tried nothing has not held."""
    page = html_page(replace(report, outcomes=(), mutations=(), coverage=()))
    assert "<title>Isolation proof: nothing was tried</title>" in page


def test_junit_counts_survivors_as_failures_and_what_was_left_out_as_skipped(report: Report) -> None:
    """Control characters, which XML cannot hold, are replaced."""
    nul = Evidence("SELECT '\x00\x1b'", "no rows", "1 rows", as_expected=False)
    leaked = replace(report.outcomes[0], attack="get", held=False, evidence=(nul,))
    root = ET.fromstring(junit_xml(replace(report, outcomes=(*report.outcomes, leaked))))
    counts = [root.get(name) for name in ("tests", "failures", "skipped", "errors")]
    assert counts == ["6", "2", "1", "0"]
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    assert "SELECT '\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}'" in failures["get"].text
    assert [suite.get("name") for suite in root] == [WHOLE_DATABASE, "shop.basket", "shop.order"]
    assert failures["pooled_connection"] is None
