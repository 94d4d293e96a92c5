"""The operators and methods of a Tensor that are operations of minigrad.ops, a line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.inplace import in_place
from minigrad.autograd.value import Value
from minigrad.ops import arithmetic, elementwise, indexing, linalg, operators, reduction
from minigrad.ops import shape as shape_ops

Method = Callable[..., Any]


class Operators(Value):
    """What Python's operators call."""

    __slots__ = ()

    __add__: Method = arithmetic.add
    __radd__: Method = arithmetic.add
    __sub__: Method = arithmetic.sub
    __rsub__: Method = operators.rsub
    __mul__: Method = arithmetic.mul
    __rmul__: Method = arithmetic.mul
    __truediv__: Method = arithmetic.div
    __rtruediv__: Method = operators.rdiv
    __neg__: Method = operators.neg
    __pow__: Method = operators.pow
    __matmul__: Method = linalg.matmul
    __eq__: Method = elementwise._eq
    __ne__: Method = elementwise._ne
    __lt__: Method = elementwise._lt
    __le__: Method = elementwise._le
    __gt__: Method = elementwise._gt
    __ge__: Method = elementwise._ge
    __abs__: Method = elementwise.abs
    __and__: Method = elementwise._and
    __rand__: Method = elementwise._and
    __or__: Method = elementwise._or
    __ror__: Method = elementwise._or
    __xor__: Method = elementwise._xor
    __rxor__: Method = elementwise._xor
    __invert__: Method = elementwise.bitwise_not
    __getitem__: Method = indexing.get_item
    __setitem__: Method = indexing.set_item

    def __rpow__(self, base: Any) -> Any:
        return operators.pow(base, self)

    def __rmatmul__(self, other: Any) -> Any:
        return linalg.matmul(other, self) if isinstance(other, Value) else NotImplemented

    def __pos__(self) -> Any:
        return self


class InPlace(Operators):
    """The operations that write into the tensor, and return it."""

    __slots__ = ()

    add_: Method = in_place(operators.add, np.add)
    sub_: Method = in_place(operators.sub, np.subtract)
    mul_: Method = in_place(operators.mul, np.multiply)
    div_: Method = in_place(operators.div, np.true_divide)
    pow_: Method = in_place(operators.pow)
    __iadd__: Method = in_place(arithmetic.add, np.add)
    __isub__: Method = in_place(arithmetic.sub, np.subtract)
    __imul__: Method = in_place(arithmetic.mul, np.multiply)
    __itruediv__: Method = in_place(arithmetic.div, np.true_divide)
    __ipow__: Method = in_place(operators.pow)
    neg_: Method = in_place(operators.neg)
    exp_: Method = in_place(elementwise.exp)
    log_: Method = in_place(elementwise.log)
    sqrt_: Method = in_place(elementwise.sqrt)
    sin_: Method = in_place(elementwise.sin)
    cos_: Method = in_place(elementwise.cos)
    tanh_: Method = in_place(elementwise.tanh)
    sigmoid_: Method = in_place(elementwise.sigmoid)
    relu_: Method = in_place(elementwise.relu)
    abs_: Method = in_place(elementwise.abs)
    clamp_: Method = in_place(elementwise.clamp)
    square_: Method = in_place(operators.square)
    reciprocal_: Method = in_place(operators.reciprocal)
    copy_: Method = indexing.copy_
    fill_: Method = indexing.fill_
    zero_: Method = indexing.zero_


class Methods(InPlace):
    """The functions of minigrad.ops as methods."""

    __slots__ = ()

    add: Method = operators.add
    sub: Method = operators.sub
    mul: Method = operators.mul
    div: Method = operators.div
    neg: Method = operators.neg
    pow: Method = operators.pow
    square: Method = operators.square
    reciprocal: Method = operators.reciprocal
    eq: Method = elementwise.eq
    ne: Method = elementwise.ne
    lt: Method = elementwise.lt
    le: Method = elementwise.le
    gt: Method = elementwise.gt
    ge: Method = elementwise.ge
    exp: Method = elementwise.exp
    log: Method = elementwise.log
    sqrt: Method = elementwise.sqrt
    sin: Method = elementwise.sin
    cos: Method = elementwise.cos
    tanh: Method = elementwise.tanh
    sigmoid: Method = elementwise.sigmoid
    relu: Method = elementwise.relu
    abs: Method = elementwise.abs
    sign: Method = elementwise.sign
    clamp: Method = elementwise.clamp
    maximum: Method = elementwise.maximum
    minimum: Method = elementwise.minimum
    clone: Method = elementwise.clone
    sum: Method = arithmetic.sum
    mean: Method = reduction.mean
    max: Method = reduction.max
    min: Method = reduction.min
    argmax: Method = reduction.argmax
    argmin: Method = reduction.argmin
    mm: Method = linalg.mm
    mv: Method = linalg.mv
    dot: Method = linalg.dot
    bmm: Method = linalg.bmm
    matmul: Method = linalg.matmul
    view: Method = shape_ops.view_of
    reshape: Method = shape_ops.reshape
    flatten: Method = shape_ops.flatten
    contiguous: Method = shape_ops.contiguous
    transpose: Method = shape_ops.transpose
    t: Method = shape_ops.t
    permute: Method = shape_ops.permute
    squeeze: Method = shape_ops.squeeze
    unsqueeze: Method = shape_ops.unsqueeze
    expand: Method = shape_ops.expand
