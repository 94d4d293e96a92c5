"""Random tensors, and the seed and state of the generator that they come from by default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Unpack

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Value
from minigrad.creation import a_size, like_array
from minigrad.draws import Draw, integer_numbers, normal_numbers, of_dtype, source, uniform_numbers
from minigrad.from_data import leaf
from minigrad.generator import Generator, default_generator
from minigrad.ops import sampling
from minigrad.ops.arguments import integer, is_number, number
from minigrad.options import Options, SizedOptions, invalid_combination, read
from minigrad.promotion import overflow, plain
from minigrad.tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "normal",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]


def manual_seed(seed: Any) -> Generator:
    """Start the default generator's stream anew from ``seed``, and return the generator."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default generator's stream from the system's randomness; returns the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default generator's stream started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default generator stands, as a tensor of bytes."""
    return default_generator.get_state()  # type: ignore[no-any-return]


def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator continue from a state that `get_rng_state` gave."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(
    devices: Any = None, enabled: bool = True, device_type: str | None = None
) -> Iterator[None]:
    """``with fork_rng():`` the default generator stands afterwards where it stood before."""
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)


# Tensors of random numbers. All of them are leaves.


def drawn(template: Any, draw: Draw, requires_grad: bool) -> Tensor:
    return leaf(of_dtype(draw(template), template.dtype), requires_grad)


def rand(
    *sizes: Any, generator: Generator | None = None, **options: Unpack[SizedOptions]
) -> Tensor:
    """Uniform numbers from [0, 1); sizes one by one or as a sequence.

    Of the default dtype, unless another is given. Errors as of `zeros`, and NotImplementedError for
    integers.
    """
    shape = a_size("rand", sizes, options)
    dtype, wanted = read("rand", options)
    return drawn(np.empty(shape, dtype), uniform_numbers(0, 1, generator), wanted)


def randn(
    *sizes: Any, generator: Generator | None = None, **options: Unpack[SizedOptions]
) -> Tensor:
    """Standard normal numbers; sizes one by one or as a sequence. Dtype and errors as of `rand`."""
    shape = a_size("randn", sizes, options)
    dtype, wanted = read("randn", options)
    return drawn(np.empty(shape, dtype), normal_numbers(0, 1, generator), wanted)


def randint(
    *bounds_and_size: Any,
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    generator: Generator | None = None,
    **options: Unpack[Options],
) -> Tensor:
    """``randint(low, high, size)`` or ``randint(high, size)``: integers from low up to high - 1.

    Of int64, unless another dtype is asked for; the size is a tuple. Raises RuntimeError if there
    is none between, for one beyond the dtype and for a negative size; TypeError for other
    arguments.
    """
    given = list(bounds_and_size)
    if size is None and given:
        size = given.pop()
    if high is None and given:
        high = given.pop()
    if given:
        low = given.pop()
    if given or high is None or not isinstance(size, list | tuple):
        raise invalid_combination(
            "randint",
            bounds_and_size,
            "int high, tuple of ints size",
            "int low, int high, tuple of ints size",
        )
    low, high = integer("randint", low, "low"), integer("randint", high, "high")
    shape = a_size("randint", (size,))
    dtype, wanted = read("randint", options, dtypes.INT64)
    return drawn(np.empty(shape, dtype), integer_numbers(low, high, generator), wanted)


def randperm(n: int, *, generator: Generator | None = None, **options: Unpack[Options]) -> Tensor:
    """The integers from 0 to ``n - 1`` in random order, as int64 unless asked otherwise.

    Raises RuntimeError for a negative ``n`` and for one beyond the dtype, NotImplementedError for
    bool.
    """
    (n,) = a_size("randperm", (integer("randperm", n, "n"),))
    dtype, wanted = read("randperm", options, dtypes.INT64)
    if dtype.kind == "b":
        raise NotImplementedError("\"randperm\" not implemented for 'Bool'. Ask for integers.")
    most = 2 ** (np.finfo(dtype).nmant + 1) if dtype.kind == "f" else np.iinfo(dtype).max
    if n - 1 > most:
        raise overflow(dtype)
    return leaf(np.array(source(generator).permutation(n), dtype), wanted)


def rand_like(
    input: Any, *, generator: Generator | None = None, **options: Unpack[Options]
) -> Tensor:
    """Uniform numbers from [0, 1) in the shape and, unless given, the dtype of ``input``.

    Errors as of `zeros_like`, and NotImplementedError for integers.
    """
    template, wanted = like_array("rand_like", input, options)
    return drawn(template, uniform_numbers(0, 1, generator), wanted)


def randn_like(
    input: Any, *, generator: Generator | None = None, **options: Unpack[Options]
) -> Tensor:
    """Standard normal numbers in the shape and, unless given, the dtype of ``input``.

    Errors as of `rand_like`.
    """
    template, wanted = like_array("randn_like", input, options)
    return drawn(template, normal_numbers(0, 1, generator), wanted)


def randint_like(
    input: Any,
    low: Any = None,
    high: Any = None,
    *,
    generator: Generator | None = None,
    **options: Unpack[Options],
) -> Tensor:
    """Integers from ``low`` (or 0) up to ``high - 1`` in the shape and dtype of ``input``."""
    if high is None:
        low, high = 0, low
    low = 0 if low is None else low
    low, high = integer("randint_like", low, "low"), integer("randint_like", high, "high")
    template, wanted = like_array("randint_like", input, options)
    return drawn(template, integer_numbers(low, high, generator), wanted)


NORMAL = [
    "Tensor mean, Tensor std",
    "Tensor mean, float std",
    "float mean, Tensor std",
    "float mean, float std, tuple of ints size",
]


def normal(
    mean: Any,
    std: Any = ...,
    size: Any = None,
    *,
    generator: Generator | None = None,
    **options: Unpack[Options],
) -> Tensor:
    """Normal numbers around ``mean`` with ``std``, tensors or numbers.

    Of two numbers in the given ``size``, which then is a must; else in the shape to which the two
    broadcast and the dtype of ``mean``, or ``std`` if that is the only tensor; with a tensor
    ``mean``, ``std`` may be left out and is 1. Derivative: 0.
    """
    if std is ...:
        if not isinstance(mean, Value):
            raise invalid_combination("normal", (mean,), *NORMAL)
        std = 1.0
    if size is not None and is_number(mean) and is_number(std):
        mean, std = number("normal", mean, "mean"), number("normal", std, "std")
    if isinstance(mean, Value) or isinstance(std, Value):
        if size is not None or options:
            raise invalid_combination("normal", (mean, std, size), *NORMAL)
        if plain(mean) is NotImplemented or plain(std) is NotImplemented:
            raise invalid_combination("normal", (mean, std), *NORMAL)
        return sampling.normal(mean, std, generator=generator)  # type: ignore[no-any-return]
    if not isinstance(size, list | tuple) or std is None:
        raise invalid_combination("normal", (mean, std, size)[: 2 + (size is not None)], *NORMAL)
    shape = a_size("normal", (size,))
    dtype, wanted = read("normal", options)
    with np.errstate(all="ignore"):  # of what lies beyond the dtype's range
        return drawn(np.empty(shape, dtype), normal_numbers(mean, std, generator), wanted)
