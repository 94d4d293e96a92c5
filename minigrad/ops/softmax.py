"""Softmax and its logarithm, and the logarithm of a sum of exponentials, without overflow.

The largest element is subtracted first, since exp(x - c) / sum(exp(x - c)) is the same for every c.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, numpys_names, one_dim, some_dims, typed
from minigrad.ops.arithmetic import kept_shape
from minigrad.promotion import floating

__all__ = ["log_softmax", "logsumexp", "softmax"]


def shifted(x: Array, dims: tuple[int, ...]) -> Any:
    """``x`` minus its largest element, in an array of its own; halves as float32."""
    if x.dtype.itemsize == 2:
        x = x.astype(np.float32)
    return np.subtract(x, np.maximum.reduce(x, axis=dims, keepdims=True), order="C")


def _exp_over_sum(x: Array, dims: tuple[int, ...]) -> Any:
    if not x.size:
        return x.copy()
    out = np.asarray(shifted(x, dims))
    np.exp(out, out)
    out /= np.add.reduce(out, axis=dims, keepdims=True)
    return out.astype(x.dtype, copy=False)


def _minus_log_sum(x: Array, dims: tuple[int, ...]) -> Any:
    if not x.size:
        return x.copy()
    out = np.asarray(shifted(x, dims))
    out -= np.log(np.add.reduce(np.exp(out), axis=dims, keepdims=True))
    return out.astype(x.dtype, copy=False)


_softmax = primitive(
    "SoftmaxBackward0",
    _exp_over_sum,
    x=lambda g, out, dims: out * (g - np.add.reduce(g * out, axis=dims, keepdims=True)),
)
_log_softmax = primitive(
    "LogSoftmaxBackward0",
    _minus_log_sum,
    x=lambda g, out, dims: g - np.exp(out) * np.add.reduce(g, axis=dims, keepdims=True),
)


def _log_sum_exp(x: Array, dims: tuple[int, ...], keepdim: Any) -> Any:
    if 0 in x.shape:
        return np.log(np.add.reduce(x, axis=dims, keepdims=keepdim))  # of nothing: -inf
    largest = np.maximum.reduce(x, axis=dims, keepdims=True)
    largest = np.where(np.isinf(largest), 0, largest)
    total = np.log(np.add.reduce(np.exp(x - largest), axis=dims, keepdims=keepdim))
    return np.asarray(total + largest.reshape(total.shape), x.dtype, order="C")


_logsumexp = primitive(
    "LogsumexpBackward0",
    _log_sum_exp,
    promote=lambda arrays: [*floating(arrays[:1]), *arrays[1:]],
    x=lambda g, x, out, dims: (
        g.reshape(kept_shape(x.shape, dims)) * np.exp(x - out.reshape(kept_shape(x.shape, dims)))
    ),
)


def line(name: str, input: Any, dim: Any, dtype: Any) -> tuple[Any, tuple[int, ...]]:
    """The operand of a softmax in the dtype asked for, and its dimension."""
    need_tensor(name, input)
    if dim is None:
        raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not NoneType")
    ndim = input.array.ndim
    dim = one_dim(dim, ndim, name)
    if dtype is not None:
        input = input.to(dtype=dtype)
    if input.array.dtype.kind != "f" and input.array.size:
        kernel = f"{name}_kernel_impl" if dim < ndim - 1 else f"{name}_lastdim_kernel_impl"
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(input.array.dtype)}'. Convert it with "
            ".float(), or give a dtype."
        )
    return input, (dim,) if ndim else ()


@numpys_names
def softmax(input: Any, dim: Any, dtype: Any = None) -> Any:
    """``exp(x) / sum(exp(x))`` along ``dim``: numbers from 0 to 1 whose sum is 1.

    Derivative: s (g - sum(g s)) for the result s, which is all that is saved. A line of only -inf
    gives NaN. With ``dtype`` the input is converted first; else NotImplementedError for integers.
    IndexError for a dimension out of range.
    """
    return _softmax(*line("softmax", input, dim, dtype))


@numpys_names
def log_softmax(input: Any, dim: Any, dtype: Any = None) -> Any:
    """``log(softmax(x))`` along ``dim``, exact also where the softmax is too small for a float.

    Derivative: g - exp(l) sum(g) for the result l, which is all that is saved. See `softmax`.
    """
    return _log_softmax(*line("log_softmax", input, dim, dtype))


@numpys_names
@typed("input")
def logsumexp(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """``log(sum(exp(x)))`` over one or several dimensions; -inf of nothing.

    Derivative: the softmax, exp(x - result). Integers give the default dtype. Raises IndexError for
    a dimension out of range, RuntimeError for one that comes twice.
    """
    need_tensor("logsumexp", input)
    if dim is None:
        raise TypeError("logsumexp(): argument 'dim' must be tuple of ints, not NoneType")
    return _logsumexp(input, some_dims(dim, input.array.ndim, "logsumexp"), keepdim)
