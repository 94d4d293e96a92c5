"""What numpy's functions do with Tensors: the operation of the same meaning, recorded.

This is what lets a rule, written for arrays, run on tensors and so be differentiated again. It
also serves ``np.exp(t)`` in user code, and an array on the left of an operator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Value, wrap
from minigrad.ops import (
    arithmetic,
    bits,
    bounds,
    choice,
    comparison,
    elementwise,
    joining,
    operators,
    powers,
    reduction,
    rounding,
    shape,
    signs,
    trigonometry,
)
from minigrad.ops import linalg as linalg

UFUNCS: dict[Any, Any] = {
    np.add: arithmetic.add,
    np.subtract: arithmetic.sub,
    np.multiply: arithmetic.mul,
    np.true_divide: arithmetic.div,
    np.negative: arithmetic.neg,
    np.positive: signs.positive,
    np.power: operators.power,
    np.square: operators.square,
    np.reciprocal: powers.reciprocal,
    np.matmul: linalg.matmul,
    np.exp: elementwise.exp,
    np.log: elementwise.log,
    np.sqrt: elementwise.sqrt,
    np.sin: trigonometry.sin,
    np.cos: trigonometry.cos,
    np.tanh: trigonometry.tanh,
    np.exp2: elementwise.exp2,
    np.expm1: elementwise.expm1,
    np.log1p: elementwise.log1p,
    np.log2: elementwise.log2,
    np.log10: elementwise.log10,
    np.logaddexp: elementwise.logaddexp,
    np.logaddexp2: elementwise.logaddexp2,
    np.tan: trigonometry.tan,
    np.arcsin: trigonometry.asin,
    np.arccos: trigonometry.acos,
    np.arctan: trigonometry.atan,
    np.arctan2: trigonometry._atan2,
    np.hypot: trigonometry._hypot,
    np.sinh: trigonometry.sinh,
    np.cosh: trigonometry.cosh,
    np.arcsinh: trigonometry.asinh,
    np.arccosh: trigonometry.acosh,
    np.arctanh: trigonometry.atanh,
    np.deg2rad: trigonometry.deg2rad,
    np.radians: trigonometry.deg2rad,
    np.rad2deg: trigonometry.rad2deg,
    np.degrees: trigonometry.rad2deg,
    np.floor: rounding.floor,
    np.ceil: rounding.ceil,
    np.trunc: rounding.trunc,
    np.rint: rounding.round,
    np.floor_divide: rounding.quotient,
    np.remainder: rounding.remainder,
    np.fmod: rounding.fmod,
    np.float_power: operators.float_power,
    np.fabs: signs.abs,
    np.copysign: signs.copysign,
    np.signbit: signs.signbit,
    np.fmax: bounds._fmax,
    np.fmin: bounds._fmin,
    np.isnan: comparison.isnan,
    np.isinf: comparison.isinf,
    np.isfinite: comparison.isfinite,
    np.logical_and: comparison._logical_and,
    np.logical_or: comparison._logical_or,
    np.logical_xor: comparison._logical_xor,
    np.logical_not: comparison.logical_not,
    np.left_shift: bits._left_shift,
    np.right_shift: bits._right_shift,
    np.absolute: signs.abs,
    np.sign: signs.sign,
    np.maximum: bounds._maximum,
    np.minimum: bounds._minimum,
    np.equal: comparison._eq,
    np.not_equal: comparison._ne,
    np.less: comparison._lt,
    np.less_equal: comparison._le,
    np.greater: comparison._gt,
    np.greater_equal: comparison._ge,
    np.bitwise_and: bits._and,
    np.bitwise_or: bits._or,
    np.bitwise_xor: bits._xor,
    np.invert: bits.bitwise_not,
}


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
    """`Tensor.__array_ufunc__`: ``np.exp(t)``, ``array * t``, ``np.add.reduce(t)``."""
    if method == "__call__" and not settings and ufunc in UFUNCS:
        inputs = tuple([wrap(x) if isinstance(x, np.ndarray) else x for x in inputs])
        return UFUNCS[ufunc](*inputs)
    if method == "reduce" and ufunc is np.add and set(settings) <= {"axis", "keepdims"}:
        return arithmetic.sum(inputs[0], settings.get("axis", 0), settings.get("keepdims", False))
    arrays = [plain_array(x, ufunc.__name__) for x in inputs]
    if "out" in settings:
        raise TypeError(
            f"np.{ufunc.__name__}(..., out=...) with a Tensor is not supported: write "
            "out.copy_(...) instead"
        )
    results = getattr(ufunc, method)(*arrays, **settings)
    return tuple(map(wrap, results)) if isinstance(results, tuple) else wrap(results)


def plain_array(x: Any, name: str) -> Any:
    """The array of a tensor for a numpy function that has no derivative here; so of a sequence."""
    if isinstance(x, list | tuple):
        return type(x)([plain_array(each, name) for each in x])
    if not isinstance(x, Value):
        return x
    if x.requires_grad:
        raise TypeError(
            f"np.{name} has no derivative here, and was given a Tensor that requires grad. Use "
            "minigrad's own operations, or detach() the tensor."
        )
    return x.array


def _transpose(x: Any, axes: Any = None) -> Any:
    return shape.permute(x, tuple(reversed(range(x.ndim))) if axes is None else axes)


def tensor(x: Any) -> Any:
    return x if isinstance(x, Value) else wrap(np.asarray(x))


def of_several(join: Any) -> Any:
    return lambda tensors: join([tensor(x) for x in tensors])


FUNCTIONS: dict[Any, Any] = {
    np.dot: linalg.matmul,
    np.where: lambda condition, a, b: choice.where(tensor(condition), a, b),
    np.zeros_like: lambda x: wrap(np.zeros_like(x.array)),
    np.sum: lambda x, axis=None, keepdims=False: arithmetic.sum(x, axis, keepdims),
    np.mean: lambda x, axis=None, keepdims=False: reduction.mean(x, axis, keepdims),
    np.swapaxes: shape.transpose,
    np.transpose: _transpose,
    np.expand_dims: shape.unsqueeze,
    np.reshape: shape.reshape,
    np.broadcast_to: shape.expand,
    np.concatenate: lambda tensors, axis=0: joining.cat([tensor(x) for x in tensors], axis),
    np.stack: lambda tensors, axis=0: joining.stack([tensor(x) for x in tensors], axis),
    np.vstack: of_several(joining.vstack),
    np.hstack: of_several(joining.hstack),
    np.dstack: of_several(joining.dstack),
    np.column_stack: of_several(joining.column_stack),
}


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """`Tensor.__array_function__`: ``np.where``, ``np.concatenate`` and what rules need."""
    if function in FUNCTIONS:
        return FUNCTIONS[function](*args, **kwargs)
    name = function.__name__
    args = [plain_array(x, name) for x in args]
    kwargs = {key: plain_array(x, name) for key, x in kwargs.items()}
    return function(*args, **kwargs)
