"""Tensors filled with random numbers, in place and new, from torch's streams (draws.py).

A random number does not depend on what stood there before, so all derivatives are 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.inplace import check_inference, check_overlap, check_write, in_place
from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value, edge_of, mode, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.boxmuller import each, multiply_add
from minigrad.draws import (
    Draw,
    count,
    integer_numbers,
    laid_out,
    need_floats,
    normal_numbers,
    of_dtype,
    of_uniform,
    probable,
    source,
    successes,
    uniform_numbers,
    with_replacement,
)
from minigrad.errors import broadcast_shapes, c_name, type_name
from minigrad.ops.arguments import integer, need_tensor, number, typed

__all__ = ["bernoulli", "binomial", "multinomial", "poisson"]


def _drawn(x: Array, draw: Draw) -> Array:
    return of_dtype(draw(x), x.dtype)


def filler(name: str) -> Operator:
    return primitive(name, _drawn, x=lambda g: np.zeros_like(g))


_normal = filler("NormalBackward0")
_uniform = filler("UniformBackward0")
_random_from = filler("RandomBackward0")
_random_to = filler("RandomBackward1")
_random = filler("RandomBackward2")
_exponential = filler("ExponentialBackward0")
_geometric = filler("GeometricBackward0")
_cauchy = filler("CauchyBackward0")
_log_normal = filler("LogNormalBackward0")
_bernoulli_number = filler("BernoulliBackward2")
_bernoulli_tensor = wide_primitive(
    "BernoulliBackward1",
    lambda x, p, draw: _drawn(x, draw),
    x=lambda g: np.zeros_like(g),
    p=lambda g: np.zeros_like(g),
)

_bernoulli = filler("BernoulliBackward0")
_poisson = filler("PoissonBackward0")
_normal_mean = filler("NormalBackward1")
_normal_std = filler("NormalBackward2")
_normal_both = wide_primitive(
    "NormalBackward3",
    lambda mean, std, draw: draw(mean, std),
    mean=lambda g: np.zeros_like(g),
    std=lambda g: np.zeros_like(g),
)


def refill(self: Any, operation: Operator, draw: Draw, *operands: Any) -> Any:
    """Overwrite a tensor with what ``draw`` gives, unless writing to it is refused."""
    check_inference(self)
    if mode.grad and edge_of(self) is not None:
        check_write(self)  # before a number is drawn
    check_overlap(self.array)
    return in_place(operation)(self, *operands, draw)


def need_continuous(name: str, self: Any, given: str) -> None:
    need_tensor(name, self, "self")
    if self.array.dtype.kind != "f":
        raise RuntimeError(
            f"{name} distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {given}"
        )


# In place.


def normal_(self: Any, mean: float = 0, std: float = 1, *, generator: Any = None) -> Any:
    """Overwrite with normal numbers. Derivative: 0. Raises RuntimeError for a negative ``std``."""
    need_floats("normal_kernel_cpu", self.array.dtype)
    return refill(self, _normal, normal_numbers(mean, std, generator))


def uniform_(self: Any, from_: float = 0, to: float = 1, *, generator: Any = None) -> Any:
    """Overwrite with uniform numbers from [from, to). Derivative: 0."""
    return refill(self, _uniform, uniform_numbers(from_, to, generator))


def random_(self: Any, *bounds: Any, generator: Any = None) -> Any:
    """Overwrite with random integers: ``random_(from, to)``, ``random_(to)`` or ``random_()``.

    ``to`` is left out. Without it they go up to the dtype's limit; of floats up to 2**24 and
    2**53, where integers cease to be exact. Derivative: 0.
    """
    if len(bounds) > 2:
        raise TypeError("random_() received an invalid combination of arguments - got 3 bounds")
    low, high = bounds if len(bounds) == 2 else (None, *bounds, None)[:2]
    low, high = [None if b is None else integer("random_", b, "from or to") for b in (low, high)]
    operation = {0: _random, 1: _random_to}.get(len(bounds), _random_from)
    return refill(self, operation, integer_numbers(low, high, generator))


def bernoulli_(self: Any, p: Any = 0.5, *, generator: Any = None) -> Any:
    """Overwrite with 1 with probability ``p``, a number or a tensor, else with 0. Derivative: 0."""
    if not isinstance(p, Value):
        return refill(self, _bernoulli_number, probable(p, generator))
    if broadcast_shapes(self.array.shape, p.array.shape) != self.array.shape:
        raise RuntimeError(
            f"The expanded size of the tensor {list(self.array.shape)} must match the existing "
            f"size {list(p.array.shape)}"
        )
    return refill(self, _bernoulli_tensor, probable(p.array, generator), p)


@typed()
def exponential_(self: Any, lambd: float = 1, *, generator: Any = None) -> Any:
    """Overwrite with exponential numbers of rate ``lambd``: -log(1 - u) / lambd. Derivative: 0."""
    need_continuous("Exponential", self, type_name(self.array.dtype))
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    draw = of_uniform(lambda u: -1 / lambd * each(math.log1p, -u), generator)
    return refill(self, _exponential, draw)


@typed()
def geometric_(self: Any, p: float, *, generator: Any = None) -> Any:
    """Overwrite with the number of trials up to the first success of probability ``p``.

    Derivative: 0.
    """
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    scale = math.log1p(-p)
    draw = of_uniform(lambda u: np.ceil(np.log(u) / scale), generator)
    return refill(self, _geometric, draw)


@typed()
def cauchy_(self: Any, median: float = 0, sigma: float = 1, *, generator: Any = None) -> Any:
    """Overwrite with numbers of the Cauchy distribution. Derivative: 0."""
    need_continuous("Cauchy", self, c_name(self.array.dtype))
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")

    def of(u: Array) -> Array:
        return multiply_add(each(math.tan, math.pi * (u - 0.5)), sigma, median)

    return refill(self, _cauchy, of_uniform(of, generator))


@typed()
def log_normal_(self: Any, mean: float = 1, std: float = 2, *, generator: Any = None) -> Any:
    """Overwrite with exp of normal numbers. Derivative: 0."""
    need_continuous("LogNormal", self, c_name(self.array.dtype))
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    stream = source(generator)

    def draw(like: Array) -> Array:
        normals = multiply_add(stream.normal_doubles(like.size), std, mean)
        return laid_out(like, each(exp, normals))

    return refill(self, _log_normal, draw)


def exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


# New tensors.


def bernoulli(input: Any, p: Any = None, *, generator: Any = None) -> Any:
    """1 with the probability that ``input`` has at that place (or with ``p``), else 0.

    Of the shape and dtype of ``input``. Derivative: 0. Raises RuntimeError for probabilities
    outside of [0, 1].
    """
    need_tensor("bernoulli", input)
    if p is not None:
        p = number("bernoulli", p, "p", 2, "float")
        drawn = probable(p, generator)(np.empty(input.array.shape))
        return wrap(drawn.astype(input.array.dtype))
    draw = probable(input.array, generator)
    return _bernoulli(input, lambda x: draw(np.empty(x.shape)))


def normal(mean: Any, std: Any = 1.0, *, generator: Any = None) -> Any:
    """Normal numbers around ``mean`` and with ``std``, of which at least one is a tensor.

    They broadcast; the dtype is that of ``mean``, if it is a tensor. Derivative: 0.
    """
    spread = std if isinstance(std, Value) else None
    if spread is not None and np.any(spread.array < 0):
        raise RuntimeError("normal expects all elements of std >= 0.0")
    draw = normal_numbers(0.0, 1.0 if spread is not None else std, generator)

    def numbers(shape: tuple[int, ...], dtype: Any) -> Array:
        return of_dtype(draw(np.empty(shape, dtype)), dtype)

    if spread is None:
        return _normal_mean(mean, lambda x: numbers(x.shape, x.dtype) + x)
    if not isinstance(mean, Value):
        return _normal_std(spread, lambda x: numbers(x.shape, x.dtype) * x + x.dtype.type(mean))
    shape = broadcast_shapes(mean.array.shape, spread.array.shape)

    def both(x: Array, y: Array) -> Array:
        return np.asarray(numbers(shape, x.dtype) * y.astype(x.dtype) + x)

    return _normal_both(mean, spread, both)


@typed("input")
def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Any:
    """Indices drawn with probabilities in proportion to ``input``, a vector or a matrix's rows.

    Returns int64, of shape (num_samples,) or (rows, num_samples). Without ``replacement`` no index
    comes twice. Raises RuntimeError for weights that are negative, not finite or all 0.
    """
    need_tensor("multinomial", input)
    p = input.array
    if p.dtype.kind != "f":
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: "
            f"{type_name(p.dtype)}. Convert it with .float()."
        )
    if p.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if p.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > p.shape[-1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    stream = source(generator)
    if replacement and num_samples > 1:
        return wrap(with_replacement(p, num_samples, stream))
    if not np.all((p >= 0) & (p < math.inf)):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not np.all(p.sum(-1) > 0):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    times = wrap(np.empty_like(p) if all(p.strides) else np.empty(p.shape, p.dtype))
    exponential_(times, generator=generator)
    with np.errstate(all="ignore"):
        rank = p / times.array
    # The first num_samples of these races; torch's ones, since equal ranks are as good as never.
    order = np.argsort(-rank, axis=-1, kind="stable")
    return wrap(np.ascontiguousarray(order[..., :num_samples]))


def poisson(input: Any, generator: Any = None) -> Any:
    """Random counts with the means in ``input``, of its shape and dtype. Derivative: 0.

    Means below 10 by products of uniform numbers (Knuth), others by transformed rejection
    (Hoermann 1993). Raises RuntimeError for negative means.
    """
    need_tensor("poisson", input)
    need_floats("poisson_cpu", input.array.dtype)
    if not np.all(input.array >= 0):
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    stream = source(generator)

    def draw(like: Array) -> Array:
        counts = [count(rate, stream) for rate in like.reshape(-1).tolist()]
        return np.asarray(counts, np.float64).reshape(like.shape)

    return _poisson(input, draw)


def binomial(count: Any, prob: Any, generator: Any = None) -> Any:
    """How many of ``count`` trials succeed, with the probability ``prob`` each.

    They broadcast. Going backward through it raises RuntimeError. Raises ValueError for dtypes that
    are not floating-point, RuntimeError for two different ones.
    """
    need_tensor("binomial", count, "count")
    need_tensor("binomial", prob, "prob", 2)
    for name, x in ("count", count), ("prob", prob):
        if x.array.dtype.kind != "f":
            raise ValueError(
                f"binomial only supports floating-point dtypes for {name}, got: "
                f"{type_name(x.array.dtype)}"
            )
    if count.array.dtype != prob.array.dtype:
        raise RuntimeError(
            f"Found dtype {type_name(prob.array.dtype)} but expected {type_name(count.array.dtype)}"
        )
    stream = source(generator)
    shape = broadcast_shapes(count.array.shape, prob.array.shape)

    trials, p = [np.broadcast_to(x.array, shape).reshape(-1).tolist() for x in (count, prob)]
    drawn = [successes(n, chance, stream) for n, chance in zip(trials, p, strict=True)]
    result = wrap(np.asarray(drawn, np.float64).reshape(shape).astype(count.array.dtype))
    message = "derivative for aten::binomial is not implemented: detach() the result to count on"
    refuse_backward("NotImplemented", message, [result], (count, prob))
    return result
