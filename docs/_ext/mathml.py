"""Renders formulas as MathML while the pages are built: browsers read it without a script.

Formulas come from `$...$`, `$$...$$` and the math role and directive alike; Sphinx hands them all
over as `math` and `math_block` nodes. A formula that latex2mathml does not understand is a warning,
and so fails `make docs`, instead of being printed raw.
"""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# latex2mathml knows align*, and not the environments that mean the same inside a display.
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|align|split|gathered|gather)\*?\}")
# What it does not know it passes through as an identifier.
_UNKNOWN = re.compile(r"<m[ino]>(\\[A-Za-z]*|&(?:amp;)?)</m[ino]>")


def to_mathml(latex: str, display: str) -> str:
    """The MathML of `latex`, "inline" or "block".

    Raises:
        ValueError: it contains something that has no translation.
    """
    latex = _ALIGNED.sub(r"\\\1{align*}", latex.strip())
    if r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{align*}}{latex}\end{{align*}}"
    try:
        mathml = convert(latex, display=display)
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if unknown := _UNKNOWN.search(mathml):
        raise ValueError(f"no MathML for {unknown[1]}")
    return mathml


def _render(node: nodes.Element, display: str) -> str:
    latex = node.astext()
    try:
        return to_mathml(latex, display)
    except ValueError as error:
        logger.warning("cannot render the formula %r: %s", latex, error, location=node)
        return ""


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """An inline formula."""
    self.body.append(_render(node, "inline"))
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """A displayed formula, with its number if it has a label."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_render(node, "block"))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Registers the renderer under the name `mathml`."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
