"""The table and the page."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from comparisons import compare, report
from comparisons.compare import Comparison
from comparisons.contract import Engine, Train
from comparisons.problem import draw_problem
from comparisons.schedule import Schedule


def broken(*_: object) -> None:
    raise ArithmeticError("<no> & such")


@pytest.fixture
def comparison(made_up: Callable[..., Engine], slanted: Callable[..., Train]) -> Comparison:
    """A right, a wrong, a broken and a missing engine."""
    engines = [
        replace(made_up(slanted()), name="right", title="right"),
        replace(made_up(slanted(1.001)), name="wrong", title="wrong"),
        replace(made_up(broken), name="broken", title="broken"),
        replace(made_up(broken, "no_such_package"), name="absent", title="absent"),
    ]
    return compare.run(engines, *draw_problem(), Schedule(steps=30))


def test_the_summary(comparison: Comparison) -> None:
    assert report.summary(comparison) == (
        "y = w x² + b from 100 points (numpy RandomState, seed 100, noise 0.2) in float64; "
        "30 steps of batch descent, 100 samples each, lr 0.001, "
        "from w = 0.77828922, b = 0.77959840."
    )


def test_a_row_says_what_happened(comparison: Comparison) -> None:
    rows = [dict(zip(report.HEADINGS, report.cells(r), strict=True)) for r in comparison.results]
    by_hand, right, wrong, failed, absent = rows
    assert by_hand["verdict"] == "reference"
    assert by_hand["distance"] == ""
    assert by_hand["ratio"] == "1.00"
    _, trajectory = comparison.trained[0]
    assert by_hand["w"] == f"{trajectory.w[-1]:.6f}"
    assert right["verdict"] == "agrees"
    assert float(right["share"]) <= 1
    assert wrong["verdict"] == "disagrees"
    assert float(wrong["share"]) > 1
    assert float(wrong["distance"]) > 1e-6
    for row, verdict in ((failed, "failed"), (absent, "skipped")):
        assert row["verdict"] == verdict
        assert {row[name] for name in ("w", "loss", "distance", "share", "ratio")} == {""}


def test_the_notes_and_the_conclusion(comparison: Comparison) -> None:
    *notes, time = report.notes(comparison)
    assert notes == [
        "wrong disagrees: first in dw, step 0.",
        "broken failed: ArithmeticError: <no> & such.",
        "absent skipped: no_such_package is not installed.",
    ]
    assert re.fullmatch(r"A step of numpy by hand took \d+\.\d µs\.", time)
    told = report.conclusion(comparison)
    assert told == "Beside the hand-derived one: 1 agrees, 1 disagrees, 1 failed, 1 skipped."

    def only(*places: int) -> str:
        results = tuple(comparison.results[place] for place in places)
        return report.conclusion(replace(comparison, results=results))

    assert only(0) == "Nothing was compared with the hand-derived gradients."
    assert only(0, 1).startswith("The engine agreed")
    assert only(0, 1, 1).startswith("All 2 engines agreed")
    diverged = compare.run([], *draw_problem(), Schedule(lr=1, steps=400), timed=False)
    assert "from lr = 0.01776 on" in report.conclusion(diverged)


def test_the_table_fits_its_width(comparison: Comparison) -> None:
    from comparisons.cli import WIDTH
    from comparisons.engines import ENGINES

    longest = max((engine.title for engine in ENGINES), key=len)
    results = [replace(r, engine=replace(r.engine, title=longest)) for r in comparison.results]
    out = io.StringIO()
    Console(file=out, width=WIDTH).print(report.table(replace(comparison, results=tuple(results))))
    assert "…" not in out.getvalue()
    for result in results:
        for cell in report.cells(result):
            assert cell in out.getvalue()


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects them."""

    VOID = ("meta", "img", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_but_itself(comparison: Comparison, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG picture")
    text = report.page(comparison, {"A caption & more": picture})
    page = Page()
    page.feed(text)
    assert page.open == []
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe", "object"} & set(tags)
    for _, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on")}
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "://" not in text
    assert "url(" not in text
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert image == {"src": "data:image/png;base64,iVBORyBwaWN0dXJl", "alt": "A caption & more"}
    assert tags.count("tr") == 1 + len(comparison.results)
    assert "ArithmeticError: &lt;no&gt; &amp; such" in text
    assert "m + 11 = 111 roundings" in text
    assert str(tmp_path) not in text
