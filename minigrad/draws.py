"""What each distribution draws: the words of a generator made into numbers for an array.

A `Draw` is given the array that is to be filled, and returns numbers in its shape, drawn in the
order in which its elements lie in memory. Making one checks the settings, before a number is drawn.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.boxmuller import multiply_add
from minigrad.errors import c_name, type_name
from minigrad.generator import Generator, default_generator
from minigrad.ops.arguments import number

Draw = Callable[[Array], Array]


def source(generator: Any) -> Generator:
    """The generator given, or the default one."""
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(
            f"expected a minigrad.Generator for argument 'generator', not "
            f"{type(generator).__name__}"
        )
    for states in watches.under_way:
        if generator not in states:
            states[generator] = generator.get_state()
    return generator


class Watches(threading.local):
    """Those that are under way in this thread; see `watched`."""

    under_way: tuple[dict[Generator, Any], ...] = ()


watches = Watches()


@contextlib.contextmanager
def watched() -> Iterator[dict[Generator, Any]]:
    """The generators that are asked for numbers, each with its state before; the default one, too.

    For what runs several times with the same numbers.
    """
    states = {default_generator: default_generator.get_state()}
    outer = watches.under_way
    watches.under_way = (*outer, states)
    try:
        yield states
    finally:
        watches.under_way = outer


def laid_out(like: Array, numbers: Array) -> Array:
    """``numbers`` in the shape of ``like``: the first where its memory begins, and so on."""
    if like.flags.c_contiguous:
        return numbers.reshape(like.shape)
    order = sorted(range(like.ndim), key=lambda dim: -like.strides[dim])
    ordered = numbers.reshape([like.shape[dim] for dim in order])
    return ordered.transpose(np.argsort(order))


def of_dtype(numbers: Array, dtype: Any) -> Array:
    """The numbers in another dtype; torch makes float16 from float32."""
    if dtype == np.float16:
        numbers = numbers.astype(np.float32)
    return numbers.astype(dtype, copy=False)


def need_floats(kernel: str, dtype: Any) -> None:
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(dtype)}'. Random numbers of this "
            "distribution are floats: use a floating-point dtype."
        )


def normal_numbers(mean: float, std: float, generator: Any) -> Draw:
    """Normal numbers; 16 or more for contiguous memory are made in blocks."""
    stream = source(generator)
    mean, std = (
        number("normal_", mean, "mean", 1, "float"),
        number("normal_", std, "std", 2, "float"),
    )
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")

    def draw(like: Array) -> Array:
        need_floats("normal_kernel_cpu", like.dtype)
        numbers = stream.normals(like.size, like.dtype, std, mean, like.flags.c_contiguous)
        return laid_out(like, numbers)

    return draw


def uniform_numbers(low: float, high: float, generator: Any) -> Draw:
    """Uniform numbers from [low, high)."""
    stream = source(generator)
    low, high = (
        number("uniform_", low, "from", 1, "float"),
        number("uniform_", high, "to", 2, "float"),
    )

    def draw(like: Array) -> Array:
        need_floats("check_uniform_bounds", like.dtype)
        limit = float(np.finfo(like.dtype).max)
        for name, bound in ("from", low), ("to", high):
            if not -limit <= bound <= limit:
                raise RuntimeError(f"{name} is out of bounds for {c_name(like.dtype)}")
        if low > high:
            raise RuntimeError(
                "uniform_ expects to return a [from, to) range, but found "
                f"from={low:g} > to={high:g}"
            )
        if high - low > limit:
            raise RuntimeError(
                f"uniform_ expects to-from <= std::numeric_limits<{type_name(like.dtype)}>::max(), "
                f"but found to={high:g} and from={low:g} which result in to-from to exceed the "
                "limit"
            )
        numbers = stream.uniforms(like.size, like.dtype)
        kind = numbers.dtype.type
        span = float(kind(high) - kind(low))
        numbers = multiply_add(numbers, span, low).astype(like.dtype, copy=False)
        numbers[numbers == like.dtype.type(high)] = low  # what was rounded up
        return laid_out(like, numbers)

    return draw


def integer_numbers(low: int | None, high: int | None, generator: Any) -> Draw:
    """Integers from ``low`` up to ``high``, which is left out; None stands for the dtype's limit.

    Without either they are the non-negative ones; of floats those up to which all are exact.
    """
    stream = source(generator)

    def draw(like: Array) -> Array:
        bits = 8 * like.itemsize
        if like.dtype.kind == "f":
            top = 2 ** (np.finfo(like.dtype).nmant + 1)
            most = int(np.finfo(like.dtype).max)
            least = -most
        else:
            top = most = {"b": 1, "u": 2**bits - 1, "i": 2 ** (bits - 1) - 1}[like.dtype.kind]
            least = -most - 1 if like.dtype.kind == "i" else 0
        start, stop = 0 if low is None else low, top + 1 if high is None else high
        if start >= stop:
            raise RuntimeError(
                f"random_ expects 'from' to be less than 'to', but got from={start} >= to={stop}"
            )
        for name, bound in ("from", start), ("to - 1", stop - 1):
            if not least <= bound <= most:
                raise RuntimeError(f"{name} is out of bounds for {c_name(like.dtype)}")
        if low is not None or high is not None:
            return laid_out(like, stream.integers(like.size, start, stop - start))
        words = stream.long_words(like.size) if like.itemsize == 8 else stream.words(like.size)
        return laid_out(like, words % np.uint64(stop))

    return draw


def of_uniform(function: Callable[[Array], Array], generator: Any) -> Draw:
    """What ``function`` makes of uniform float64, one for each element."""
    stream = source(generator)
    return lambda like: laid_out(like, function(stream.doubles(like.size)))


def probable(p: Any, generator: Any) -> Draw:
    """1 with probability ``p``, else 0; of an array ``p`` each with its own."""
    if not isinstance(p, np.ndarray):
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
        return of_uniform(lambda u: u < p, generator)
    stream = source(generator)
    need_floats("bernoulli_tensor_cpu_p_", p.dtype)
    if not np.all((p >= 0) & (p <= 1)):
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false. A probability lies outside "
            "of [0, 1]."
        )

    def draw(like: Array) -> Array:
        return np.asarray(laid_out(like, stream.uniforms(like.size, p.dtype)) < p)

    return draw


def with_replacement(p: Array, count: int, stream: Generator) -> Array:
    """``count`` indices for each row of weights ``p``: uniform numbers looked up in its sums."""
    if not np.all(p >= 0):
        raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
    if not np.all(p < math.inf):
        raise RuntimeError(
            "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
        )
    rows = []
    for row in np.atleast_2d(p):
        sums = np.cumsum(row)
        if not sums[-1] > 0:
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
        sums = sums / sums[-1]
        sums[-1] = 1
        rows.append(np.searchsorted(sums, stream.doubles(count)))
    return np.stack(rows).reshape(*p.shape[:-1], count)


def count(rate: float, stream: Generator) -> float:
    """One number of the Poisson distribution."""
    if rate == 0:
        return 0
    if rate < 10:
        limit, product, number = math.exp(-rate), 1.0, -1
        while number < 0 or product > limit:
            product *= float(stream.doubles(1)[0])
            number += 1
        return number
    root = math.sqrt(rate)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    scale = math.log(1.1239 + 1.1328 / (b - 3.4))
    while True:
        u, v = [float(x) for x in stream.doubles(2)]
        u -= 0.5
        edge = 0.5 - abs(u)
        number = math.floor((2 * a / edge + b) * u + rate + 0.43)
        if edge >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
            return number
        if number < 0 or (edge < 0.013 and v > edge):
            continue
        chance = number * math.log(rate) - rate - math.lgamma(number + 1)
        if math.log(v) + scale - math.log(a / (edge * edge) + b) <= chance:
            return number


def successes(trials: float, p: float, stream: Generator) -> float:
    """One number of the binomial distribution."""
    if math.isnan(trials) or math.isnan(p):
        return math.nan
    if trials <= 0 or p <= 0:
        return 0
    if p >= 1:
        return trials
    if p > 0.5:
        return trials - successes_below_half(trials, 1 - p, stream)
    return successes_below_half(trials, p, stream)


def successes_below_half(trials: float, p: float, stream: Generator) -> float:
    """By the waiting times between successes; by transformed rejection if many are expected."""
    if trials * p >= 10:
        return many_successes(trials, p, stream)
    waited, number, scale = 0.0, 0, math.log1p(-p)
    while True:
        u = float(stream.doubles(1)[0])
        waited += math.ceil(math.log(u) / scale) if u > 0 else math.inf
        if waited > trials:
            return number
        number += 1


def many_successes(n: float, p: float, stream: Generator) -> float:
    """Hoermann's BTRS (1993)."""
    root = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * root
    a = -0.0873 + 0.0248 * b + 0.01 * p
    odds = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * root
    mode = math.floor((n + 1) * p)
    while True:
        u, v = [float(x) for x in stream.doubles(2)]
        u -= 0.5
        edge = 0.5 - abs(u)
        if edge == 0:
            continue
        k = math.floor((2 * a / edge + b) * u + n * p + 0.5)
        if edge >= 0.07 and v <= 0.92 - 4.2 / b:
            return k
        if k < 0 or k > n:
            continue
        v = v * alpha / (a / (edge * edge) + b)
        chance = (k - mode) * math.log(odds)
        for each, sign in ((mode, 1), (n - mode, 1), (k, -1), (n - k, -1)):
            chance += sign * math.lgamma(each + 1)
        if v <= 0 or math.log(v) <= chance:
            return k
