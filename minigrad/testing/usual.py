"""The usual mistakes in a rule, general ones: each with the words for it and how to know it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.backward import copied_axes

Array = np.ndarray[Any, Any]
Holds = Callable[[Any], bool]  # of an Answer (explanations.py)


def close(a: Any, b: Any) -> bool:
    """Whether two arrays are equal but for rounding, in shape too."""
    if isinstance(a, Exception) or isinstance(b, Exception) or a.shape != b.shape:
        return False
    single = np.float32 in (a.dtype, b.dtype)
    rtol, atol = (1e-4, 1e-5) if single else (1e-8, 1e-9)
    return np.allclose(a, b, rtol, atol, equal_nan=True)


def safely(holds: Holds, answer: Any) -> bool:
    """Whether it holds; what raises an error, since shapes do not fit, does not."""
    try:
        with np.errstate(all="ignore"):
            return holds(answer)
    except (RuntimeError, TypeError, ValueError, IndexError):
        return False


def usual(smooth: Sequence[Any], wrong: Sequence[Any]) -> Iterator[str]:
    """The mistakes that explain the answers where the function is smooth; ``wrong`` are some."""
    for told, holds in MISTAKES:
        if all(safely(holds, a) for a in smooth):
            yield told
    if any(a.true.any() for a in wrong):
        for told, holds in MASKS:
            if all(safely(holds, a) for a in smooth):
                yield told


def unsummed(a: Any) -> bool:
    if a.mine.shape == a.x.shape:
        return bool(a.equals(a.true))
    summed = a.mine.sum(axis=copied_axes(a.mine.shape, a.x.shape), keepdims=True)
    return len(a.args) > 1 and close(summed.reshape(a.x.shape), a.true)


def unspread(a: Any) -> bool:
    if a.mine.shape == a.x.shape:
        return bool(a.equals(a.true))
    return close(np.broadcast_to(a.mine, a.x.shape), a.true)


def by_other_operand(a: Any) -> bool:
    return len(a.args) > 1 and a.equals(a.gradient(a.g, 1 - a.question.operand))


def exchanged(a: Any) -> bool:
    return len(a.args) == 2 and close(a.asked(args=a.args[::-1]), a.true)


def untransposed(a: Any) -> bool:
    flipped = [x.T for x in a.args]
    return a.x.ndim == 2 and close(a.asked(args=flipped), a.true)


def square(a: Any) -> bool:
    rows, columns = a.jacobian.shape
    return bool(rows == columns)


def diagonal(a: Any) -> bool:
    """Whether each element acts on one element alone."""
    return bool((a.jacobian == np.diag(np.diag(a.jacobian))).all())


def shaped(a: Any, flat: Array) -> bool:
    return bool(a.equals(flat.reshape(a.x.shape)))


def times(a: Any) -> float:
    """How many elements of the input go into one of the output."""
    return float(a.x.size / a.out.size)


def not_zeroed(a: Any) -> bool:
    kept = a.true != 0
    same = a.mine.shape == a.true.shape and close(a.mine[kept], a.true[kept])
    return bool(same and (kept.all() or not kept.any() or (a.mine[~kept] != 0).any()))


def turned_round(a: Any) -> bool:
    return close(a.mine, a.g - a.true)


# What goes wrong, and whether the rule's answer at one input is what it makes. A mistake explains
# a rule if it does so at all inputs at once.
MISTAKES: tuple[tuple[str, Holds], ...] = (
    (
        "It is not summed over the axes along which the operand was broadcast.",
        unsummed,
    ),
    ("The sign is wrong.", lambda a: a.equals(-a.true)),
    (
        "The cotangent g is missing: the answer is right for g = 1 alone.",
        lambda a: a.equals(a.gradient(np.ones_like(a.g))),
    ),
    (
        "The sign is wrong, and the cotangent g is missing.",
        lambda a: a.equals(-a.gradient(np.ones_like(a.g))),
    ),
    (
        "The cotangent g is in it twice.",
        lambda a: a.equals(a.gradient(a.g * a.g)) or a.equals(a.g * a.true),
    ),
    (
        "The factor 1/N is missing, with N the number of elements that go into one.",
        lambda a: a.equals(a.true * times(a)),
    ),
    (
        "There is a factor 1/N too many, with N the number of elements that go into one.",
        lambda a: a.equals(a.true / times(a)),
    ),
    (
        "It has the input where the output belongs: ask for out, in place of x.",
        lambda a: close(a.asked(args=[a.out] * len(a.args)), a.true),
    ),
    (
        "It has the output where the input belongs: ask for x, in place of out.",
        lambda a: close(a.asked(out=a.x), a.true),
    ),
    ("It is the derivative by the other operand.", by_other_operand),
    ("The two operands are exchanged.", exchanged),
    ("A transpose is missing, or one is too many, of an operand.", untransposed),
    ("The answer is transposed.", lambda a: close(a.mine.T, a.true)),
    (
        "It takes the function for one that acts on each element alone: it is the diagonal of the "
        "Jacobian, and what one element does to the others is missing.",
        lambda a: square(a) and shaped(a, a.g.reshape(-1) * np.diag(a.jacobian)),
    ),
    (
        "It multiplies g by the Jacobian, and not by its transpose.",
        lambda a: square(a) and shaped(a, a.jacobian @ a.g.reshape(-1)),
    ),
    (
        "It divides by the derivative where it should multiply.",
        lambda a: a.equals(a.g * a.g / a.true),
    ),
    ("It multiplies g by the function itself.", lambda a: a.equals(a.g * a.out)),
    ("It hands g on as it is.", lambda a: a.equals(a.g)),
    ("It is 0 everywhere.", lambda a: a.equals(np.zeros_like(a.true))),
    (
        "It is the diagonal of the Jacobian: the cotangent g is missing, and what one element does "
        "to the others.",
        lambda a: square(a) and shaped(a, np.diag(a.jacobian)) and not diagonal(a),
    ),
    (
        "It has to be repeated along the axes that the operator has summed over.",
        unspread,
    ),
    (
        "The numbers are right, and their shape is not that of the operand.",
        lambda a: a.mine.size == a.true.size and close(a.mine.reshape(a.true.shape), a.true),
    ),
)

# The same for functions whose derivative is 0 in places, such as relu.
MASKS: tuple[tuple[str, Holds], ...] = (
    ("It is not 0 where it has to be: part of it has to be masked.", not_zeroed),
    ("It is masked the wrong way round: it passes on what it has to stop.", turned_round),
)


def factor(wrong: Sequence[Any]) -> Iterator[str]:
    """Whether the answers are a constant times the true ones, and which."""
    found = [ratio for ratio, _ in ratios(wrong)]
    if found and np.allclose(found, found[0], rtol=1e-8):
        yield f"It is the true one times {found[0]:.6g}."


def ratios(wrong: Sequence[Any]) -> list[tuple[float, tuple[int, ...]]]:
    """For each answer the number that it is times the true one, and the shape of the operand;
    nothing if there is an answer without such a number."""
    found: list[tuple[float, tuple[int, ...]]] = []
    for a in wrong:
        if a.mine.shape != a.true.shape or not close(a.mine[a.true == 0], a.true[a.true == 0]):
            return []
        each = a.mine[a.true != 0] / a.true[a.true != 0]
        if not np.allclose(each, each[:1], rtol=1e-8):
            return []
        if each.size:
            found.append((float(each[0]), a.x.shape))
    return found


def where(smooth: Sequence[Any], wrong: Sequence[Any]) -> Iterator[str]:
    """What the answers have in common, or those that are wrong."""
    right = [a for a in smooth if a.equals(a.true)]
    good, bad = {a.x.ndim for a in right}, {a.x.ndim for a in wrong}
    found = ratios(wrong)
    if all(safely(lambda a: a.equals(a.g * a.x), a) for a in smooth):
        yield "It multiplies g by the operand itself."
    elif sum(shape not in ((), (1,)) for _, shape in found) > 1:
        told = ", ".join(dict.fromkeys(f"{ratio:.4g} at {shape}" for ratio, shape in found[-3:]))
        yield f"It is the true one times a number, which depends on the shape: {told}."
    elif right and all(map(broadcast, wrong)) and not any(map(broadcast, right)):
        yield (
            "It is right where nothing is broadcast. Where the operand is, the sum over the axes "
            "along which it was repeated has to be the last step."
        )
    elif good - {0} and not good & bad:
        yield f"It is right where x.ndim is {listed(good)}, and wrong where it is {listed(bad)}."


def broadcast(a: Any) -> bool:
    """Whether the operand was repeated to fit another one."""
    try:
        shape = np.broadcast_shapes(*[x.shape for x in a.args])
    except ValueError:
        return False
    return bool(shape == a.out.shape != a.x.shape)


def listed(numbers: set[int]) -> str:
    *most, last = [str(n) for n in sorted(numbers)]
    return f"{', '.join(most)} or {last}" if most else last
