"""Runs tests against wrong engines, in one process, and says which of them fail.

    python tests/testing/run_against_gallery.py            the tests that each mistake names
    python tests/testing/run_against_gallery.py NAME... -- tests/ops/test_bounds.py

Prints a JSON object: for each mistake the outcome of each test, without it and with it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from minigrad.testing.gallery import GALLERY  # noqa: E402


class Runner:
    """A plugin that runs what was collected once as it is, and then under each mistake."""

    def __init__(self, wanted: dict[str, set[str] | None]) -> None:
        self.wanted = wanted
        self.outcomes: dict[str, dict[str, list[str]]] = {name: {} for name in wanted}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        right: dict[str, str] = {}
        for name, ids in self.wanted.items():
            for item in session.items:
                if ids is not None and not any(belongs(item.nodeid, wanted) for wanted in ids):
                    continue
                if item.nodeid not in right:
                    right[item.nodeid] = run(item)
                with GALLERY[name].made():
                    wrong = run(item)
                self.outcomes[name][item.nodeid] = [right[item.nodeid], wrong]
        return True


def belongs(nodeid: str, wanted: str) -> bool:
    """Whether a test is the wanted one, or one of its parameters'."""
    return nodeid == wanted or nodeid.startswith(f"{wanted}[")


def run(item: Any) -> str:
    """passed, failed or skipped."""
    item._initrequest()  # as if it had not run before
    reports = runtestprotocol(item, nextitem=None, log=False)
    outcomes = {report.outcome for report in reports}
    return "failed" if "failed" in outcomes else "skipped" if "skipped" in outcomes else "passed"


def main(arguments: list[str]) -> None:
    names, _, files = " ".join(arguments).partition("--")
    chosen = names.split() or list(GALLERY)
    wanted = {name: None if files else set(GALLERY[name].tests) for name in chosen}
    ids = files.split() or sorted({test for name in chosen for test in GALLERY[name].tests})
    runner = Runner(wanted)
    stdout = os.dup(1)
    os.dup2(2, 1)  # what tests and pytest print does not belong to the answer
    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *ids], [runner])
    with os.fdopen(stdout, "w") as answer:
        json.dump(runner.outcomes, answer)


if __name__ == "__main__":
    main(sys.argv[1:])
