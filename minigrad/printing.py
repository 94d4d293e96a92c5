"""How tensors print: as in torch, to the character, with ``minigrad.`` where torch says ``torch.``.

    tensor([[1.0000, 2.5000],
            [3.0000, 4.0000]], dtype=minigrad.float64, requires_grad=True)

The text depends on the numbers and on the options below, not on numpy's print options.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array


class Options(NamedTuple):
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: float = 80
    sci_mode: bool | None = None


PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}
_options = [Options()]


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: float | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors print from now on; None leaves an option as it is.

    precision: digits after the point (4). threshold: the number of elements up to which all are
    shown (1000). edgeitems: how many are shown at either end of a dimension otherwise (3).
    linewidth: characters in a line (80). profile: "default", "short" or "full": sets
    these four, before those given here. sci_mode: whether floats print as ``1.0000e+00``; None,
    here too, means as the numbers demand.

    Raises ValueError or TypeError, and changes nothing, for what could not be printed with.
    """
    counts: dict[str, Any] = {"precision": precision, "edgeitems": edgeitems}
    for name, count in counts.items():
        if count is not None and not (isinstance(count, int | np.integer) and count >= 0):
            raise ValueError(f"set_printoptions(): {name} must be an int, 0 or more, not {count!r}")
    limits: dict[str, Any] = {"threshold": threshold, "linewidth": linewidth}
    for name, limit in limits.items():
        if limit is not None and not isinstance(limit, int | float | np.integer):
            raise TypeError(f"set_printoptions(): {name} must be a number, not {limit!r}")
    if profile is not None and profile not in PROFILES:
        raise ValueError(
            f"set_printoptions(): profile must be one of {', '.join(PROFILES)}, not {profile!r}"
        )
    options = _options[0] if profile is None else PROFILES[profile]
    _options[0] = Options(
        options.precision if precision is None else precision,
        options.threshold if threshold is None else threshold,
        options.edgeitems if edgeitems is None else edgeitems,
        options.linewidth if linewidth is None else linewidth,
        sci_mode,
    )


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """`set_printoptions` for a while: ``with printoptions(precision=2): print(t)``."""
    before = _options[0]
    try:
        set_printoptions(**options)
        yield
    finally:
        _options[0] = before


def tensor_text(tensor: Any, name: str = "tensor") -> str:
    """``tensor([1., 2.], requires_grad=True)``, with ``name`` in place of ``tensor``.

    For subclasses that print otherwise: ``Parameter.__repr__`` puts a line before this text.
    """
    array: Array = tensor.array
    options = _options[0]
    notes = []
    shape_shows = options.edgeitems > 0 if array.size > 0 else array.ndim == 1
    if not shape_shows:
        notes.append(f"size={tuple(array.shape)}")
    if not implied_dtype(array):
        notes.append(f"dtype={tensor.dtype}")
    if origin := origin_text(tensor):
        notes.append(origin)
    indent = len(name) + 1
    text = f"{name}({array_text(array, indent) if array.size else '[]'}"
    width = len(text) - text.rfind("\n") + 1
    for note in notes:
        # Measured as torch says it, so that lines break where torch's do.
        length = len(note.replace("minigrad.", "torch."))
        if width + length + 2 > options.linewidth:
            text += ",\n" + " " * indent + note
            width = indent + length
        else:
            text += ", " + note
            width += length + 2
    return text + ")"


def implied_dtype(array: Array) -> bool:
    """Whether the elements tell the dtype: ``1.`` the default one, ``1`` int64, ``True`` bool."""
    if array.dtype == dtypes.get_default_dtype().dtype:
        return True
    return array.size > 0 and array.dtype in (dtypes.INT64, dtypes.BOOL)


def origin_text(tensor: Any) -> str:
    """``grad_fn=<MulBackward0>``, ``requires_grad=True`` for a leaf, or nothing."""
    try:
        node = tensor.grad_fn
    except RuntimeError:  # a view that an in-place write has left without one
        return "grad_fn=<Invalid>"
    if node is None:
        return "requires_grad=True" if tensor.requires_grad else ""
    # From the class: a custom Function may keep anything in its context, under any name.
    return f"grad_fn=<{type(node).name(node)}>"


def array_text(array: Array, indent: int) -> str:
    """The elements in brackets, for a line of which ``indent`` characters are taken already."""
    options = _options[0]
    edge = options.edgeitems
    summarise = array.size > options.threshold
    cut = tuple([summarise and n > 2 * edge for n in array.shape])
    elements = ends(array, edge) if any(cut) else array.tolist()
    write, width = writer(np.array(elements, array.dtype) if any(cut) else array)

    def block(elements: Any, cut: tuple[bool, ...], indent: int) -> str:
        if not cut:
            return write(elements).rjust(width)
        parts = [block(element, cut[1:], indent + 1) for element in elements]
        if cut[0]:
            parts.insert(edge, "..." if len(cut) > 1 or edge == 0 else " ...")
        if len(cut) == 1:
            n = int(max(1, min(len(parts), (options.linewidth - indent) / (width + 2))))
            parts = [", ".join(parts[i : i + n]) for i in range(0, len(parts), n)]
        return "[" + ("," + "\n" * max(1, len(cut) - 1) + " " * (indent + 1)).join(parts) + "]"

    return block(elements, cut, indent)


def ends(array: Array, edge: int) -> Any:
    """What a summary shows: nested lists of at most ``edge`` entries from both ends of each
    dimension, taken without touching the rest."""
    if array.ndim == 0:
        return array.item()
    n = len(array)
    shown = range(n) if n <= 2 * edge else (*range(edge), *range(n - edge, n))
    return [ends(array[i], edge) for i in shown]


def writer(array: Array) -> tuple[Callable[[Any], str], int]:
    """How to write one of these elements, and the width of the column that they need."""
    if array.dtype.kind != "f":
        return str, max(map(len, map(str, array.ravel().tolist())), default=1)
    options = _options[0]
    # What is zero, infinite or no number has no say, even if it is wider than the column.
    numbers = array[np.isfinite(array) & (array != 0)].astype(np.float64)
    whole = bool((np.ceil(numbers) == numbers).all())
    scientific = numbers.size > 0 and options.sci_mode
    if numbers.size > 0 and options.sci_mode is None:
        sizes = np.abs(numbers)
        low, high = float(sizes.min()), float(sizes.max())
        scientific = high / low > 1000 or high > 1e8 or (not whole and low < 1e-4)
    spec, point = f".{options.precision}f", ""
    if scientific:
        spec = f".{options.precision}e"
    elif whole:
        spec, point = ".0f", "."

    def write(number: float) -> str:
        return format(number, spec) + (point if math.isfinite(number) else "")

    return write, max(map(len, map(write, numbers.tolist())), default=1)
