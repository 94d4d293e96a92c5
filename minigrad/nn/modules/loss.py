"""Losses as modules; the formulas are those of the functions of nn.functional.

``reduction`` is "mean", "sum" or "none"; the older ``size_average`` and ``reduce`` are turned into
it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

from minigrad.nn.modules.distance import PairwiseDistance
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.stateless import Stateless

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]

OLD = "size_average", "reduce"
WEIGHTS = "weight", "pos_weight"


class _Loss(Stateless):
    """The base of losses, also of those that users write. Weights are buffers."""

    passed: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[str] = ""
    reduction: str

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        Module.__init__(self)
        self.size_average, self.reduce, self.reduction = size_average, reduce, reduction
        _Loss.__post_init__(self)

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if "passed" in cls.__dict__:
            cls.passed = tuple([name for name in cls.passed if name not in OLD])

    def __post_init__(self) -> None:
        own = self.__dict__
        old = [own.pop(name, None) for name in OLD]
        if any(each is not None for each in old):
            average, reduce = [each is None or bool(each) for each in old]
            self.reduction = ("mean" if average else "sum") if reduce else "none"
            warnings.warn(
                "size_average and reduce args will be deprecated, please use "
                f"reduction='{self.reduction}' instead.",
                stacklevel=4,
            )
        for name in WEIGHTS:
            if name in self.passed and name in own:
                self.register_buffer(name, own.pop(name))


class _WeightedLoss(_Loss):
    """The base of losses with a weight for each class."""

    def __init__(
        self,
        weight: Any = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class L1Loss(_Loss, function="l1_loss"):
    """``|input - target|``."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MSELoss(_Loss, function="mse_loss"):
    """``(input - target)^2``. Shapes and errors as of `nn.functional.mse_loss`."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class SmoothL1Loss(_Loss, function="smooth_l1_loss"):
    """``d^2 / (2 beta)`` where the difference d is below ``beta``, else ``|d| - beta / 2``."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"
    beta: float = 1.0


class HuberLoss(_Loss, function="huber_loss"):
    """``d^2 / 2`` where the difference d is below ``delta``, else ``delta (|d| - delta / 2)``."""

    reduction: str = "mean"
    delta: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.delta, int | float):
            raise TypeError(f"delta must be a float or int, got: {type(self.delta)}")
        super().__post_init__()


class CrossEntropyLoss(_WeightedLoss, function="cross_entropy"):
    """``-log(softmax(input))`` at the class ``target``, or its mean under class probabilities.

    Shapes and errors as of `nn.functional.cross_entropy`.
    """

    weight: Any = None
    size_average: bool | None = None
    ignore_index: int = -100
    reduce: bool | None = None
    reduction: str = "mean"
    label_smoothing: float = 0.0


class NLLLoss(_WeightedLoss, function="nll_loss"):
    """``-input`` at the class ``target``, for an input of log-probabilities."""

    weight: Any = None
    size_average: bool | None = None
    ignore_index: int = -100
    reduce: bool | None = None
    reduction: str = "mean"


class BCELoss(_WeightedLoss, function="binary_cross_entropy"):
    """``-(t log(p) + (1 - t) log(1 - p))``, for an input of probabilities p."""

    weight: Any = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class BCEWithLogitsLoss(_Loss, function="binary_cross_entropy_with_logits"):
    """`BCELoss` of ``sigmoid(input)``; ``pos_weight`` multiplies the term of the positives."""

    weight: Any = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"
    pos_weight: Any = None


class KLDivLoss(_Loss, function="kl_div"):
    """``t (log(t) - input)``, for an input of log-probabilities."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"
    log_target: bool = False


class CTCLoss(_Loss, function="ctc_loss"):
    """``-log P(targets)`` over all alignments with the steps of the input."""

    blank: int = 0
    reduction: str = "mean"
    zero_infinity: bool = False


class PoissonNLLLoss(_Loss, function="poisson_nll_loss"):
    """``exp(input) - t * input``, for an input that is the log of a Poisson distribution's mean."""

    log_input: bool = True
    full: bool = False
    size_average: bool | None = None
    eps: float = 1e-8
    reduce: bool | None = None
    reduction: str = "mean"


class GaussianNLLLoss(_Loss, function="gaussian_nll_loss", keyword_only=True):
    """``(log(var) + (input - target)^2 / var) / 2``."""

    full: bool = False
    eps: float = 1e-6
    reduction: str = "mean"


class HingeEmbeddingLoss(_Loss, function="hinge_embedding_loss"):
    """``input`` where the target is 1, ``max(0, margin - input)`` where it is -1."""

    margin: float = 1.0
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class SoftMarginLoss(_Loss, function="soft_margin_loss"):
    """``log(1 + exp(-target * input))``."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class CosineEmbeddingLoss(_Loss, function="cosine_embedding_loss"):
    """``1 - cos(a, b)`` where the target is 1, ``max(0, cos(a, b) - margin)`` where it is -1."""

    margin: float = 0.0
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MarginRankingLoss(_Loss, function="margin_ranking_loss"):
    """``max(0, margin - target * (a - b))``."""

    margin: float = 0.0
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MultiLabelMarginLoss(_Loss, function="multilabel_margin_loss"):
    """The hinge loss of every label against every class that is none."""

    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MultiLabelSoftMarginLoss(_WeightedLoss, function="multilabel_soft_margin_loss"):
    """The mean over the classes of `BCEWithLogitsLoss`."""

    weight: Any = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class MultiMarginLoss(_WeightedLoss, function="multi_margin_loss"):
    """``max(0, margin - input[target] + input[i])^p`` over the other classes i."""

    p: int = 1
    margin: float = 1.0
    weight: Any = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if self.weight is not None and self.weight.dim() != 1:
            raise ValueError(
                f"MultiMarginLoss: expected weight to be None or 1D tensor, got "
                f"{self.weight.dim()}D instead"
            )


class TripletMarginLoss(_Loss, function="triplet_margin_loss"):
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)``, d the p-norm."""

    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive_margin("TripletMarginLoss", self.margin)


class TripletMarginWithDistanceLoss(
    _Loss, function="triplet_margin_with_distance_loss", keyword_only=True
):
    """`TripletMarginLoss` with another distance, `PairwiseDistance` by default."""

    distance_function: Callable[[Any, Any], Any] | None = None
    margin: float = 1.0
    swap: bool = False
    reduction: str = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive_margin("TripletMarginWithDistanceLoss", self.margin)
        if self.distance_function is None:
            del self.distance_function  # it becomes a submodule
            self.distance_function = PairwiseDistance()


def positive_margin(name: str, margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"{name}: expected margin to be greater than 0, got {margin} instead")
