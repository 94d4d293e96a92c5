"""Normalization: layer, group and batch norm are one formula, over different elements.

A layout says which. The input is seen in a shape where the elements that share a mean and a
variance lie along some dims, and where weight and bias broadcast to it::

    layer norm  (rows, width)                          weight (1, width)      over dim 1
    group norm  (N, groups, channels / groups, rest)   weight (1, G, C/G, 1)  over dims 2 and 3
    batch norm  (N, channels, rest)                    weight (1, C, 1)       over dims 0 and 2
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.sums import SHORT, kept_sums
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.elementwise import _to_copy
from minigrad.ops.reduction import count

# The shape the input is seen in, that of weight and bias there, and the dims normalized over.
Layout = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _normalize(
    x: Array, weight: Any, bias: Any, layout: Layout, eps: float, move: Any = None
) -> tuple[Array, Array, Array]:
    """``move``, of running statistics, is called here: before anything is saved for backward.

    For saving may end the recomputation of a checkpointed call, in which they move again.
    """
    shape, across, dims = layout
    given, dtype, x = x.shape, x.dtype, x.reshape(shape)
    if dtype == np.float16:  # the squares would overflow
        x = x.astype(np.float32)
    n = count([shape[d] for d in dims])
    mean = sum_over(x, dims) / n
    out = x - mean
    var = sum_of_products(out, out, dims) / n
    if move is not None:
        move(mean, var)
    scale = 1 / np.sqrt(var + eps)
    out *= scale if weight is None else outer(scale, weight.reshape(across))
    if bias is not None:
        out += bias.reshape(across)
    return out.reshape(given).astype(dtype, copy=False), mean, var


def others(across: tuple[int, ...]) -> tuple[int, ...]:
    """The dims along which weight and bias are repeated."""
    return tuple([i for i, size in enumerate(across) if size == 1])


def sum_over(x: Array, dims: tuple[int, ...], weight: Any = None) -> Any:
    """The sums over ``dims``, which stay with size 1, of x or of x times a weight.

    The weight broadcasts to x; to one of two dimensions along all but ``dims``.
    """
    if weight is None:
        return kept_sums(x, dims)
    if x.ndim == 2 and x.shape[dims[0]] < SHORT:
        factors = weight.reshape(-1)
        return x.dot(factors)[:, None] if dims == (1,) else factors.dot(x)[None]
    return np.add.reduce(x * weight, axis=dims, keepdims=True)


def outer(column: Any, row: Any) -> Any:
    """The product, which of a column and a row is twice as fast by BLAS as by broadcasting."""
    if column.shape[1:] == row.shape[:1] == (1,) and column.size > 1 < row.size:
        return column.dot(row)
    return column * row


def sum_of_products(a: Array, b: Array, dims: tuple[int, ...]) -> Any:
    if a.ndim == 2 and dims == (1,) and a.shape[1] < SHORT:
        return np.einsum("ij,ij->i", a, b)[:, None]
    return np.add.reduce(a * b, axis=dims, keepdims=True)


def _normalize_backward(
    dy: Array, x: Array, weight: Any, layout: Layout, eps: float, mean: Any = None, var: Any = None
) -> tuple[Array, Array, Array]:
    shape, across, dims = layout
    n = count([shape[d] for d in dims])
    rest = others(across)
    if x.dtype == np.float16:
        dy, x = dy.astype(np.float32), x.astype(np.float32)
    dy, x = dy.reshape(shape), x.reshape(shape)
    if mean is None:
        mean = sum_over(x, dims) / n
    centred = x - mean
    if var is None:
        var = sum_of_products(centred, centred, dims) / n
    gain = scale = factor = 1 / np.sqrt(var + eps)
    product = dy * centred
    dbias = sum_over(dy, rest)
    if weight is not None:
        weight = weight.reshape(across)
        gain = outer(scale, weight)
    if all(size == 1 for i, size in enumerate(shape) if (i in rest) != (i in dims)):
        # A weight for each mean: its sums are those that are needed.
        dweight = along = sum_over(product, rest) * scale
        mean, factor = dbias / n, gain
    else:
        dweight = sum_over(product, rest, scale)
        along = sum_over(product, dims, weight) * scale
        mean = sum_over(dy, dims, weight) / n
    dx = np.multiply(dy, gain, product)
    dx -= mean * factor
    centred *= along / n * scale * factor
    dx -= centred
    return dx, dweight, dbias


def backward_rule(
    cx: Any, cw: Any, cb: Any, dy: Any, x: Any, weight: Any, layout: Layout, eps: float
) -> tuple[Any, ...]:
    """The cotangents of dy, x and weight in `_normalize_backward`, for cotangents of its results.

    Those results weighted by cx, cw and cb sum to dy times the change of the output when input,
    weight and bias move by cx, cw and cb; this is that sum differentiated.
    """
    shape, across, dims = layout
    n = count([shape[d] for d in dims])

    rest = others(across)
    given, x, dy = x, x.reshape(shape), dy.reshape(shape)
    w = 1.0 if weight is None else weight.reshape(across)
    centred = x - average(x, dims, n)
    scale = 1 / np.sqrt(average(centred * centred, dims, n) + eps)
    hat = centred * scale
    dhat = dy * w
    move = project(cx, hat, dims, n) * scale
    a, b = average(dhat * hat, dims, n), average(cx * hat, dims, n)
    covariance = average(dhat * cx, dims, n) - average(dhat, dims, n) * average(cx, dims, n)
    to_x = (
        project(dy * cw, hat, dims, n) * scale
        - hat * (covariance - a * b) * (scale * scale)
        - (project(dhat, hat, dims, n) * b + project(cx, hat, dims, n) * a) * (scale * scale)
    )
    return (
        (move * w + hat * cw + cb).reshape(given.shape),
        to_x.reshape(given.shape),
        None if weight is None else np.sum(dy * move, rest, keepdims=True).reshape(weight.shape),
    )


def average(x: Any, dims: tuple[int, ...], n: int) -> Any:
    return np.sum(x, dims, keepdims=True) / n


def project(u: Any, hat: Any, dims: tuple[int, ...], n: int) -> Any:
    """What is left of u without its mean and its part along the normalized input."""
    return u - average(u, dims, n) - hat * average(u * hat, dims, n)


normalize_backward: Operator = wide_primitive(
    "NativeLayerNormBackwardBackward0",
    _normalize_backward,
    outputs=("dx", "dweight", "dbias"),
    joint=lambda g_x, g_weight, g_bias, dy, x, weight, layout, eps: backward_rule(
        g_x, g_weight, g_bias, dy, x, weight, layout, eps
    ),
)


def normalize_rule(
    g: Any, x: Any, weight: Any, bias: Any, mean: Any, var: Any, layout: Layout, eps: float
) -> tuple[Any, ...]:
    dx, dweight, dbias = normalize_backward(g, x, weight, layout, eps, mean, var)
    return (
        dx.reshape(x.shape),
        None if weight is None else dweight.reshape(weight.shape),
        None if bias is None else dbias.reshape(bias.shape),
    )


# torch's three nodes. mean and var, of the shape where they broadcast to the input as it is seen,
# spare their rule work; where it is differentiated, it starts from the input again.
_layer_norm, _group_norm, _batch_norm = [
    wide_primitive(
        name,
        _normalize,
        outputs=("out", "mean", "var"),
        joint=lambda g, x, weight, bias, mean, var, layout, eps: normalize_rule(
            g, x, weight, bias, mean, var, layout, eps
        ),
    )
    for name in ("NativeLayerNormBackward0", "NativeGroupNormBackward0", "NativeBatchNormBackward0")
]


def _normalize_by(
    x: Array,
    weight: Any,
    bias: Any,
    mean: Array,
    var: Array,
    across: tuple[int, ...],
    eps: float,
) -> tuple[Array, Array]:
    dtype = x.dtype
    if dtype == np.float16:
        x, mean, var = (array.astype(np.float32) for array in (x, mean, var))
    scale = np.asarray(1 / np.sqrt(var.reshape(across) + eps), x.dtype)
    out = x - mean.reshape(across)
    out *= scale if weight is None else scale * weight.reshape(across)
    if bias is not None:
        out += bias.reshape(across)
    return out.astype(dtype, copy=False), scale


# By running statistics, which are constants. Half precision is too narrow to add up in: the rules
# do so in the dtype of the scale.
_batch_norm_by = wide_primitive(
    "NativeBatchNormBackward0",
    _normalize_by,
    extra=("scale",),
    x=lambda g, weight, scale, across: (
        g * (scale if weight is None else scale * weight.reshape(across))
    ),
    weight=lambda g, x, mean, scale, across, weight_shape: np.sum(
        g * ((_to_copy(x, scale.dtype) - mean.reshape(across)) * scale), others(across)
    ).reshape(weight_shape),
    bias=lambda g, scale, across, bias_shape: np.sum(
        _to_copy(g, scale.dtype), others(across)
    ).reshape(bias_shape),
    mean=None,
    var=None,
)
