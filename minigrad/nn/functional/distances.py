"""Distances and similarities of vectors, and the losses made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.errors import broadcast_shapes, type_name
from minigrad.nn.functional.checks import mean_or_sum, reduction_of
from minigrad.ops import bounds, choice, operators, pairwise, shape
from minigrad.ops.arguments import need_tensor, number, numpys_names, typed
from minigrad.outputs import takes_out
from minigrad.promotion import result_type

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "normalize",
    "pairwise_distance",
    "pdist",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

NAMES = "anchor", "positive", "negative"


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """``x / max(||x||_p, eps)`` along ``dim``. Derivative: (g - h sum(g h)) / ||x|| for p = 2.

    h is the result; where the norm is below ``eps``, the derivative is g / eps. Raises RuntimeError
    for integers, IndexError for a dimension out of range. ``out``: a tensor to write the result to.
    """
    need_tensor("normalize", input)
    length = input.norm(p, dim, keepdim=True).clamp_min(eps).expand(input.shape)
    return (
        input / length if out is None else takes_out("div", operators.div)(input, length, out=out)
    )


@numpys_names
@typed("x1", "x2")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """``sum(x1 x2) / (max(||x1||, eps) max(||x2||, eps))`` along ``dim``; the two broadcast.

    Derivative for x1: (x2 / max(||x2||, eps) - c x1 / ||x1||) / max(||x1||, eps), where c is the
    result and x1 / ||x1|| is 0 at 0; likewise for x2. Raises RuntimeError for integers and where
    shapes do not broadcast, IndexError for a dimension out of range.
    """
    need_tensor("cosine_similarity", x1, "x1")
    need_tensor("cosine_similarity", x2, "x2", 2)
    dtype = result_type([x1.array, x2.array])
    if dtype.kind != "f":
        raise RuntimeError(
            f"expected common dtype to be floating point, yet common dtype is {type_name(dtype)}"
        )
    x1, x2 = [x if x.array.dtype.kind == "f" else x.to(dtype) for x in (x1, x2)]
    sizes = broadcast_shapes(x1.array.shape, x2.array.shape)
    unit = []
    for x in (x1, x2):
        if x.array.shape != sizes:
            x = shape.expand(x, sizes)
        unit.append(x / bounds.at_least(x.norm(2, dim, keepdim=True), eps))
    return (unit[0] * unit[1]).sum(dim)


@typed("x1", "x2")
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """``||x1 - x2 + eps||_p`` along the last dimension; the two broadcast.

    Derivative, with the difference d: sign(d) (|d| / distance)**(p-1), and its negative for x2.
    Raises RuntimeError where shapes do not broadcast.
    """
    need_tensor("pairwise_distance", x1, "x1")
    need_tensor("pairwise_distance", x2, "x2", 2)
    difference = x1 - x2 + float(eps)
    last = max(difference.array.ndim - 1, 0)
    return pairwise._norm_of_rows(difference, p, (last,) if difference.array.ndim else (), keepdim)


def pdist(input: Any, p: float = 2.0) -> Any:
    """The distances ``||x[i] - x[j]||_p`` of all pairs i < j of the rows of a matrix.

    Of n rows n (n - 1) / 2, in the order (0, 1), (0, 2), ... Derivative of each, with the
    difference d: sign(d) (|d| / distance)**(p-1) for row i, its negative for row j; for p = inf
    each of the elements that differ most gets all. Raises RuntimeError for other than two
    dimensions, integers and a negative p.
    """
    need_tensor("pdist", input)
    x = input.array
    if x.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {x.ndim}D")
    if x.dtype.kind != "f":
        raise RuntimeError("pdist only supports floating-point dtypes")
    p = number("pdist", p, "p", 2, "float")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return pairwise._pdist(input, p)


def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``1 - cos`` of the pairs with target 1, ``max(0, cos - margin)`` of those with -1.

    Vectors (N, D) with targets (N), or (D) with a 0-d target. Derivative: -1 or 1 times that of the
    cosine, 0 where cos is below the margin. Raises RuntimeError for other shapes.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    for position, tensor in enumerate((input1, input2, target), 1):
        name = "target" if position == 3 else f"input{position}"
        need_tensor("cosine_embedding_loss", tensor, name, position)
    margin = float(number("cosine_embedding_loss", margin, "margin", 4, "float"))
    ndim = target.array.ndim
    if ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    for vectors in (input1, input2):
        if vectors.array.ndim != ndim + 1:
            raise RuntimeError(
                f"{ndim}D target tensor expects {ndim + 1}D input tensors, but found inputs with "
                f"sizes {list(input1.array.shape)} and {list(input2.array.shape)}."
            )
    product = (input1 * input2).sum(ndim)
    squares = ((input1 * input1).sum(ndim) + 1e-12) * ((input2 * input2).sum(ndim) + 1e-12)
    cosine = product / squares.sqrt()
    alike = choice.where(target == 1, 1 - cosine, 0.0)
    apart = choice.where(target == -1, (cosine - margin).clamp_min(0), 0.0)
    return mean_or_sum(alike + apart, reduction)


def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The distance itself where the target is 1, ``max(0, margin - input)`` where it is -1.

    Derivative: 1, or -1 where the input is not above the margin and else 0. Raises RuntimeError
    where shapes do not broadcast.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("hinge_embedding_loss", input)
    need_tensor("hinge_embedding_loss", target, "target", 2)
    margin = float(number("hinge_embedding_loss", margin, "margin", 3, "float"))
    if input.array.dtype.kind != "f":
        margin = int(margin)  # the loss of integers is one
    apart = choice.where(target != 1, (margin - input).clamp_min(0), 0)
    alike = choice.where(target != -1, input, 0)
    return mean_or_sum(apart + alike, reduction)


def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``max(0, margin - target (input1 - input2))``: 1 asks input1 to be larger, -1 smaller.

    Derivatives: -target and target where the difference is not negative, else 0. Raises
    RuntimeError for tensors of different numbers of dimensions and where shapes do not broadcast.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    for position, tensor in enumerate((input1, input2, target), 1):
        name = "target" if position == 3 else f"input{position}"
        need_tensor("margin_ranking_loss", tensor, name, position)
    margin = float(number("margin_ranking_loss", margin, "margin", 4, "float"))
    if not input1.array.ndim == input2.array.ndim == target.array.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    difference = input1 - input2
    apart = -target * difference + margin
    return mean_or_sum(apart.clamp_min_(0), reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))``, d the `pairwise_distance`.

    With ``swap`` the negative's distance is the smaller one of those to anchor and positive.
    Derivatives: those of the distances where the loss is not 0. Raises ValueError unless the margin
    is positive, RuntimeError for shapes that do not fit.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    for i, (name, x) in enumerate(zip(NAMES, (anchor, positive, negative), strict=True), 1):
        need_tensor("triplet_margin_loss", x, name, i)
    margin = number("triplet_margin_loss", margin, "margin", kind="float")

    def distance(a: Any, b: Any) -> Any:
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=distance,
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with any function of two tensors for the distance."""
    reduction = reduction_of(reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    for i, (name, x) in enumerate(zip(NAMES, (anchor, positive, negative), strict=True), 1):
        need_tensor("triplet_margin_with_distance_loss", x, name, i)
    dims = [x.array.ndim for x in (anchor, positive, negative)]
    if len(set(dims)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {dims[0]}D, positive {dims[1]}D, and negative "
            f"{dims[2]}D inputs"
        )
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = bounds.minimum(far, distance(positive, negative))
    return mean_or_sum((margin + near - far).clamp_min(0), reduction)
