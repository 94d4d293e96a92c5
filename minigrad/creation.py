"""Tensors from a size and a number, and from a range. All of them are leaves.

What they take besides, dtype, device and requires_grad, are the `Options` of options.py.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array, Value
from minigrad.errors import type_name, users_line
from minigrad.from_data import check_fits, leaf
from minigrad.ops.arguments import integer, need_tensor, number
from minigrad.options import (
    Options,
    SizedOptions,
    channels_last,
    contiguous_format,
    invalid_combination,
    ordered,
    read,
)
from minigrad.promotion import need_range, order_of

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "range",
    "scalar_tensor",
    "tril_indices",
    "triu_indices",
    "zeros",
    "zeros_like",
]


# What the functions share.


def a_size(function: str, sizes: tuple[Any, ...], options: Any = None) -> tuple[int, ...]:
    """The sizes given one by one, as a sequence, or as ``size=``, which is taken from options."""
    if options and "size" in options and not sizes:
        sizes = (options.pop("size"),)
    if not sizes:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    first = sizes[0]
    if len(sizes) == 1 and isinstance(first, list | tuple):
        sizes = tuple(first)
    shape = []
    for place, n in enumerate(sizes):
        try:
            shape.append(integer(function, n, "size"))
        except TypeError:
            kind = f"numpy.{type(n).__name__}" if isinstance(n, np.ndarray) else type(n).__name__
            if n is first and len(sizes) == 1:
                what = f"argument 'size' (position 1) must be tuple of ints, not {kind}"
            else:
                what = (
                    f"argument 'size' failed to unpack the object at pos {place + 1} with error "
                    f'"type must be tuple of ints,but got {kind}"'
                )
            raise TypeError(f"{function}(): {what}") from None
    for n in shape:
        if n < 0 and options:
            read(function, options)  # the types of all arguments come before their values
        if n < 0 and function == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {shape}")
    return tuple(shape)


def like_array(function: str, input: Any, options: Any) -> tuple[Array, bool]:
    """An array yet to be filled in the shape and memory order of ``input``, and whether the new
    tensor is to require grad."""
    need_tensor(function, input)
    dtype, wanted = read(function, options, input.array.dtype)
    order: Any = order_of(input.array)
    wished = options.get("memory_format")
    if wished is contiguous_format:
        order = "C"
    array = np.empty_like(input.array, dtype, order)
    return ordered(array, wished, function) if wished is channels_last else array, wanted


def filled(array: Array, value: Any) -> Array:
    """The array, all of it ``value``. Raises RuntimeError if that is beyond its dtype."""
    dtype = array.dtype
    number = np.asarray(value)
    check_fits(number, dtype, "int" if dtype.name == "int32" else f"{dtype.name}_t")
    need_range(value, dtype)
    with np.errstate(all="ignore"):
        array[...] = number.astype(dtype)
    return array


# From a size and a number.


def zeros(*sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor of zeros; sizes one by one or as a sequence.

    Of the default dtype, unless another is given. Raises RuntimeError for a negative size and for
    integers that require grad, TypeError for a size that is no integer.
    """
    shape = a_size("zeros", sizes, options)
    dtype, wanted = read("zeros", options)
    return leaf(np.zeros(shape, dtype), wanted)


def ones(*sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor of ones; sizes one by one or as a sequence. Dtype and errors as of `zeros`."""
    shape = a_size("ones", sizes, options)
    dtype, wanted = read("ones", options)
    return leaf(np.ones(shape, dtype), wanted)


def empty(*sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor whose elements are yet to be written; here they are zeros. See `zeros`."""
    shape = a_size("empty", sizes, options)
    dtype, wanted = read("empty", options)
    array: Array = np.zeros(shape, dtype)
    if options.get("memory_format") is channels_last:
        array = ordered(array, channels_last, "empty")
    return leaf(array, wanted)


def full(size: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """A tensor of ``size``, a tuple, filled with one number, whose type gives the dtype.

    Bools give bool, ints int64, floats the default dtype. Raises TypeError for a size that is no
    tuple or list, and for what is no number (a 0-d tensor that does not require grad is one);
    RuntimeError for a negative size, and for a number beyond the dtype.
    """
    if not isinstance(size, list | tuple):
        raise TypeError(
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}"
        )
    value = number("full", fill_value, "fill_value", 2)
    shape = a_size("full", (size,), options)
    kinds = {bool: dtypes.BOOL, int: dtypes.INT64}
    dtype, wanted = read("full", options, kinds.get(type(value)))
    return leaf(filled(np.empty(shape, dtype), value), wanted)


def zeros_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """Zeros in the shape and, unless given, the dtype of ``input``.

    Raises TypeError for what is no tensor, RuntimeError for integers that require grad.
    """
    array, wanted = like_array("zeros_like", input, options)
    return leaf(filled(array, 0), wanted)


def ones_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """Ones in the shape and, unless given, the dtype of ``input``. Errors as of `zeros_like`."""
    array, wanted = like_array("ones_like", input, options)
    return leaf(filled(array, 1), wanted)


def empty_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """A tensor yet to be written, in the shape and dtype of ``input``; here it is `zeros_like`."""
    array, wanted = like_array("empty_like", input, options)
    return leaf(filled(array, 0), wanted)


def full_like(input: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """One number in the shape and, unless given, the dtype of ``input``.

    Errors as of `zeros_like`, and as of `full` for the number.
    """
    value = number("full_like", fill_value, "fill_value", 2)
    array, wanted = like_array("full_like", input, options)
    return leaf(filled(array, value), wanted)


def scalar_tensor(s: Any, **options: Unpack[Options]) -> Tensor:
    """A 0-d tensor of a number, of the default dtype whatever the number's type."""
    value = number("scalar_tensor", s, "s", 1)
    dtype, wanted = read("scalar_tensor", options)
    return leaf(filled(np.empty((), dtype), value), wanted)


def eye(n: Any, m: Any = None, **options: Unpack[Options]) -> Tensor:
    """The identity matrix, n by m (n by n without m), of the default dtype.

    Raises RuntimeError for a negative size, TypeError for one that is no integer.
    """
    dtype, wanted = read("eye", options)
    sizes = []
    for i, (name, size) in enumerate([("n", n), ("m", n if m is None else m)]):
        sizes.append(integer("eye", size, name, i + 1))
        if sizes[-1] < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return leaf(np.eye(*sizes, dtype=dtype), wanted)


def tril_indices(row: Any, col: Any, offset: int = 0, **options: Unpack[Options]) -> Tensor:
    """The rows and columns, shape (2, n), of the part of a matrix on and below a diagonal."""
    return triangle("tril_indices", np.tril_indices, row, col, offset, options)


def triu_indices(row: Any, col: Any, offset: int = 0, **options: Unpack[Options]) -> Tensor:
    """The rows and columns, shape (2, n), of the part of a matrix on and above a diagonal."""
    return triangle("triu_indices", np.triu_indices, row, col, offset, options)


def triangle(
    function: str, indices: Any, row: Any, col: Any, offset: int, options: Options
) -> Tensor:
    dtype, wanted = read(function, options, dtypes.INT64)
    if dtype not in (np.int32, np.int64):
        raise NotImplementedError(
            f"\"{function}\" not implemented for '{type_name(dtype)}'. Ask for int64 or int32."
        )
    rows, columns = integer(function, row, "row", 1), integer(function, col, "col", 2)
    for name, size in ("row", rows), ("col", columns):
        if size < 0:
            raise RuntimeError(f"{name} must be non-negative, got{size}")
    return leaf(np.stack(indices(rows, offset, columns)).astype(dtype), wanted)


# From a range.


def arange(start: Any = None, end: Any = None, step: Any = 1, **options: Unpack[Options]) -> Tensor:
    """Numbers from ``start`` up to but not including ``end``; int64 if all three are integers.

    Else of the default dtype, if none is given. Raises RuntimeError if ``step`` is 0 or leads away
    from ``end``, and for an infinite end; ValueError for a step between -1 and 1 where int64 is
    asked for; NotImplementedError for bool; TypeError for what is no number.
    """
    place = 2
    if end is None:
        if start is None:
            raise TypeError('arange() missing 1 required positional arguments: "end"')
        start, end, place = 0, start, 1
    start = number("arange", 0 if start is None else start, "start", 1)
    end = number("arange", end, "end", place)
    step = number("arange", step, "step", 3)
    whole = not any(isinstance(x, float) for x in (start, end, step))
    dtype, wanted = read("arange", options, dtypes.INT64 if whole else None)
    check_range("arange", start, end, step, dtype)
    if dtype == dtypes.INT64:
        first, last, by = int(start), int(end), int(step)
        if by == 0:
            raise ValueError("step must be nonzero. A fraction was given for a tensor of integers.")
        return leaf(np.arange(first, last, by).astype(dtype, copy=False), wanted)
    count = math.ceil((end - start) / step)
    if dtype.kind != "f":  # of the smaller integers torch counts by the fractions given
        start, step = int(start), int(step)
    return leaf((start + step * np.arange(count)).astype(dtype), wanted)


def range(start: Any, end: Any, step: Any = 1, **options: Unpack[Options]) -> Tensor:
    """As `arange`, but with ``end``, and of the default dtype. Deprecated, as in torch."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is "
        "inconsistent with Python's range builtin. Use arange, which leaves out the end.",
        stacklevel=users_line(),
    )
    start, end, step = [number("range", x, "start", 1) for x in (start, end, step)]
    dtype, wanted = read("range", options)
    check_range("range", start, end, step, dtype)
    count = math.floor((end - start) / step) + 1
    with np.errstate(invalid="ignore"):  # 0 times an infinite step
        return leaf((start + step * np.arange(count)).astype(dtype), wanted)


def check_range(function: str, start: Any, end: Any, step: Any, dtype: Any) -> None:
    if dtype.kind == "b":
        raise NotImplementedError(f"\"{function}_cpu\" not implemented for 'Bool'.")
    if not (step > 0 or step < 0):  # which NaN is not, either
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def linspace(start: Any, end: Any, steps: Any, **options: Unpack[Options]) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included.

    Of the default dtype, unless another is given. The second half is counted from the end, as torch
    does, so that the ends are exact. A gradient for ends that are tensors is not recorded. Raises
    RuntimeError for negative ``steps`` and for ends that are tensors with dimensions, TypeError for
    ``steps`` that are no integer, NotImplementedError for bool.
    """
    dtype, wanted = read("linspace", options)
    numbers = spaced("linspace", start, end, steps, dtype)
    with np.errstate(all="ignore"):
        return leaf(numbers.astype(dtype, copy=False), wanted)


def logspace(
    start: Any, end: Any, steps: Any, base: float = 10.0, **options: Unpack[Options]
) -> Tensor:
    """``steps`` powers of ``base``, with exponents evenly from ``start`` to ``end``."""
    dtype, wanted = read("logspace", options)
    exponents = spaced("logspace", start, end, steps, dtype)
    base = number("logspace", base, "base", 4)
    with np.errstate(all="ignore"):
        return leaf(np.power(base, exponents.astype(np.float64)).astype(dtype), wanted)


def spaced(function: str, start: Any, end: Any, steps: Any, dtype: np.dtype[Any]) -> Array:
    """Numbers from ``start`` to ``end``, for an integer dtype between integers, in float64."""
    try:
        count = integer(function, steps, "steps")
    except TypeError:
        args = (start, end, steps)
        raise invalid_combination(function, args, "Number start, Number end, int steps") from None
    wrong = [
        f"{name} with {x.array.ndim} dimension(s)"
        for name, x in (("start", start), ("end", end))
        if isinstance(x, Value) and x.array.ndim
    ]
    if wrong:
        raise RuntimeError(
            f"{function} only supports 0-dimensional start and end tensors, but got "
            f"{' and '.join(wrong)}."
        )
    start, end = [x.detach() if isinstance(x, Value) else x for x in (start, end)]  # as torch
    start, end = number(function, start, "start", 1), number(function, end, "end", 2)
    if dtype.kind == "b":
        raise NotImplementedError(f"\"{function}_cpu\" not implemented for 'Bool'.")
    if count < 0:
        raise RuntimeError("number of steps must be non-negative")
    kind = dtype.type if dtype.kind == "f" else np.float64
    need_range(start, dtype)
    need_range(end, dtype)
    first, last = kind(dtype.type(start)), kind(dtype.type(end))
    if count == 1:
        return np.array([first])
    i = np.arange(count)
    with np.errstate(all="ignore"):
        step = kind((last - first) / kind(max(count - 1, 1)))
        up = first + step * i.astype(kind)
        down = last - step * (count - 1 - i).astype(kind)
    return np.where(i < count // 2, up, down)


# As methods: of the dtype of the tensor, unless told otherwise.


def new_zeros(self: Any, *sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor of zeros, of this tensor's dtype; sizes one by one or as a sequence."""
    return of_size("new_zeros", self, sizes, 0, options)


def new_ones(self: Any, *sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor of ones, of this tensor's dtype; sizes one by one or as a sequence."""
    return of_size("new_ones", self, sizes, 1, options)


def new_empty(self: Any, *sizes: Any, **options: Unpack[SizedOptions]) -> Tensor:
    """A tensor yet to be written, of this tensor's dtype; here it is zeros."""
    return of_size("new_empty", self, sizes, 0, options)


def new_full(self: Any, size: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """A tensor of ``size``, a tuple, filled with one number, of this tensor's dtype."""
    if not isinstance(size, list | tuple):
        raise TypeError(
            "new_full(): argument 'size' (position 1) must be tuple of ints, not "
            f"{type(size).__name__}"
        )
    value = number("new_full", fill_value, "fill_value", 2)
    return of_size("new_full", self, (size,), value, options)


def of_size(function: str, self: Any, sizes: Any, value: Any, options: Any) -> Tensor:
    shape = a_size(function, sizes, options)
    dtype, wanted = read(function, options, self.array.dtype)
    return leaf(filled(np.empty(shape, dtype), value), wanted)
