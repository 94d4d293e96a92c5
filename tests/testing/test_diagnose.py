"""`diagnose` tells right rules from wrong ones, and which mistake it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.testing import diagnose


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the axes that were repeated."""
    extra = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(extra)))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def layer_norm(g: Any, x: Any) -> Any:
    deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    z = (x - x.mean(-1, keepdims=True)) / deviation
    return (g - g.mean(-1, keepdims=True) - z * (g * z).mean(-1, keepdims=True)) / deviation


def cross_entropy(g: Any, x: Any, target: Any) -> Any:
    softmax = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    return g * (softmax - np.eye(x.shape[1])[target]) / len(x)


ONE = np.ones(2)
SECOND = {"operand": 1}

RIGHT: list[tuple[Any, Any, dict[str, Any]]] = [
    ("exp", lambda g, out: g * out, {}),
    ("exp", lambda g, x: g * np.exp(x), {}),
    (minigrad.sin, lambda g, x: g * np.cos(x), {}),
    ("log", lambda g, x: g / x, {}),
    ("sqrt", lambda g, out: g / (2 * out), {}),
    ("tanh", lambda g, out: g * (1 - out**2), {}),
    ("acosh", lambda g, x: g / np.sqrt(x * x - 1), {}),
    ("nn.functional.relu", lambda g, x: g * (x > 0), {}),
    ("abs", lambda g, x: g * np.sign(x), {}),
    ("clamp", lambda g, x: g * ((x >= 0) & (x <= 1)), {"min": 0, "max": 1}),
    ("sum", lambda g, x_shape: np.broadcast_to(g, x_shape), {}),
    ("mean", lambda g, x: g * np.ones_like(x) / x.size, {}),
    ("mul", lambda g, a, b: unbroadcast(g * b, a.shape), {}),
    ("mul", lambda g, a, b: unbroadcast(g * a, b.shape), {"operand": 1}),
    ("div", lambda g, a, b: unbroadcast(-g * a / b**2, b.shape), {"operand": 1}),
    ("maximum", lambda g, a, b: unbroadcast(np.where(a == b, g / 2, g * (a > b)), a.shape), {}),
    ("mm", lambda g, b: g @ b.T, {}),
    ("mm", lambda g, a: a.T @ g, {"operand": 1}),
    ("t", lambda g: g.T, {}),
    ("softmax", lambda g, out: out * (g - (g * out).sum(-1, keepdims=True)), {"dim": -1}),
    ("pow", lambda g, x, exponent: g * exponent * x ** (exponent - 1), {"exponent": 3}),
    ("transpose", lambda g, dim0, dim1: np.swapaxes(g, dim0, dim1), {"dim0": -1, "dim1": -2}),
    ("linalg.inv", lambda g, out: -np.swapaxes(out, -1, -2) @ g @ np.swapaxes(out, -1, -2), {}),
    ("nn.functional.layer_norm", layer_norm, {"normalized_shape": (3,)}),
    ("nn.functional.cross_entropy", cross_entropy, {"inputs": [(np.ones((2, 3)), [0, 2])]}),
    ("where", lambda g, condition: g * condition, {"inputs": [([True, False], ONE, ONE)]} | SECOND),
    ("mse_loss", lambda g, x, other: g * 2 * (x - other) / x.size, {"inputs": [(ONE, 2 * ONE)]}),
    (minigrad.nn.ReLU(), lambda g, x, slope=0.0: np.where(x > 0, g, slope), {}),
    ("exp", lambda g, out: g * out, {"inputs": [np.ones(3), 0.5]}),
    ("cumsum", lambda g: np.flip(np.cumsum(np.flip(g, -1), -1), -1), {"dim": -1}),
]


@pytest.mark.parametrize("op, rule, settings", RIGHT)
def test_a_right_rule(op: Any, rule: Any, settings: Any) -> None:
    found = diagnose(op, rule, **settings)
    assert found, found
    assert repr(found).startswith("right: the derivative of ")


# What the explanation is expected to say, in some of its words.
WRONG: list[tuple[Any, Any, dict[str, Any], str]] = [
    ("exp", lambda g, x: g * x, {}, "input where the output belongs"),
    ("exp", lambda g, out: out, {}, "cotangent g is missing"),
    ("exp", lambda g, out: g * g * out, {}, "in it twice"),
    ("exp", lambda g: g, {}, "hands g on"),
    ("log", lambda g, x: g * x, {}, "divides by the derivative"),
    ("log", lambda g, out: g / out, {}, "output where the input belongs"),
    ("log", lambda g, out: g * out, {}, "multiplies g by the function itself"),
    ("sin", lambda g, x: -g * np.cos(x), {}, "sign is wrong"),
    ("cos", lambda g, x: np.sin(x), {}, "sign is wrong, and the cotangent g is missing"),
    ("sqrt", lambda g, out: g / out, {}, "the true one times 2"),
    ("square", lambda g, x: g.astype(np.float64) * 2 * x, {}, "dtype is not"),
    ("sigmoid", lambda g, x: g * x * (1 - x), {}, "sigmoid-of-the-input"),
    ("tanh", lambda g, out: g * (1 - out), {}, "tanh-without-the-square"),
    ("relu", lambda g, x: g * (x >= 0), {}, "relu-one-at-zero"),
    ("relu", lambda g, x: g, {}, "not 0 where it has to be"),
    ("relu", lambda g, x: g * 0, {}, "0 everywhere"),
    ("abs", lambda g, x: np.where(x >= 0, g, -g), {}, "abs-one-at-zero"),
    (
        "clamp",
        lambda g, x: g * ((x > 0) & (x < 1)),
        {"min": 0, "max": 1},
        "clamp-without-its-bounds",
    ),
    ("relu", lambda g, x: g * np.heaviside(x, 0.5), {}, "wrong at a kink"),
    ("mul", lambda g, b: g * b, {}, "not-unbroadcast"),
    ("mul", lambda g, a: g * a, {}, "operands are exchanged"),
    ("div", lambda g, a, b: g * a / b**2, {"operand": 1}, "quotient-without-minus"),
    ("maximum", lambda g, a, b: unbroadcast(g * (a >= b), a.shape), {}, "maximum-to-both"),
    ("mean", lambda g, x: g * np.ones_like(x), {}, "mean-without-its-n"),
    ("sum", lambda g, x: g * np.ones_like(x) / x.size, {}, "1/N too many"),
    ("sum", lambda g: g, {}, "hands g on"),
    ("amax", lambda g, x, out: g * (x == out), {}, "ties-counted-twice"),
    ("prod", lambda g, x, out: g * out / x, {}, "product-divided"),
    ("mm", lambda g, b: b.T @ g, {}, "factors-swapped"),
    ("mm", lambda g, a: a @ g, {"operand": 1}, "factor-not-transposed"),
    ("mm", lambda g, b: g @ b, {}, "transpose is missing"),
    ("mm", lambda g, b: (g @ b.T).T, {}, "answer is transposed"),
    ("mm", lambda g, a: a.T @ g, {}, "derivative by the other operand"),
    ("matmul", lambda g, b: g @ b.T, {}, "raises an error at other shapes"),
    ("t", lambda g: g, {}, "transpose-not-undone"),
    ("permute", lambda g: np.transpose(g, (1, 2, 0)), {"dims": (1, 2, 0)}, "permuted-again"),
    ("softmax", lambda g, out: g * out * (1 - out), {"dim": -1}, "softmax-by-element"),
    (
        "log_softmax",
        lambda g, out, dim: -np.exp(out) * g.sum(dim, keepdims=True),
        {"dim": -1},
        "cross-entropy-without-target",
    ),
    ("cumsum", lambda g, dim: np.cumsum(g, dim), {"dim": -1}, "cumsum-forward"),
    ("logsumexp", lambda g, x: np.exp(x) * g[..., None], {"dim": -1}, "No usual mistake"),
    ("relu", lambda g, x: np.where(x <= 0, g, 0), {}, "masked the wrong way round"),
    ("relu", lambda g, x: g * np.heaviside(x, 0.5), {}, "relu-half-at-zero"),
    ("norm", lambda g, x, out: g * x / out, {}, "NaN or infinite"),
    ("norm", lambda g, x: g * x, {}, "by the operand itself"),
    ("mul", lambda g, a, b: unbroadcast(g, a.shape) * b, {}, "has to be the last step"),
    ("mean", lambda g, x: g / x.size, {}, "repeated along the axes"),
    ("mean", lambda g, x: g * np.ones_like(x) / len(x), {}, "depends on the shape: 3 at (3, 3)"),
    ("softmax", lambda g, out: out * (1 - out), {"dim": -1}, "the cotangent g is missing, and"),
    (
        "softmax",
        lambda g, out: out * (g - (g * out).sum()),
        {"dim": -1},
        "right where x.ndim is 1, and wrong where it is 2, 3 or 4",
    ),
    ("log_softmax", lambda g, out: g * (1 - np.exp(out)), {"dim": -1}, "on each element alone"),
]
CUBES = [(np.arange(8.0).reshape(2, 2, 2),), (np.arange(6.0).reshape(1, 2, 3),)]


@pytest.mark.parametrize("op, rule, settings, words", WRONG, ids=[f"{w[0]}-{w[3]}" for w in WRONG])
def test_a_wrong_rule(op: str, rule: Any, settings: Any, words: str) -> None:
    inputs = CUBES if op == "permute" else None
    found = diagnose(op, rule, inputs=inputs, **settings)
    assert not found
    assert words in repr(found)


def test_what_it_shows() -> None:
    found = diagnose("square", lambda g, x: g * x, inputs=[(np.array([1.0, -2.0]),)])
    assert repr(found) == (
        "wrong: the derivative of square by x\n"
        "  x      [ 1., -2.]\n"
        "  g      [-1.1, -1.6]\n"
        "  yours  [-1.1,  3.2]\n"
        "  true   [-2.2,  6.4]\n"
        "It is the true one times 0.5."
    )


def test_a_shape_that_is_not_the_operands() -> None:
    found = diagnose("sum", lambda g: g, inputs=[(np.ones(3),)])
    assert "yours has shape (), the true one (3,)" in repr(found)


def test_an_error_in_the_rule_is_shown() -> None:
    found = diagnose("exp", lambda g, out: g[7] * out)
    assert not found
    assert "IndexError" in repr(found)


def test_a_function_of_ones_own() -> None:
    def swish(x: Any) -> Any:
        return x * x.sigmoid()

    def slope(g: Any, x: Any) -> Any:
        s = 1 / (1 + np.exp(-x))
        return g * s * (1 + x * (1 - s))

    assert diagnose(swish, slope)
    assert not diagnose(swish, lambda g, x: g / (1 + np.exp(-x)))


def test_an_answer_that_is_no_array() -> None:
    found = diagnose("exp", lambda g: None)
    assert "TypeError: the rule has to return an array; it returned None" in repr(found)
    assert found.explanations == ["It raises an error at every input."]


def no_cotangent() -> int:
    return 0


BAD: list[tuple[Any, Any, dict[str, Any], type[Exception], str]] = [
    ("exp", lambda g, z: g * z, {}, TypeError, "takes 'z', and nothing goes by that name"),
    ("expp", lambda g: g, {}, ValueError, "no function 'expp'"),
    (3, lambda g: g, {}, TypeError, "op has to be a function of tensors, or its name; got 3"),
    ("exp", 3, {}, TypeError, "the rule has to be a function of the cotangent; got 3"),
    ("exp", no_cotangent, {}, TypeError, "its first parameter is the cotangent g"),
    (
        "mul",
        lambda g, b: g * b,
        {"operand": 2},
        ValueError,
        "mul has operands 0 to 1; got operand=2",
    ),
    ("argmax", lambda g: g, {}, ValueError, "its result is int64, and has no derivative"),
    ("sum", lambda g: g, {"dim": 7}, ValueError, "IndexError: Dimension out of range"),
    ("exp", lambda g: g, {"inputs": [([1, 2],)]}, ValueError, "operand 0 has to be floats"),
    ("exp", lambda g: g, {"inputs": []}, ValueError, "takes none of the inputs"),
]


@pytest.mark.parametrize("op, rule, settings, kind, words", BAD)
def test_bad_arguments_are_refused(
    op: Any, rule: Any, settings: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        diagnose(op, rule, **settings)


def test_inputs_that_are_needed() -> None:
    with pytest.raises(
        ValueError, match=r"RuntimeError: .* Give it the settings that it needs, .* or inputs="
    ):
        diagnose("bmm", lambda g, b: g)
