"""``torch._foreach_add`` and its like: one operation for each tensor of a list.

minigrad has them under torch's names, ``_foreach_add(tensors, 2)`` and, in place,
``_foreach_add_(tensors, 2)``. The first argument is a list of tensors; the others are lists as
long, of tensors or of numbers, or one value for all: a number or, where torch takes one, a tensor
of no dimensions. The result is a tuple, in place the list that was given. Each tensor is computed
as ``add`` computes it, and so is its derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import minigrad
from minigrad import linalg
from minigrad.autograd.inplace import in_place
from minigrad.tensor import Tensor

__all__ = ["foreach"]

ALONE = (
    "abs acos asin atan ceil clone cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p "
    "log2 max neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh trunc zero"
)
WITH_OTHER = "add clamp_max clamp_min copy div maximum minimum mul pow sub"
WITH_TWO = ("addcdiv", "addcmul")
ONLY_IN_PLACE = ("copy", "zero")
NEVER_IN_PLACE = ("clone", "max", "norm")
ONE_TENSOR_FOR_ALL = ("add", "div", "lerp", "mul")


def foreach(name: str) -> Callable[..., Any]:
    """The function of this name, such as ``_foreach_add_``; AttributeError where there is none."""
    writes, operator = name.endswith("_"), name.removeprefix("_foreach_").removesuffix("_")
    forms: dict[str, Callable[..., Any]] = {"norm": _norm, "lerp": _lerp}
    forms.update(dict.fromkeys(ALONE.split(), _alone))
    forms.update(dict.fromkeys(WITH_OTHER.split(), _with_other))
    forms.update(dict.fromkeys(WITH_TWO, _with_two))
    if operator not in forms or operator in (NEVER_IN_PLACE if writes else ONLY_IN_PLACE):
        raise AttributeError(f"module 'minigrad' has no attribute '{name}'")
    form, each = forms[operator], Each(name, operator, writes)

    def function(self: Sequence[Any], *args: Any, **settings: Any) -> Any:
        return form(each, self, *args, **settings)

    function.__name__ = function.__qualname__ = name
    return function


class Each:
    """Runs one operator on each tensor of a list."""

    def __init__(self, name: str, operator: str, writes: bool) -> None:
        self.name, self.operator, self.writes = name, operator, writes
        if operator in ("maximum", "minimum"):
            extreme = getattr(minigrad, operator)

            def either(x: Any, other: Any) -> Any:
                return extreme(x, other if isinstance(other, Tensor) else minigrad.tensor(other))

            self.one = in_place(either) if writes else either
        else:
            self.one = getattr(Tensor, operator + "_" * writes)

    def __call__(self, tensors: Sequence[Any], *operands: Any, **settings: Any) -> Any:
        self.check(tensors, 0)
        columns = [self.column(tensors, operand, i) for i, operand in enumerate(operands, 1)]
        if "value" in settings:  # which tensors' methods take by its name
            values = self.column(tensors, settings.pop("value"), len(operands) + 1)
            keywords = [{"value": value, **settings} for value in values]
        else:
            keywords = [settings] * len(tensors)
        rows = zip(tensors, *columns, strict=True)
        results = [self.one(*row, **more) for row, more in zip(rows, keywords, strict=True)]
        return tensors if self.writes else tuple(results)

    def check(self, tensors: Any, position: int) -> None:
        """Raise unless this is a list of tensors that is not empty."""
        if not isinstance(tensors, list | tuple):
            raise TypeError(
                f"{self.name}() received an invalid combination of arguments: it takes a list of "
                f"tensors, not {type(tensors).__name__}"
            )
        if not tensors:
            raise RuntimeError("Tensor list must have at least one tensor.")
        for i, x in enumerate(tensors):
            if not isinstance(x, Tensor):
                given = type(x).__name__
                raise TypeError(
                    f"expected Tensor as element {i} in argument {position}, but got {given}"
                )

    def column(self, tensors: Sequence[Any], operand: Any, position: int) -> Sequence[Any]:
        """What goes with each of the tensors."""
        count = len(tensors)
        if isinstance(operand, Tensor):
            if self.operator in WITH_TWO and operand.ndim == 1:
                if len(operand) != count:
                    raise RuntimeError(
                        f"Expected length of scalars to match input of length {count} but got "
                        f"{len(operand)} instead."
                    )
                return list(operand.tolist())
            if operand.ndim:
                raise RuntimeError(
                    f"scalar tensor expected to be 0 dim but it has {operand.ndim} dimensions "
                    f"and {operand.numel()} elements."
                )
            if self.operator not in ONE_TENSOR_FOR_ALL:
                if operand.requires_grad:
                    raise TypeError(
                        f"{self.name}() received an invalid combination of arguments: it takes a "
                        "number or a list, not a tensor that requires grad"
                    )
                operand = operand.item()
        if not isinstance(operand, list | tuple):
            return [operand] * count
        numbers = operand and not isinstance(operand[0], Tensor)
        if not numbers:
            self.check(operand, position)
        if len(operand) != count:
            raise RuntimeError(
                "Tensor list must have same number of elements as scalar list."
                if numbers
                else f"Tensor lists must have the same number of tensors, got {count} and "
                f"{len(operand)}"
            )
        return operand


def _alone(each: Each, self: Any) -> Any:
    return each(self)


def _with_other(
    each: Each, self: Any, other: Any = None, *more: Any, scalars: Any = None, **settings: Any
) -> Any:
    for name in ("scalar", "exponent", "src"):
        other = settings.pop(name, other)
    other = other if scalars is None else scalars
    if each.operator == "pow" and isinstance(self, int | float):
        each.check(other, 1)
        return tuple(minigrad.pow(self, x) for x in other)
    if "alpha" in settings and isinstance(other, int | float):
        raise TypeError(
            f"{each.name}() received an invalid combination of arguments: alpha goes with tensors"
        )
    return each(self, other, *more, **settings)


def _with_two(
    each: Each, self: Any, tensor1: Any, tensor2: Any, value: Any = 1, *, scalars: Any = None
) -> Any:
    return each(self, tensor1, tensor2, value=value if scalars is None else scalars)


def _lerp(
    each: Each,
    self: Any,
    tensors1: Any,
    weight: Any = None,
    *,
    weights: Any = None,
    scalars: Any = None,
) -> Any:
    given = next(x for x in (weight, weights, scalars, 0.0) if x is not None)
    return each(self, tensors1, given)


def _norm(each: Each, self: Any, ord: Any = 2, dtype: Any = None) -> Any:
    each.check(self, 0)
    return tuple(linalg.vector_norm(x, ord, dtype=dtype) for x in self)
