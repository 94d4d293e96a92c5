"""The engines that an agreement test compares: their names, what they skip, one of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from minigrad.testing import Engine, TorchLike, assert_gradients_agree
from minigrad.testing.gallery import GALLERY
from minigrad.testing.ledger import AGREES
from tests.judge import data

OWN = ["minigrad", "complex step", "differences"]

NAMES = {
    "sums": lambda xp, x: xp.sum(x, axis=0, keepdims=True) * xp.mean(x, axis=-1, keepdims=True),
    "extremes": lambda xp, x: xp.max(x, axis=1) + xp.min(x),
    "signs": lambda xp, x: xp.abs(x) * xp.maximum(x, 0.25) + xp.minimum(x, 0.5),
    "choice": lambda xp, x: xp.where(x > 0, xp.log(x * x + 1), xp.sqrt(x * x + 2)),
    "shapes": lambda xp, x: xp.reshape(xp.transpose(x), (2, -1)) ** 2,
    "joins": lambda xp, x: xp.concatenate([x, xp.stack([x[0], x[1] * 2], axis=0)], axis=0) ** 3,
    "axes": lambda xp, x: xp.expand_dims(x, 1) * xp.swapaxes(xp.expand_dims(x, 2), 1, 2)[:, :1],
    "scans": lambda xp, x: xp.cumsum(x, axis=1) * xp.cumprod(x, axis=0),
    "products": lambda xp, x: xp.matmul(x, xp.transpose(x)) + xp.einsum("ij,kj->ik", x, x),
    "powers": lambda xp, x: xp.power(xp.clip(x, -1.5, 1.5), 2) / xp.square(x) + xp.negative(x),
    "parts": lambda xp, x: (x[0], x[..., 1:] * 2, xp.broadcast_to(x[:, :1], (2, 3))),
    "waves": lambda xp, x: xp.sin(x) * xp.cos(x) + xp.arctan(x) - xp.sinh(x) / xp.cosh(x),
}


@pytest.mark.torch
@pytest.mark.tensorflow
@pytest.mark.parametrize("name", NAMES)
def test_numpys_names_mean_the_same_in_every_engine(name: str) -> None:
    ledger = assert_gradients_agree(NAMES[name], data(2, 3))
    assert not ledger.skipped


@pytest.mark.tensorflow
def test_tensorflow_is_skipped_where_it_does_not_mix_dtypes() -> None:
    engines = ["minigrad", "complex step", "tensorflow", "tensorflow graph"]
    ledger = assert_gradients_agree(lambda xp, x, n: x * n, data(3), np.arange(3), engines=engines)
    assert ledger.skipped.keys() == set(engines[2:])
    assert all(why.startswith("TensorFlow refuses it: ") for why in ledger.skipped.values())


def test_what_is_not_analytic_is_skipped_and_named() -> None:
    def f(xp: Any, x: Any) -> Any:
        return xp.sum(xp.exp(-xp.hypot(x, x)))

    ledger = assert_gradients_agree(f, data(3), engines=OWN)
    assert "complex step" in ledger.skipped
    assert "complex step     skipped: TypeError" in str(ledger)


def test_a_missing_name_and_a_missing_package_are_skipped_and_named() -> None:
    absent = TorchLike("no_such_library")
    ledger = assert_gradients_agree(
        lambda xp, x: xp.sum(xp.float_power(x, 2)), data(3), engines=[absent, *OWN]
    )
    assert ledger.skipped == {
        "no_such_library": "no_such_library is not installed",
        "minigrad": "xp.float_power is not among the names of minigrad here",
    }


class Forward(Engine):
    """An engine of one's own: dual numbers over numpy, forward mode, an entry at a time."""

    name = "forward"

    class xp:
        @staticmethod
        def sum(x: Any) -> Any:
            return Pair(x.value.sum(), x.slope.sum())

        @staticmethod
        def sin(x: Any) -> Any:
            return Pair(np.sin(x.value), np.cos(x.value) * x.slope)

    def tensor(self, array: Any, constant: bool = False) -> Any:
        return Pair(array, np.zeros_like(array))

    def gradients(self, f: Any, xs: Any, again: bool = False) -> Any:
        (x,) = xs
        columns = np.eye(x.value.size).reshape(-1, *x.value.shape)
        slopes = [f(Pair(x.value, column)).slope for column in columns]
        return f(x), [np.reshape(slopes, x.value.shape)]

    def numpy(self, x: Any) -> Any:
        return np.asarray(x.value if isinstance(x, Pair) else x)


class Pair:
    shape: ClassVar[tuple[int, ...]] = ()

    def __init__(self, value: Any, slope: Any) -> None:
        self.value, self.slope = value, slope

    def __mul__(self, other: Any) -> Any:
        slope = self.slope * other.value + self.value * other.slope
        return Pair(self.value * other.value, slope)


def test_an_engine_of_ones_own_takes_part() -> None:
    ledger = assert_gradients_agree(
        lambda xp, x: xp.sum(xp.sin(x) * x), data(2, 2), engines=["minigrad", Forward()]
    )
    assert ledger.row("gradient of x", "forward").verdict == AGREES


ALONE = """
import sys
import minigrad
assert "minigrad.testing" not in sys.modules
import minigrad.testing, minigrad.testing.oracles, minigrad.testing.gallery
assert not {"torch", "tensorflow", "hypothesis"} & set(sys.modules)
for name in ("torch", "tensorflow", "hypothesis"):
    sys.modules[name] = None  # as if it were not installed
print(minigrad.testing.assert_gradients_agree(lambda xp, x: xp.sum(x * x), [1.0, 2.0]))
print(minigrad.testing.diagnose("exp", lambda g, out: g * out))
try:
    from minigrad.testing import strategies
except ImportError as error:
    print(error)
try:
    from minigrad.testing.gallery.counterexamples import counterexample
    counterexample(minigrad.testing.gallery.GALLERY["no-order"])
except ImportError as error:
    print(error)
"""


def test_it_needs_numpy_alone() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-7:] == [
        "  torch            skipped: torch is not installed",
        "  tensorflow       skipped: tensorflow is not installed",
        "  tensorflow graph skipped: tensorflow is not installed",
        "All 3 engines agree.",
        "right: the derivative of exp by x",
        "random tests need hypothesis: pip install hypothesis",
        "the search needs hypothesis: pip install hypothesis",
    ]


@pytest.mark.torch
@pytest.mark.tensorflow
def test_the_readmes_example_prints_the_readmes_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    """But for the distances, which are rounding."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Testing your own gradients")[2].partition("\n## ")[0]
    _, program, _, ledger, told = section.split("```")
    exec(program.removeprefix("py\n"), {})
    printed, shown = capsys.readouterr().out.splitlines(), ledger.strip().splitlines()
    assert [line[:43].rstrip() for line in printed] == [line[:43].rstrip() for line in shown]
    assert [line.split()[-1] for line in printed] == [line.split()[-1] for line in shown]
    assert f"a gallery of {len(GALLERY)} wrong engines" in told


def test_what_cancels_within_a_derivative_is_in_doubt() -> None:
    """Of ``sum(a) + cos(a)`` the gradient is small beside its terms, and so are its differences."""

    def f(xp, a):
        return xp.sum(a), xp.cos(a)

    engines = ["minigrad", "complex step"]
    assert_gradients_agree(f, np.array(1.5371), engines=engines, order=2)
