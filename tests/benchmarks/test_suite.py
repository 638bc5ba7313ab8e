"""The benchmark suite works: it measures what it says, and says what it measured. No timing is held to anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import app
from benchmarks.comparison import Comparison
from benchmarks.environment import Environment
from benchmarks.ground import Ground, Size
from benchmarks.page import write
from benchmarks.result import Result
from benchmarks.rounds import interleave
from benchmarks.target import Target
from benchmarks.transport import FAR, LOOPBACK, SOCKET, Transport
from benchmarks.workload import workloads
from tenancy.embedded import EmbeddedServer

ROOT = Path(__file__).parents[2]
TINY = Size(scale=0.002, tenants=20, rounds=2, thorough=False)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with EmbeddedServer.temporary(port=0) as server:
        yield Ground(server, TINY)


@pytest.fixture(scope="module")
def committed() -> list[Result]:
    """What was measured for the page."""
    return [Result.load(path) for path in sorted((ROOT / "benchmarks" / "results").glob("*.json"))]


@pytest.mark.parametrize("name", workloads())
async def test_a_workload_measures(ground: Ground, tmp_path: Path, name: str) -> None:
    """Each workload runs on a real server, gives comparisons with their baseline, and they survive their file."""
    workload = workloads()[name]
    comparisons = [comparison async for comparison in workload.measure(ground)]
    assert comparisons
    assert len({(one.group, one.title) for one in comparisons}) == len(comparisons)
    for comparison in comparisons:
        measured = {one.contestant: one for one in comparison.measurements}
        assert len(measured) == len(comparison.measurements) > 1
        assert measured[comparison.baseline].ratio.median == 1
        assert all(0 < one.seconds.low <= one.seconds.median <= one.seconds.high for one in comparison.measurements)
    result = Result(
        workload=name,
        command="make bench",
        data=workload.data(TINY),
        environment=Environment.here(await ground.version()),
        comparisons=comparisons,
    )
    result.save(tmp_path)
    assert Result.load(tmp_path / f"{name}.json") == result


def test_the_page_shows_every_comparison_and_every_target(committed: list[Result], tmp_path: Path) -> None:
    """The page has a line for each, and every plot that it shows is there."""
    page = write(committed, tmp_path).read_text()
    assert {result.workload for result in committed} == set(workloads())
    for result in committed:
        assert all(f"| {target.what} | {target.goal} |" in page for target in workloads()[result.workload].targets)
        assert all(f"| {comparison.title} |" in page for comparison in result.comparisons)
    shown = {line.partition("(")[2].rstrip(")") for line in page.splitlines() if line.startswith("![")}
    assert shown == {f"performance/{path.name}" for path in (tmp_path / "performance").iterdir()}


def test_the_page_is_that_of_the_committed_results(committed: list[Result], tmp_path: Path) -> None:
    """docs/performance.md is written from benchmarks/results/*.json, and from nothing else."""
    assert write(committed, tmp_path).read_text() == (ROOT / "docs" / "performance.md").read_text()


@pytest.mark.parametrize("transport", [SOCKET, LOOPBACK, FAR], ids=lambda transport: transport.name)
async def test_a_transport_reaches_the_server_and_delays(ground: Ground, transport: Transport) -> None:
    """A round trip takes at least the delay of both ways."""
    place = await ground.place("transports")
    with transport.reach(ground.server.url(), await ground.tcp_port()) as url:
        connection = await asyncpg.connect(place.url("bench_plain", url))
        started = time.perf_counter()
        assert await connection.fetchval("SELECT 1") == 1
        assert time.perf_counter() - started >= 2 * transport.delay
        await connection.close()


async def test_rounds_are_interleaved() -> None:
    """Every contestant takes part in every round once, in an order that changes; what warms up is not counted."""
    seen: list[tuple[int, str]] = []

    def batch(name: str, seconds: float):
        async def run(number: int) -> float:
            seen.append((number, name))
            return seconds

        return run

    timings = await interleave({name: batch(name, seconds) for name, seconds in zip("abc", (1, 2, 3), strict=True)}, 20)
    assert timings == {"a": [1] * 20, "b": [2] * 20, "c": [3] * 20}
    rounds = [tuple(name for number, name in seen if number == wanted) for wanted in range(-1, 20)]
    assert [number for number, _ in seen] == sorted(number for number, _ in seen)
    assert {frozenset(one) for one in rounds} == {frozenset("abc")}
    assert len(set(rounds)) > 1


def test_a_ratio_is_taken_within_each_round() -> None:
    """A slow round slows all: the median of the ratios, not the ratio of the medians."""
    timings = {"plain": [1.0, 10.0, 1.0], "ours": [2.0, 20.0, 2.0], "odd": [1.0, 10.0, 9.0]}
    comparison = Comparison.of("group", "title", timings, "plain", {"ours": {"round trips": 2}})
    ratios = {one.contestant: one.ratio for one in comparison.measurements}
    assert (ratios["ours"].low, ratios["ours"].median, ratios["ours"].high) == (2, 2, 2)
    assert (ratios["odd"].low, ratios["odd"].median, ratios["odd"].high) == (1, 1, 5)


def test_targets_speak_of_what_they_name() -> None:
    """By pattern, by contestant, by fact, and by how long the baseline takes."""
    comparisons = [
        Comparison.of("local", "get", {"plain": [1e-3], "ours": [1.2e-3]}, "plain", {"ours": {"round trips": 2}}),
        Comparison.of("far", "get", {"plain": [1e-2], "ours": [0.9e-2]}, "plain"),
    ]
    assert Target("", "ours", at_most=1).figures(comparisons) == {"local / get": 1.2, "far / get": 0.9}
    assert Target("", "ours", "far / .*", at_most=1).figures(comparisons) == {"far / get": 0.9}
    assert Target("", "ours", at_most=1, seconds=(0, 5e-3)).figures(comparisons) == {"local / get": 1.2}
    assert Target("", "ours", at_most=2, fact="round trips").figures(comparisons) == {"local / get": 2}
    assert Target("", "nobody", at_most=1).figures(comparisons) == {}
    assert [Target("", "", at_most=1).reached(one) for one in (0.9, 1.0, 1.1)] == [True, True, False]
    assert [Target("", "", at_least=1).reached(one) for one in (0.9, 1.0, 1.1)] == [False, True, True]


def test_an_unknown_workload_is_refused_with_the_names_of_the_known() -> None:
    """Before any server is started."""
    answer = CliRunner().invoke(app, ["--only", "nothing"])
    assert answer.exit_code == 2
    assert "unit" in answer.output
