"""A softmax over many classes, of which few are frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minigrad.nn.functional import log_softmax
from minigrad.nn.modules.container import ModuleList, Sequential
from minigrad.nn.modules.linear import Linear
from minigrad.nn.modules.module import Module
from minigrad.ops.joining import cat

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class _ASMoutput(NamedTuple):
    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """Grave et al., "Efficient softmax approximation for GPUs" (2017).

    The classes below ``cutoffs[0]`` and one for each cluster of rarer ones compete in the head; the
    members of a cluster, between two cutoffs, compete in a tail of ``in_features // div_value**k``
    features. A class's logarithm is the sum of both.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Raises ValueError unless the cutoffs ascend, from above 0 to below n_classes."""
        super().__init__()
        ends = list(cutoffs)
        if not ends:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        ascending = ends == sorted(set(ends)) and all(int(end) == end for end in ends)
        if not ascending or ends[0] <= 0 or ends[-1] > n_classes - 1:
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing "
                "order, where each value is between 1 and n_classes-1"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = ends[0]
        self.n_clusters = len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **made)
        self.tail = ModuleList()
        for k, (start, stop) in enumerate(self.clusters(), 1):
            features = int(in_features // div_value**k)
            self.tail.append(
                Sequential(
                    Linear(in_features, features, bias=False, **made),
                    Linear(features, stop - start, bias=False, **made),
                )
            )

    def clusters(self) -> list[tuple[int, int]]:
        """The first class of each cluster, and the first one behind it."""
        return list(zip(self.cutoffs, self.cutoffs[1:], strict=False))

    def reset_parameters(self) -> None:
        """Draw the weights again."""
        self.head.reset_parameters()
        for first, second in self.tail:
            first.reset_parameters()
            second.reset_parameters()

    def forward(self, input_: Any, target_: Any) -> _ASMoutput:
        """The logarithm of each target's probability, and minus their mean.

        input_ is (N, in_features) or (in_features,), target_ (N,) or 0-d. Raises RuntimeError for
        other shapes and for targets that are no classes.
        """
        batched = target_.dim() > 0
        if target_.dim() > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if batched and input_.shape[0] != target_.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input_.dim() != 1 + batched:
            raise RuntimeError(
                f"{'1D' if batched else '0D'} target tensor expects {'2D' if batched else '1D'} "
                f"input tensors, but found inputs with size {input_.size()}"
            )
        x, target = (input_, target_) if batched else (input_.unsqueeze(0), target_.unsqueeze(0))
        wrong = (target < 0) | (target >= self.n_classes)
        if bool(wrong.any()):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found. "
            )
        place, parts = target.clone(), []
        for k, (start, stop) in enumerate(self.clusters()):
            rows = ((target >= start) & (target < stop)).nonzero().squeeze(1)
            if rows.numel():
                place[rows] = self.shortlist_size + k
                inside = log_softmax(self.tail[k](x.index_select(0, rows)), 1)
                member = (target[rows] - start).unsqueeze(1)
                parts.append((rows, inside.gather(1, member).squeeze(1)))
        head = log_softmax(self.head(x), 1).gather(1, place.unsqueeze(1)).squeeze(1)
        tails = head.new_zeros(head.shape)
        for rows, part in parts:
            tails = tails.index_add(0, rows, part)
        output = tails + head
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def _full_log_prob(self, x: Any, head: Any) -> Any:
        head = log_softmax(head, 1)
        parts = [head[:, : self.shortlist_size]]
        for k, tail in enumerate(self.tail):
            parts.append(log_softmax(tail(x), 1) + head[:, self.shortlist_size + k].unsqueeze(1))
        return cat(parts, 1)

    def log_prob(self, input: Any) -> Any:
        """The logarithms of the probabilities of all classes, (N, n_classes)."""
        return self._full_log_prob(input, self.head(input))

    def predict(self, input: Any) -> Any:
        """The most probable class of each row."""
        head = self.head(input)
        found = head.argmax(1)
        rare = found >= self.shortlist_size
        if bool(rare.any()):
            found[rare] = self._full_log_prob(input[rare], head[rare]).argmax(1)
        return found
