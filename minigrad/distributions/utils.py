"""What a distribution of one's own is written with, under torch's names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from minigrad.autograd import enable_grad
from minigrad.creation import tril_indices
from minigrad.distributions.distribution import inside, parameters, standard_normal
from minigrad.distributions.transform import sum_rightmost
from minigrad.ops.elementwise import sigmoid
from minigrad.ops.softmax import softmax

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

_standard_normal = standard_normal  # torch's names of what its own distributions are written with
_sum_rightmost = sum_rightmost


def broadcast_all(*values: Any) -> tuple[Any, ...]:
    """Numbers and tensors as tensors of one shape, the numbers in the first tensor's dtype.

    Raises ValueError for what is neither.
    """
    return parameters(*values)


def clamp_probs(probs: Any) -> Any:
    """Probabilities that have a logarithm: not closer to 0 and 1 than the dtype's eps."""
    return inside(probs)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """``softmax(logits, dim=-1)``, or, of two outcomes, ``sigmoid(logits)``."""
    return sigmoid(logits) if is_binary else softmax(logits, dim=-1)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """``log(probs)``, or, of two outcomes, ``log(probs / (1 - probs))``, of probabilities that
    `clamp_probs` has made safe."""
    probs = clamp_probs(probs)
    return probs.log() - (-probs).log1p() if is_binary else probs.log()


def tril_matrix_to_vec(mat: Any, diag: int = 0) -> Any:
    """The elements of (..., n, n) matrices on and below a diagonal, row by row: (..., count).

    Raises ValueError for a diagonal outside of the matrix.
    """
    n = mat.shape[-1]
    if not -n < diag < n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    return mat[(..., *tril_indices(n, n, diag))]


def vec_to_tril_matrix(vec: Any, diag: int = 0) -> Any:
    """The (..., n, n) matrices that `tril_matrix_to_vec` gives these elements of, 0 elsewhere.

    Raises ValueError if no matrix has so many elements there.
    """
    count = vec.shape[-1]
    # The positive root of n^2 + (1 + 2 diag) n - abs(diag) (diag + 1) - 2 count = 0.
    side = 1 + 2 * diag
    n = round((-side + (side**2 + 8 * count + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2)
    rows, columns = tril_indices(n, n, diag)
    if len(rows) != count:
        raise ValueError(
            f"The size of last dimension is {count} which cannot be expressed as the lower "
            "triangular part of a square D x D matrix."
        )
    matrix = vec.new_zeros((*vec.shape[:-1], n, n))
    matrix[..., rows, columns] = vec
    return matrix


class lazy_property(cached_property[Any]):
    """A property that is computed, with its history, when it is first asked for, and then kept."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        super().__init__(enable_grad()(wrapped))
