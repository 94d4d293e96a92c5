"""The matrix product in all its ranks, composed as torch composes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, dtypes_differ, type_name
from minigrad.ops.arguments import need_tensor, number
from minigrad.ops.arithmetic import _product
from minigrad.ops.arithmetic import mm as _mm
from minigrad.ops.old_overloads import number_first
from minigrad.ops.reduction import count
from minigrad.ops.shape import _unsafe_view as unsafe
from minigrad.ops.shape import (
    contiguous,
    expand,
    expanded_shape,
    reshape,
    squeeze,
    t,
    transpose,
    unsqueeze,
)
from minigrad.promotion import factor, need_numbers, same_dtype

__all__ = [
    "addmm",
    "bmm",
    "dot",
    "matmul",
    "mm",
    "mv",
]

_dot = primitive(
    "DotBackward0",
    np.dot,
    promote=same_dtype("dot"),
    a=lambda g, b: g * b,
    b=lambda g, a: g * a,
)
_mv: Operator = primitive(
    "MvBackward0",
    lambda a, b: (a * b)[:, 0] if a.shape[1] == 1 else np.dot(a, b),  # see mm
    promote=same_dtype("mv"),
    a=lambda g, b: g[:, None] * b,
    b=lambda g, a: _mv(a.T, g),
)
_bmm = primitive(
    "BmmBackward0",
    np.matmul,
    promote=same_dtype("bmm"),
    a=lambda g, b: np.matmul(g, np.swapaxes(b, 1, 2)),
    b=lambda g, a: np.matmul(np.swapaxes(a, 1, 2), g),
)


def _product_and_sum(bias: Array, a: Array, b: Array, beta: Any, alpha: Any) -> Any:
    out = np.asarray(_product(a, b))
    if alpha != 1:
        out *= alpha
    if beta != 0:
        out += bias if beta == 1 else beta * bias
    return out


_addmm = wide_primitive(
    "AddmmBackward0",
    _product_and_sum,
    bias=lambda g, beta: g if beta == 1 else g * beta,
    a=lambda g, b, alpha: _mm(g if alpha == 1 else g * alpha, b.T),
    # Transposed, as the matrix is in a linear layer, whose gradient is then in order in memory.
    b=lambda g, a, alpha: _mm((g if alpha == 1 else g * alpha).T, a).T,
)


@number_first(3, "beta", "alpha")
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """``beta * input + alpha * (mat1 @ mat2)``; the input broadcasts to the product's shape.

    With beta 0 the input counts for nothing, NaN included. Derivatives: beta g, and alpha times
    those of `mm`. Raises RuntimeError for other shapes and for dtypes that differ.
    """
    need_tensor("addmm", input)
    need_tensor("addmm", mat1, "mat1", 2)
    need_tensor("addmm", mat2, "mat2", 3)
    beta, alpha = number("addmm", beta, "beta"), number("addmm", alpha, "alpha")
    x, a, b = input.array, mat1.array, mat2.array
    for name, matrix in (("mat1", a), ("mat2", b)):
        if matrix.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {matrix.ndim}-D tensor")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})"
        )
    if x.dtype != b.dtype:
        raise RuntimeError(
            f"self and mat2 must have the same dtype, but got {type_name(x.dtype)} and "
            f"{type_name(b.dtype)}. Convert one with .to(dtype)"
        )
    if a.dtype != b.dtype:
        raise dtypes_differ("addmm", a.dtype, b.dtype)
    shape = (a.shape[0], b.shape[1])
    if x.shape not in (shape, shape[1:]):
        expanded_shape(x.shape, shape, x.dtype)
    if x.dtype.kind != "f":
        need_numbers("addmm", x.dtype)
        beta, alpha = factor(beta, x.dtype), factor(alpha, x.dtype)
    return _addmm(input, mat1, mat2, beta, alpha)


def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices, (n, k) and (k, m). Derivatives: g @ b.T and a.T @ g.

    Raises RuntimeError for other shapes and for dtypes that differ.
    """
    if not (isinstance(input, Value) and isinstance(mat2, Value)):
        need_tensor("mm", input)
        need_tensor("mm", mat2, "mat2", 2)
    a, b = input.array, mat2.array
    if a.ndim == 2 == b.ndim and a.shape[1] == b.shape[0]:
        return _mm(input, mat2)
    if a.ndim != 2:
        raise RuntimeError(f"self must be a matrix, but has shape {list(a.shape)}")
    if b.ndim != 2:
        raise RuntimeError(f"mat2 must be a matrix, but has shape {list(b.shape)}")
    raise RuntimeError(
        "mat1 and mat2 shapes cannot be multiplied "
        f"({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})"
    )


def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix (n, k) and a vector (k). Derivatives: outer(g, v) and a.T @ g.

    Raises RuntimeError for other shapes and for dtypes that differ.
    """
    need_tensor("mv", input)
    need_tensor("mv", vec, "vec", 2)
    a, b = input.array, vec.array
    if not a.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), "
            f"vec ({b.shape[0]})"
        )
    return _mv(input, vec)


def dot(input: Any, tensor: Any) -> Any:
    """The inner product of two vectors of one size, 0-d. Derivatives: g b and g a.

    Raises RuntimeError for other shapes and for dtypes that differ.
    """
    need_tensor("dot", input)
    need_tensor("dot", tensor, "tensor", 2)
    a, b = input.array, tensor.array
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype != b.dtype:
        raise dtypes_differ("dot", a.dtype, b.dtype)
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.size}] and src [{b.size}] to have the "
            f"same number of elements, but got {a.size} and {b.size} elements respectively"
        )
    return _dot(input, tensor)


def bmm(input: Any, mat2: Any) -> Any:
    """The products of the matrices of two batches, (n, i, k) and (n, k, j).

    Derivatives: as `mm`, matrix by matrix. Raises RuntimeError for other shapes and for dtypes
    that differ.
    """
    need_tensor("bmm", input)
    need_tensor("bmm", mat2, "mat2", 2)
    a, b = input.array, mat2.array
    if a.ndim != 3 or b.ndim != 3:
        raise RuntimeError(f"batch{1 if a.ndim != 3 else 2} must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    return _bmm(input, mat2)


def matmul(input: Any, other: Any) -> Any:
    """``input @ other``: vectors, matrices, and batches of matrices that broadcast.

    (..., n, k) and (..., k, m) make (..., n, m). A vector stands for a row on the left and a column
    on the right, and that dimension is gone from the result. Derivatives: g @ other.mT and
    input.mT @ g, summed over what was broadcast. Raises RuntimeError where shapes or dtypes do not
    match and for a 0-d tensor, NotImplementedError for bools.
    """
    need_tensor("matmul", input)
    need_tensor("matmul", other, "other", 2)
    a, b = input.array, other.array
    if a.ndim == 2 == b.ndim:
        return mm(input, other)
    if a.ndim == 0 or b.ndim == 0:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D"
        )
    if a.ndim == 1:
        if b.ndim == 1:
            return dot(input, other)
        if b.ndim == 2:
            return the_row(mm(unsqueeze(input, 0), other))
    if a.ndim == 2 and b.ndim == 1:
        return mv(input, other)
    if a.ndim == b.ndim == 3 and a.shape[0] != b.shape[0]:
        # A batch of one is repeated, and so is its gradient, if it wants one: avoid that.
        if a.shape[0] == 1 and input.requires_grad:
            return matmul(squeeze(input, 0), other)
        if b.shape[0] == 1 and other.requires_grad:
            return matmul(input, squeeze(other, 0))
    if b.ndim <= 2 and folds(a, other, on_the_left=True):
        return fold(input, other)
    if a.ndim <= 2 and folds(np.swapaxes(b, -1, -2), input, on_the_left=False):
        # The batch is on the right: transpose the whole problem.
        if a.ndim == 1:
            return fold(transpose(other, -1, -2), input)
        return contiguous(transpose(fold(transpose(other, -1, -2), t(input)), -1, -2))
    return batched(input, other)


def folds(batch: Array, other: Any, on_the_left: bool) -> bool:
    """Whether torch makes one matrix of the batch, rather than repeating the other operand.

    It does where the gradient of the repetition would be needed and large, or where that matrix
    is a view and the result need not be transposed.
    """
    if other.requires_grad:
        return True
    if not on_the_left and other.array.ndim == 2:
        return False
    if batch.size == 0:
        return True
    steps = zip(batch.strides, batch.strides[1:], batch.shape[1:], strict=False)
    return all(step == inner * n for step, inner, n in [*steps][: batch.ndim - 2])


_the_row = primitive(
    "SqueezeBackward4",
    lambda x: x.reshape(x.shape[1]),
    x=lambda g, x_shape: g.reshape(x_shape),
)


def the_row(matrix: Any) -> Any:
    """A matrix of one row without that dimension, which torch drops in place."""
    row = _the_row(matrix)
    row.version[0] += 1
    return row


def fold(batch: Any, other: Any) -> Any:
    """A batch times one matrix or vector: all rows of the batch as one matrix."""
    shape, width = batch.array.shape, other.array.shape
    rows = (
        reshape(batch, -1, shape[-1])
        if batch.array.size
        else reshape(batch, count(shape[:-1]), shape[-1])
    )
    if len(width) == 1:
        return mv(batch, other) if batch.array.ndim == 2 else unsafe(mv(rows, other), shape[:-1])
    return unsafe(mm(rows, other), (*shape[:-1], width[-1]))


def batched(input: Any, other: Any) -> Any:
    """Two batches, broadcast against each other and multiplied one by one."""
    a, b = input.array.shape, other.array.shape
    rows, columns = a[-2:-1] or (1,), b[-1:] if len(b) > 1 else (1,)
    m = b[-2] if len(b) > 1 else b[0]
    if a[-1] != m:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{count(b[:-2])}, {a[-1]}] but got: [{count(b[:-2])}, {m}]."
        )
    lead = broadcast_shapes(a[:-2], b[:-2])
    n = count(lead)
    left = reshape(expand(input, *lead, *rows, a[-1]), n, *rows, a[-1])
    right = other if len(b) > 1 else unsqueeze(other, 1)
    right = reshape(expand(right, *lead, m, *columns), n, m, *columns)
    product = bmm(left, right)
    if len(b) == 1:
        product = squeeze(product, -1)
    return unsafe(product, (*lead, *a[-2:-1], *(columns if len(b) > 1 else ())))
