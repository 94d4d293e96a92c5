"""The article's figures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad
from comparisons import article
from comparisons.article import LISTINGS, Listing, Published, Reproduction

MARKS = {"torch": [pytest.mark.torch], "tensorflow": [pytest.mark.tensorflow]}
EACH = [
    pytest.param(listing, id=listing.library, marks=MARKS.get(listing.library, []))
    for listing in LISTINGS
]


@pytest.mark.parametrize("listing", EACH)
def test_a_listing_comes_again_in_both(listing: Listing) -> None:
    reproduction = article.reproduce(listing)
    assert reproduction.skipped() is None
    assert reproduction.wrong() == []
    assert article.table(reproduction).row_count == len(listing.published)


def test_the_published_figures_are_all_there() -> None:
    counts = [len(listing.published) for listing in LISTINGS]
    assert counts == [4, 3, 30]
    third = LISTINGS[2].published
    assert third["step 0: w"].text == "0.41164938"
    assert third["step 1800: loss"].text == "0.0040"
    assert third["step 1800: b"].text == "2.1282382"


@pytest.mark.parametrize(
    "published, right, wrong",
    [
        (Published("2.98927619", decimals=8), 2.989276194, 2.989276196),
        (Published("0.0040", decimals=4), 0.00404, 0.0039499),
        (Published("2.1282382", rtol=2e-6), 2.1282382 * (1 + 1.9e-6), 2.1282382 * (1 + 2.1e-6)),
    ],
)
def test_how_closely_a_figure_has_to_come_again(
    published: Published, right: float, wrong: float
) -> None:
    assert published.matches(right)
    assert not published.matches(wrong)
    assert not published.matches(float("nan"))
    assert re.fullmatch(r"\d\.\d+", published.show(right))
    assert len(published.show(right)) == len(published.text)


def test_a_wrong_figure_and_a_missing_package_are_told_apart() -> None:
    listing = Listing(
        "listing 0, abacus",
        {"w": Published("1.5", decimals=1)},
        "no_such_package",
        dict,
        lambda: {"w": 1.75},
    )
    reproduction = article.reproduce(listing)
    assert reproduction == Reproduction(listing, "no_such_package is not installed", {"w": 1.75})
    assert reproduction.wrong() == ["listing 0, abacus, minigrad: w"]
    assert reproduction.skipped() == (
        "listing 0, abacus, no_such_package: skipped, no_such_package is not installed"
    )


MINIGRAD_ALONE = """
import sys
sys.modules["torch"] = sys.modules["tensorflow"] = None
from comparisons.article import LISTINGS
for listing in LISTINGS:
    figures = listing.again()
    assert all(published.matches(figures[name]) for name, published in listing.published.items())
"""


def test_minigrad_needs_neither_torch_nor_tensorflow_to_reproduce_them() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", MINIGRAD_ALONE], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.torch
def test_the_second_listing_is_the_same_to_the_last_bit() -> None:
    assert article.listing_2("minigrad") == article.listing_2("torch")


def test_the_second_listing_leaves_the_generator_as_it_was() -> None:
    state = minigrad.get_rng_state()
    article.listing_2("minigrad")
    assert minigrad.equal(minigrad.get_rng_state(), state)


def test_the_static_graph_computes_from_its_placeholders() -> None:
    """The article's slip, as text: inside the graph only x and y are named, never the arrays."""
    source = Path(article.__file__).read_text(encoding="utf-8")
    graph = source[source.index("x = v1.placeholder") : source.index("with v1.Session")]
    assert "problem." not in graph
    assert "feed_dict={x: problem.x, y: problem.y}" in source
