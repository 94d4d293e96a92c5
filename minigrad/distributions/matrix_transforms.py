"""Functions from real numbers to triangular and positive definite matrices."""

from __future__ import annotations

import math
from typing import Any

from minigrad.creation import eye, tril_indices
from minigrad.distributions import constraints
from minigrad.distributions.transform import Distinct, Transform
from minigrad.linalg import cholesky
from minigrad.nn.functional import pad, softplus
from minigrad.ops.diagonals import diag_embed
from minigrad.size import Size
from minigrad.typeinfo import finfo

two_dimensional = constraints.independent(constraints.real, 2)


class LowerCholeskyTransform(Transform):
    """The lower triangle of a matrix, with the exponentials of its diagonal."""

    domain = two_dimensional
    codomain = constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + diag_embed(x.diagonal(dim1=-2, dim2=-1).exp())

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + diag_embed(y.diagonal(dim1=-2, dim2=-1).log())


class PositiveDefiniteTransform(Transform):
    """``L @ L.mT`` of what `LowerCholeskyTransform` gives."""

    domain = two_dimensional
    codomain = constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(cholesky(y))


class CorrCholeskyTransform(Distinct):
    """From D (D - 1) / 2 numbers to the lower Cholesky factor of D variables' correlations.

    The numbers become partial correlations, by tanh, and each breaks off a share of what is left of
    its row's squares. Raises RuntimeError for numbers that make no triangle.
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x: Any) -> Any:
        eps = finfo(x.dtype).eps
        partial = as_triangle(x.tanh().clamp(min=-1 + eps, max=1 - eps))
        left = (1 - partial**2).sqrt().cumprod(-1)
        factor = partial + eye(partial.shape[-1], dtype=x.dtype)
        return factor * pad(left[..., :-1], [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        left = pad((1 - (y * y).cumsum(-1))[..., :-1], [1, 0], value=1)
        partial = of_triangle(y) / of_triangle(left).sqrt()
        return (partial.log1p() - (-partial).log1p()) / 2

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The sums of what is left of the squares, and of the slopes of tanh."""
        left = of_triangle(1 - (y * y).cumsum(-1), -2)
        slopes = -2 * (x + softplus(-2 * x) - math.log(2.0)).sum(-1)
        return 0.5 * left.log().sum(-1) + slopes

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        size = round((0.25 + 2 * shape[-1]) ** 0.5 + 0.5)
        if size * (size - 1) // 2 != shape[-1]:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return Size((*shape[:-1], size, size))

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        if len(shape) < 2:
            raise ValueError("Too few dimensions on input")
        if shape[-2] != shape[-1]:
            raise ValueError("Input is not square")
        return Size((*shape[:-2], shape[-1] * (shape[-1] - 1) // 2))


def as_triangle(x: Any) -> Any:
    """The numbers below the diagonal of matrices, row by row."""
    n = round((0.25 + 2 * x.shape[-1]) ** 0.5 + 0.5)
    rows, columns = tril_indices(n, n, -1)
    matrix = x.new_zeros((*x.shape[:-1], n, n))
    matrix[..., rows, columns] = x
    return matrix


def of_triangle(x: Any, offset: int = -1) -> Any:
    """The numbers below the diagonal, row by row."""
    rows, columns = tril_indices(x.shape[-2], x.shape[-1], offset)
    return x[..., rows, columns]
