"""`assert_gradients_agree`: what it compares, what it says, and that it sees what is wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, ClassVar

import numpy as np
import pytest

import minigrad
from minigrad.testing import Engine, Ledger, TorchLike, assert_gradients_agree
from minigrad.testing.ledger import AGREES
from tests.judge import data

OWN = ["minigrad", "complex step", "differences"]


def loss(xp: Any, w: Any, x: Any) -> Any:
    h = xp.tanh(x @ w)
    return xp.sum(h * xp.exp(-h)) + xp.mean(h) ** 2


def points(dtype: Any = np.float64) -> tuple[np.ndarray, np.ndarray]:
    return data(3, 2).astype(dtype), data(4, 3, seed=1).astype(dtype)


@pytest.mark.torch
@pytest.mark.tensorflow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_all_engines_agree(dtype: str) -> None:
    ledger = assert_gradients_agree(loss, *points(dtype), order=2)
    assert not ledger.skipped
    assert len({row.engine for row in ledger.rows}) == 6
    quantities = list(dict.fromkeys(row.quantity for row in ledger.rows))
    assert quantities == [
        "value",
        "gradient of w",
        "gradient of x",
        "second derivative of w",
        "second derivative of x",
    ]
    assert str(ledger).endswith("All 6 engines agree.")
    # Rounding alone uses up a small share of what it is allowed.
    assert all(row.share < 0.2 for row in ledger.rows if row.engine in ("torch", "tensorflow"))


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


def test_integers_and_masks_are_constants() -> None:
    def f(xp: Any, x: Any, mask: Any, counts: Any) -> Any:
        return xp.sum(xp.where(mask, x * counts, x * x))

    ledger = assert_gradients_agree(
        f, data(3), np.array([True, False, True]), np.array([1, 2, 3]), engines=OWN
    )
    assert [row.quantity for row in ledger.rows if row.engine == "minigrad"] == [
        "value",
        "gradient of x",
    ]


class Wrong(TorchLike):
    """minigrad with a mistake: half of the derivative of tanh, or a use that is not counted."""

    def __init__(self, **names: Any) -> None:
        super().__init__("wrong", minigrad)
        self.NAMES = {**TorchLike.NAMES, **names}  # type: ignore[misc]


def halved(x: Any) -> Any:
    return (x.tanh() + x.tanh().detach()) / 2


def disagreement(engine: Engine, f: Any = loss, **settings: Any) -> str:
    with pytest.raises(AssertionError) as error:
        assert_gradients_agree(f, *points(), engines=[engine, *OWN], **settings)
    return str(error.value)


def test_a_wrong_engine_is_named_and_the_operation_it_comes_from() -> None:
    """It is named although it comes first: the others outvote it."""
    said = disagreement(Wrong(tanh=halved))
    assert "These agree: minigrad, complex step, differences. These do not: wrong." in said
    assert "gradient of w at [0, 0]: wrong " in said
    assert "It comes from v1 = xp.tanh(v0) (test_agreement.py:" in said
    assert "its gradient of operand 0 at [0, 0] is" in said


def test_a_small_relative_error_is_seen() -> None:
    said = disagreement(Wrong(tanh=lambda x: x.tanh() + (x - x.detach()) * 1e-11))
    assert "It comes from v1 = xp.tanh(v0)" in said


def test_second_derivatives_are_searched_too() -> None:
    def tanh(x: Any) -> Any:  # its derivative is a constant to the next one
        out = x.tanh().detach()
        return out + (1 - out * out) * (x - x.detach())

    assert_gradients_agree(loss, *points(), engines=[Wrong(tanh=tanh), *OWN])
    said = disagreement(Wrong(tanh=tanh), order=2)
    assert "second derivative of w at" in said
    assert "It comes from v1 = xp.tanh(v0)" in said


def test_a_mistake_between_the_operations_is_placed_where_it_shows_first() -> None:
    def uses(y: Any, x: Any) -> int:
        nodes, count = [y.grad_fn], 0
        while nodes:
            node = nodes.pop()
            count += getattr(node, "variable", None) is x
            nodes += [n for n, _ in node.next_functions if n is not None]
        return count

    class Forgetful(TorchLike):
        """Halves what arrives at a leaf that is used twice, as no single operation uses it."""

        def gradients(self, f: Any, xs: Any, again: bool = False) -> Any:
            y, found = super().gradients(f, xs, again)
            y = f(*xs)
            return y, [g / (1 + (uses(y, x) > 1)) for x, g in zip(xs, found, strict=True)]

    with pytest.raises(AssertionError) as error:
        assert_gradients_agree(
            lambda xp, x: xp.sum(xp.sin(x) * xp.exp(x)),
            data(3),
            engines=[*OWN, Forgetful("forgetful", minigrad)],
        )
    said = str(error.value)
    assert "It appears first in v2 = v0 * v1 (test_agreement.py:" in said
    assert "\n    v0 = xp.sin(x)\n    v1 = xp.exp(x)\n    v2 = v0 * v1\n" in said


def test_a_dtype_and_a_shape_that_are_not_the_inputs_are_errors() -> None:
    class Wide(TorchLike):
        def numpy(self, x: Any) -> Any:
            return super().numpy(x).astype(np.float64)

    with pytest.raises(AssertionError, match=r"disagrees: float64\[3, 2\], not float32\[3, 2\]"):
        assert_gradients_agree(loss, *points(np.float32), engines=["minigrad", Wide("w", minigrad)])


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


def test_engines_part_at_a_tie_and_approximations_keep_out() -> None:
    ledger = assert_gradients_agree(
        lambda xp, x: xp.sum(xp.maximum(x, 0.0) + xp.abs(x)), np.array([0.0, 1.0]), engines=OWN
    )
    for engine in OWN[1:]:
        row = ledger.row("gradient of x", engine)
        assert row.note == " (1 of 2 entries at a kink not compared)"
        assert np.isnan(row.value).tolist() == [True, False]


def test_a_kink_near_by_does_not_disturb_the_differences() -> None:
    def f(xp: Any, x: Any) -> Any:
        return xp.sum(xp.maximum(x, 1e-3) * xp.sin(x))

    ledger = assert_gradients_agree(f, np.array([0.0, 0.01, -0.01]), engines=OWN, order=1)
    assert ledger.row("gradient of x", "differences").verdict == AGREES


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


def test_ill_conditioned_is_no_agreement() -> None:
    def f(xp: Any, x: Any) -> Any:
        return xp.sum((xp.exp(x) + 1e12 - 1e12) ** 2)

    exact = TorchLike("minigrad")
    other = Wrong(exp=lambda x: x.exp() * (1 + 1e-6))
    with pytest.raises(AssertionError, match="ill-conditioned"):
        assert_gradients_agree(f, data(3), engines=[exact, other])


def test_an_error_names_the_engine() -> None:
    with pytest.raises(AssertionError, match="minigrad raises RuntimeError: "):
        assert_gradients_agree(lambda xp, x: x @ x, data(2, 3), engines=OWN)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"order": 3}, "order must be 1 or 2; got 3"),
        ({"engines": ["jax"]}, "there is no engine 'jax'; there are minigrad, torch, tensorflow"),
        ({"engines": ["minigrad"]}, "fewer than two engines"),
    ],
)
def test_bad_arguments_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        assert_gradients_agree(lambda xp, x: xp.sum(x), data(3), **settings)
    with pytest.raises(ValueError, match="no array of floats"):
        assert_gradients_agree(lambda xp, x: xp.sum(x), np.arange(3), engines=OWN)


def test_the_ledger_is_the_table_that_it_prints() -> None:
    ledger = assert_gradients_agree(lambda xp, x: xp.sum(x * x), data(2), engines=OWN)
    assert isinstance(ledger, Ledger)
    lines = str(ledger).splitlines()
    assert lines[0].split() == ["value", "distance", "relative", "ulps", "share"]
    assert lines[1].split()[0] == "minigrad"
    assert lines[1].endswith("reference")
    assert lines[-1] == "All 3 engines agree."
    assert max(map(len, lines)) <= 100
    with pytest.raises(KeyError):
        ledger.row("value", "jax")


def test_importing_it_needs_numpy_alone() -> None:
    code = (
        "import sys; import minigrad; assert 'minigrad.testing' not in sys.modules\n"
        "import minigrad.testing, minigrad.testing.oracles\n"
        "print(*sorted({'torch', 'tensorflow', 'hypothesis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == [], done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
