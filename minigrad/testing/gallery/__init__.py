"""A gallery of wrong engines, each minigrad with one mistake, that the tests must catch.

    from minigrad.testing.gallery import GALLERY

    with GALLERY["softmax-by-element"].made():
        ...                 # here softmax has the derivative of an elementwise function

``python -m minigrad.testing.gallery`` lists them; with ``--suite`` it runs the tests against each.
"""

from __future__ import annotations

from minigrad.testing.gallery.arrays import ARRAYS
from minigrad.testing.gallery.elementwise import ELEMENTWISE
from minigrad.testing.gallery.mistake import Edit, Mistake
from minigrad.testing.gallery.networks import NETWORKS
from minigrad.testing.gallery.optimizers import OPTIMIZERS
from minigrad.testing.gallery.passes import PASSES
from minigrad.testing.gallery.recording import RECORDING

__all__ = ["GALLERY", "THEMES", "VARIABLE", "Edit", "Mistake"]

# The variable of the environment that makes the tests run against a wrong engine, by its name.
VARIABLE = "MINIGRAD_WRONG_ENGINE"

# The themes in the order of a lesson, each with its mistakes.
THEMES = {
    "The backward pass": PASSES,
    "What is recorded": RECORDING,
    "Functions of one element": ELEMENTWISE,
    "Arrays": ARRAYS,
    "Networks": NETWORKS,
    "Optimizers": OPTIMIZERS,
}

GALLERY: dict[str, Mistake] = {
    mistake.name: mistake for mistakes in THEMES.values() for mistake in mistakes
}
