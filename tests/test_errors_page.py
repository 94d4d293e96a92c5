"""docs/errors.md: every snippet there fails on torch too, with the same type and first sentence."""

import re
import textwrap
from pathlib import Path

import pytest

from tests.judge import both_raise

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
CELLS = re.findall(
    r"^### (.*?)$(?:(?!^###).)*?raises-exception.*?\n\n(.*?)```",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.torch
@pytest.mark.parametrize("title, code", CELLS, ids=[title for title, _ in CELLS])
@pytest.mark.filterwarnings("ignore")
def test_snippet(title, code):
    both_raise(lambda t: exec(textwrap.dedent(code), {"torch": t}))


def test_the_page_was_understood():
    assert len(CELLS) >= 20
