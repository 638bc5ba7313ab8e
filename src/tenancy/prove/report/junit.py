"""The report as JUnit XML, which CI servers show: a suite for each table, a case for each attack or mutation on it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tenancy.prove.report.trial import Trial, attack_trials, condensed, grouped, mutation_trials
from tenancy.prove.report.values import WHOLE_DATABASE, Report

#: What XML cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(report: Report) -> str:
    """The document; attacks that were not tried are skipped cases of the whole database."""
    root = Element("testsuites", name="isolation proof", time=f"{report.seconds:.3f}")
    suites = grouped([*attack_trials(report), *mutation_trials(report)], lambda trial: trial.table)
    if report.left_out:
        suites.setdefault(WHOLE_DATABASE, [])
    for table, mine in suites.items():
        suite = SubElement(root, "testsuite", name=_text(table), timestamp=f"{report.finished:%Y-%m-%dT%H:%M:%S}")
        for trial in mine:
            _add_case(suite, trial)
        for attack in report.left_out if table == WHOLE_DATABASE else ():
            case = SubElement(suite, "testcase", classname=_text(table), name=_text(attack))
            SubElement(case, "skipped", message="needs rows that other connections see")
        _count(suite, sum(trial.seconds for trial in mine))
    _count(root, report.seconds)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_case(suite: Element, trial: Trial) -> None:
    case = SubElement(
        suite, "testcase", classname=_text(trial.table), name=_text(trial.name), time=f"{trial.seconds:.3f}"
    )
    if not trial.good:
        failure = SubElement(case, "failure", type=trial.verdict)
        failure.set("message", _text(f"{trial.name} on {trial.table}: {trial.verdict}"))
        failure.text = _text("\n".join(_lines(trial)))


def _lines(trial: Trial) -> list[str]:
    return [
        f"{one.sql}{times}\n  expected {one.expected}\n  got      {one.answer}"
        for one, times in condensed(trial.evidence)
    ]


def _count(element: Element, seconds: float) -> None:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
    element.set("errors", "0")
    element.set("time", f"{seconds:.3f}")


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
