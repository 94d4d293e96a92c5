"""`assert_gradients_agree`: what it compares, what it says, and that it sees what is wrong."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1, 3)])
def test_any_shape_and_several_outputs(shape: tuple[int, ...], dtype: str) -> None:
    def f(xp: Any, x: Any, y: Any) -> Any:
        return xp.exp(x) * y, xp.sum(x), [x > 0, x * x][1]

    x, y = data(*shape).astype(dtype), data(seed=1).astype(dtype)
    order = 1 if dtype == "float16" else 2  # which is too coarse for two
    ledger = assert_gradients_agree(f, x, y, engines=OWN, order=order)
    assert ledger.row("gradient of x", "minigrad").value.shape == shape
    assert ledger.row("gradient of y", "minigrad").value.dtype == dtype


def test_distances_are_measured_by_the_coarsest_dtype() -> None:
    x, y = data(3).astype(np.float32), data(3, seed=1)
    ledger = assert_gradients_agree(lambda xp, x, y: x * y, x, y, engines=OWN)
    assert ledger.row("gradient of x", "minigrad").value.dtype == np.float32
    assert ledger.row("gradient of y", "minigrad").value.dtype == np.float64


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


def test_engines_part_at_a_tie_and_approximations_keep_out() -> None:
    ledger = assert_gradients_agree(
        lambda xp, x: xp.sum(xp.maximum(x, 0.0) + xp.abs(x)), np.array([0.0, 1.0]), engines=OWN
    )
    for engine in OWN[1:]:
        row = ledger.row("gradient of x", engine)
        assert row.note == " (1 of 2 entries at a kink not compared)"
        assert np.isnan(row.value).tolist() == [True, False]
    ledger = assert_gradients_agree(lambda xp, x: xp.abs(x), np.array([0.0]), engines=OWN)
    assert ledger.row("gradient of x", "differences").verdict == "not compared"


def test_a_kink_near_by_does_not_disturb_the_differences() -> None:
    def f(xp: Any, x: Any) -> Any:
        return xp.sum(xp.maximum(x, 1e-3) * xp.sin(x))

    ledger = assert_gradients_agree(f, np.array([0.0, 0.01, -0.01]), engines=OWN, order=1)
    assert ledger.row("gradient of x", "differences").verdict == AGREES


def test_the_sum_that_a_gradient_is_rounds_at_each_term() -> None:
    """1 and -1 come between: (0.0008 + 1) - 1 is off by eps / 2, however exact 0.0008 is."""

    def f(xp: Any, a: Any) -> Any:
        b = xp.reshape(a, (-1,))
        zero = xp.tanh(a - a)
        row = xp.stack([b, b], axis=-1)
        square = xp.tanh(xp.matmul(row, xp.transpose(row)))
        return zero, square @ square

    assert_gradients_agree(f, np.array(0.0371))
    assert_gradients_agree(f, np.array(0.0371), order=2)


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
    with pytest.raises(ValueError, match="floats, integers or bools; got complex128"):
        assert_gradients_agree(lambda xp, x: xp.sum(x), np.array([1j]), engines=OWN)


@pytest.mark.parametrize("returned", [None, 3.0, {"y": 1}, ()])
def test_what_f_returns_has_to_be_tensors(returned: Any) -> None:
    with pytest.raises(AssertionError, match="f has to return a tensor, or a tuple of them; it"):
        assert_gradients_agree(lambda xp, x: returned, data(3), engines=OWN)


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
