"""Sums of products by Einstein's notation, in torch's full syntax.

Each operand is turned so that all have the same dimensions in the same order, those of the result
first; then they are multiplied from left to right, and a dimension is summed over as soon as no
later operand has it. Two operands with such dimensions are a batch of matrix products.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from minigrad.ops.arguments import integer, need_tensor
from minigrad.ops.arithmetic import mul, sum
from minigrad.ops.diagonals import diagonal
from minigrad.ops.dims import movedim
from minigrad.ops.linalg import bmm
from minigrad.ops.reduction import count
from minigrad.ops.shape import _view as view
from minigrad.ops.shape import inverse, permute, reshape, unsqueeze

__all__ = ["einsum"]

DOTS = "..."
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(*args: Any) -> Any:
    """``einsum("ij,jk->ik", a, b)``: products of elements, summed over what the result lacks.

    Each operand has a letter for each of its dimensions; the letters after ``->`` are those of
    the result, and without ``->`` all that occur once, in alphabetical order. ``...`` stands for
    dimensions that broadcast; a letter twice in one operand takes its diagonal. In place of the
    equation, lists of numbers below 52 may follow each operand: ``einsum(a, [0, 1], b, [1, 2])``.

    Derivatives: those of the products and sums it is made of. Raises RuntimeError for an equation
    that does not fit the operands.
    """
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, "
            "or at least one operand and its subscripts list"
        )
    if isinstance(args[0], str):
        equation, operands = args[0], args[1:]
        if len(operands) == 1 and isinstance(operands[0], list | tuple):
            operands = tuple(operands[0])
    else:
        equation, operands = spelled(args)
    for x in operands:
        need_tensor("einsum", x, "operands", 2)
    labels, result = understood(equation, operands)
    # The order of all dimensions: the result's, then those that are summed over.
    order = [*result, *sorted({c for each in labels for c in each} - set(result), key=str)]
    turned = [
        aligned(x, each, order, i) for i, (x, each) in enumerate(zip(operands, labels, strict=True))
    ]
    sizes: dict[Any, int] = {}
    for i, (x, each) in enumerate(zip(turned, labels, strict=True)):
        for k, c in enumerate(each):
            n, seen = x.array.shape[order.index(c)], sizes.get(c, 1)
            if n != 1 and seen not in (1, n):
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {i} which does not "
                    f"broadcast with previously seen size {seen}"
                    if isinstance(c, str)
                    else f"einsum(): dimension {k} covered by ellipsis in operand {i}has size {n} "
                    f"which does not broadcast with previously seen ellipsis with size {seen} for "
                    "the respective dimension"
                )
            sizes[c] = n if seen == 1 else seen
    return contracted(turned, len(result))


def spelled(args: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """The equation for operands that are each followed by a list of numbers."""

    def letters(numbers: Any) -> str:
        text = ""
        for n in numbers:
            if n is Ellipsis:
                text += DOTS
                continue
            n = integer("einsum", n, "subscripts")
            if not 0 <= n < len(LETTERS):
                raise ValueError(
                    "einsum(): subscript in subscript list is not within the valid range [0, 52)"
                )
            text += LETTERS[n]
        return text

    pairs = len(args) // 2
    parts = [letters(args[2 * i + 1]) for i in range(pairs)]
    equation = ",".join(parts)
    if len(args) % 2:
        equation += "->" + letters(args[-1])
    return equation, tuple(args[: 2 * pairs : 2])


def understood(equation: str, operands: Sequence[Any]) -> tuple[list[list[Any]], list[Any]]:
    """For each operand the labels of its dimensions, and those of the result.

    A dimension under an ellipsis has a number as its label, counted from the right: -1, -2, ...
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    texts = left.split(",")
    if len(texts) > len(operands):
        raise RuntimeError(
            "einsum(): more operands were provided than specified in the equation"
            if len(operands) > len(texts)
            else "einsum(): fewer operands were provided than specified in the equation"
        )
    if len(texts) < len(operands):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    labels = [
        of_operand(text, x.array.ndim, i)
        for i, (text, x) in enumerate(zip(texts, operands, strict=True))
    ]
    covered = max([sum_of_numbers(each) for each in labels], default=0)
    numbers = list(range(-covered, 0))
    seen = Counter(c for each in labels for c in each)
    if not arrow:
        once = sorted(c for c, n in seen.items() if isinstance(c, str) and n == 1)
        return labels, [*numbers, *once]
    result: list[Any] = []
    for c in parsed(right, "the output"):
        if c == DOTS:
            result += numbers
        elif c in result:
            raise RuntimeError(
                f"einsum(): output subscript {c} appears more than once in the output"
            )
        elif c not in seen:
            raise RuntimeError(
                f"einsum(): output subscript {c} does not appear in the equation for any input "
                "operand"
            )
        else:
            result.append(c)
    return labels, result


def sum_of_numbers(labels: Sequence[Any]) -> int:
    """How many dimensions the ellipsis of an operand covers."""
    return len([c for c in labels if not isinstance(c, str)])


def parsed(text: str, where: str) -> list[str]:
    """The letters of an operand, and its ellipsis."""
    before, dots, after = text.partition(DOTS)
    letters = [*before, *([DOTS] if dots else []), *after]
    for c in letters:
        if c == ".":
            raise RuntimeError(
                f"einsum(): found '.' for {where} that is not part of any ellipsis"
                if DOTS not in after
                else f"einsum(): found '.' for {where} for which an ellipsis was already found"
            )
        if c != DOTS and c not in LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {text.find(c)} in the equation "
                "string, subscripts must be in [a-zA-Z]"
            )
    return letters


def of_operand(text: str, ndim: int, i: int) -> list[Any]:
    letters = parsed(text, f"operand {i}")
    covered = ndim - len([c for c in letters if c != DOTS])
    if covered < 0 or (covered and DOTS not in letters):
        given = len([c for c in letters if c != DOTS])
        why = "is more than" if DOTS in letters else "does not match"
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({given}) {why} the number of "
            f"dimensions ({ndim}) for operand {i}"
            + ("" if DOTS in letters else " and no ellipsis was given")
        )
    labels: list[Any] = []
    for c in letters:
        labels += range(-covered, 0) if c == DOTS else [c]
    return labels


def aligned(x: Any, labels: Sequence[Any], order: Sequence[Any], i: int) -> Any:
    """The operand with a dimension for each label of ``order``, of size 1 where it has none."""
    labels = list(labels)
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            first = labels.index(c)
            second = labels.index(c, first + 1)
            n, m = x.array.shape[first], x.array.shape[second]
            if n != m:
                raise RuntimeError(
                    f"einsum(): subscript {c} is repeated for operand {i} but the sizes don't "
                    f"match, {m} != {n}"
                )
            x = movedim(diagonal(x, 0, first, second), -1, first)
            del labels[second]
    present = [c for c in order if c in labels]
    x = permute(x, [labels.index(c) for c in present])
    for k, c in enumerate(order):
        if c not in labels:
            x = unsqueeze(x, k)
    return x


def contracted(operands: Sequence[Any], kept: int) -> Any:
    """The product of aligned operands, with all but the first ``kept`` dimensions summed."""
    result, *others = operands
    summed = list(range(kept, result.array.ndim))
    if not others:
        return sum(result, summed) if summed else result
    for i, x in enumerate(others):
        later = others[i + 1 :]
        done = []
        for d in summed:
            if all(y.array.shape[d] == 1 for y in later):
                if result.array.shape[d] != 1 and x.array.shape[d] != 1:
                    done.append(d)
                elif result.array.shape[d] != 1:
                    result = sum(result, d, True)
                elif x.array.shape[d] != 1:
                    x = sum(x, d, True)
        result = pair(result, x, done) if done else mul(result, x)
    return view(result, result.array.shape[:kept]) if summed else result


def pair(a: Any, b: Any, summed: Sequence[int]) -> Any:
    """The product of two aligned operands, summed over dimensions that both have: a `bmm`.

    The dimensions that both have are the batch, those of one of them its rows or columns.
    """
    n, m = a.array.shape, b.array.shape
    others = [d for d in range(len(n)) if d not in summed]
    both = [d for d in others if n[d] != 1 and m[d] != 1]
    rows = [d for d in others if n[d] != 1 and m[d] == 1]
    columns = [d for d in others if n[d] == 1]
    total = count([n[d] for d in summed])
    batch = count([n[d] for d in both])
    left = reshape(
        permute(a, [*both, *rows, *summed, *columns]), batch, count([n[d] for d in rows]), total
    )
    right = reshape(
        permute(b, [*both, *summed, *columns, *rows]), batch, total, count([m[d] for d in columns])
    )
    product = bmm(left, right)
    order = [*both, *rows, *summed, *columns]
    sizes = [*[n[d] for d in [*both, *rows]], *[1] * len(summed), *[m[d] for d in columns]]
    return permute(view(product, tuple(sizes)), inverse(tuple(order)))
