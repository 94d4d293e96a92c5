"""Operators of three tensors: products and quotients added, values in between; and filling."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import c_name, type_name
from minigrad.ops.arguments import need_tensor, no_overload, typed
from minigrad.ops.old_overloads import number_first
from minigrad.promotion import factor, only, plain

__all__ = ["addcdiv", "addcmul", "fill", "lerp"]


def three(kernel: str, kinds: str = "iuf") -> Any:
    """The promotion of three operands, and of the number that multiplies the last two."""
    check = only(kinds, kernel)

    def promoted(arrays: Any) -> Any:
        *tensors, value = arrays
        done = check(tensors)
        return [*done, factor(value, done[0].dtype)]

    return promoted


_addcmul = wide_primitive(
    "AddcmulBackward0",
    lambda x, a, b, value: x + value * a * b,
    promote=three("addcmul_cpu_out"),
    x=lambda g: g,
    a=lambda g, b, value: g * (b * value),
    b=lambda g, a, value: g * (a * value),
)
# The divisor is saved for whichever derivative, as torch saves it.
_addcdiv = wide_primitive(
    "AddcdivBackward0",
    lambda x, a, b, value: x + value * a / b,
    promote=three("addcdiv_cpu_out"),
    x=lambda g, b: g,
    a=lambda g, b, value: g * np.true_divide(value, b),
    b=lambda g, a, b, value: -g * (value * a / (b * b)),
)


@number_first(3, "value")
@typed("input", "tensor1", "tensor2")
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """``input + value * tensor1 * tensor2``, broadcast and promoted.

    Derivatives: 1, value * tensor2, value * tensor1. NotImplementedError for bools.
    """
    return _addcmul(input, tensor1, tensor2, value)


@number_first(3, "value")
@typed("input", "tensor1", "tensor2")
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """``input + value * tensor1 / tensor2``, broadcast and promoted.

    Derivatives: 1, value / tensor2, -value * tensor1 / tensor2**2. RuntimeError for integers.
    """
    if tensor1.array.dtype.kind != "f" and tensor2.array.dtype.kind != "f":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release "
            "addcdiv will perform a true division of tensor1 and tensor2. Write input + value * "
            "tensor1 / tensor2, or with torch.trunc() around the quotient."
        )
    return _addcdiv(input, tensor1, tensor2, value)


def _between(a: Array, b: Array, weight: Array) -> Any:
    if a.dtype.itemsize == 2:  # a difference of halves may be beyond their range
        return _between(*(x.astype(np.float32) for x in (a, b, weight))).astype(a.dtype)
    # From the nearer end, so that both ends are met exactly.
    low, high = a + weight * (b - a), b - (b - a) * (1 - weight)
    return np.where(np.abs(weight) < 0.5, low, high)


def _on_the_way(a: Array, b: Array, weight: float) -> Any:
    if a.dtype.itemsize == 2:
        return _on_the_way(a.astype(np.float32), b.astype(np.float32), weight).astype(a.dtype)
    return a + weight * (b - a) if -0.5 < weight < 0.5 else b - (b - a) * (1 - weight)


_lerp_number = wide_primitive(
    "LerpBackward0",
    _on_the_way,
    a=lambda g, weight: g * (1 - weight),
    b=lambda g, weight: g * weight,
)
_lerp = wide_primitive(
    "LerpBackward1",
    _between,
    promote=lambda arrays: [*arrays[:2], arrays[2].astype(arrays[0].dtype, copy=False)],
    a=lambda g, weight: g * (1 - weight),
    b=lambda g, weight: g * weight,
    weight=lambda g, a, b: g * (b - a),
)


def lerp(input: Any, end: Any, weight: Any) -> Any:
    """``input + weight * (end - input)``, broadcast; the weight is a number or a tensor.

    Derivatives: 1 - weight, weight, end - input. All have one float dtype, but for a weight without
    dimensions: RuntimeError for two, NotImplementedError for integers.
    """
    need_tensor("lerp", input)
    need_tensor("lerp", end, "end", 2)
    tensors = {"end": end}
    if isinstance(weight, Value):
        tensors["weight"] = weight
    elif plain(weight) is NotImplemented:
        raise no_overload("lerp", input, end, weight)
    dtype = input.array.dtype
    for name, x in tensors.items():
        if x.array.dtype != dtype and (name == "end" or x.array.ndim):
            raise RuntimeError(
                f"expected dtype {c_name(dtype)} for `{name}` but got dtype "
                f"{c_name(x.array.dtype)}. lerp does not promote: convert one with .to(dtype)"
            )
    if dtype.kind != "f":
        kernel = "tensor" if "weight" in tensors else "scalar"
        raise NotImplementedError(
            f"\"lerp_kernel_{kernel}\" not implemented for '{type_name(dtype)}'. Convert to floats."
        )
    if "weight" in tensors:
        return _lerp(input, end, weight)
    if dtype.itemsize == 2 and not np.isfinite(np.float16(weight)):  # torch computes in float32
        return _lerp_number(input.float(), end.float(), float(weight)).to(input.dtype)
    return _lerp_number(input, end, float(weight))


_fill = primitive(
    "FillBackward0", lambda x, value: np.full_like(x, value), x=lambda g: np.zeros_like(g)
)
_fill_tensor = wide_primitive(
    "FillBackward1",
    lambda x, value: np.full_like(x, value),
    x=lambda g: np.zeros_like(g),
    value=lambda g: g,
)


def fill(input: Any, value: Any) -> Any:
    """A tensor like the input, with ``value``, a number or a 0-d tensor, for each element.

    Derivatives: 0 for the input, 1 for a tensor, summed over the elements.
    """
    need_tensor("fill", input)
    if isinstance(value, Value):
        if value.array.ndim:
            raise RuntimeError(
                "fill_ only supports 0-dimension value tensor but got tensor with "
                f"{value.array.ndim} dimensions."
            )
        return _fill_tensor(input, value)
    if plain(value) is NotImplemented:
        raise no_overload("fill", input, value)
    return _fill(input, value)
