"""The errors that autograd raises, in torch's words, and where they come from."""

from __future__ import annotations

import os
import re
import sys
import warnings
from types import FrameType
from typing import Any

import numpy as np

from minigrad.autograd.value import edge_of

TYPE_NAMES = {
    "float16": "Half",
    "float32": "Float",
    "float64": "Double",
    "uint8": "Byte",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "bool": "Bool",
}


warned: set[str] = set()  # what `warn_once` has said
warnings_repeat = [False]  # set by `set_warn_always`


PACKAGE = os.path.dirname(__file__) + os.sep


def outside(frame: FrameType) -> tuple[FrameType, int]:
    """From a frame outwards the first that is not minigrad's, and how many calls away it is."""
    distance = 0
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, distance = frame.f_back, distance + 1
    return frame, distance


def users_line() -> int:
    """The ``stacklevel`` at which a warning points at the line that called minigrad."""
    return 1 + outside(sys._getframe(1))[1]


def warn_once(text: str, about: str = "") -> None:
    """A UserWarning, in each process the first time only; of several texts ``about`` one thing."""
    key = about or text
    if warnings_repeat[0] or key not in warned:
        if not warnings_repeat[0]:
            warned.add(key)
        warnings.warn(text, stacklevel=users_line())


C_NAMES = {
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
    "bool": "bool",
}


def c_name(dtype: Any) -> str:
    """The dtype's name in C++, which torch's other messages use: ``long int`` for int64."""
    return C_NAMES[dtype.name]


MISMATCHES = {
    "mm": "expected m1 and m2 to have the same dtype, but got: {c_a} != {c_b}",
    "addmm": "mat1 and mat2 must have the same dtype, but got {a} and {b}",
    "mv": "addmv input tensors must have the same dtype, but got {b}, {a}, and {b}",
    "bmm": "expected scalar type {a} but found {b}",
    "dot": "dot : expected both vectors to have same dtype, but found {a} and {b}",
}


def dtypes_differ(name: str, a: Any, b: Any) -> RuntimeError:
    """Two operands of a function that does not promote."""
    what = MISMATCHES[name].format(a=type_name(a), b=type_name(b), c_a=c_name(a), c_b=c_name(b))
    return RuntimeError(f"{what}. {name} does not promote: convert one with .to(dtype)")


def type_name(dtype: Any) -> str:
    """torch's old name of a dtype, which its messages still use: ``Float`` for float32."""
    name = str(getattr(dtype, "name", dtype))
    return TYPE_NAMES.get(name, name)


FORWARDS = {"nll_loss": "nll_loss_forward", "nll_loss2_d": "nll_loss2d_forward"}


def not_differentiable(node: str, argument: str, setting: bool = False) -> Exception:
    """An argument that requires grad, of an operation that has no derivative for it."""
    function = re.sub(r"(?<=\w)(?=[A-Z])", "_", re.sub(r"Backward\d*$", "", node)).lower()
    if setting:
        return TypeError(
            f"{function}(): argument '{argument}' must be a number, not a Tensor that requires "
            "grad. Give its .item(), and there is no gradient for it."
        )
    return RuntimeError(
        f"The function '{FORWARDS.get(function, function)}' is not differentiable with respect to "
        f"argument '{argument}'. This input cannot have requires_grad True: detach() it."
    )


def modified_in_place(saved: Any, node: Any) -> RuntimeError:
    """A value that ``node`` saved has been written to since."""
    value = saved.value
    output = getattr(saved, "output", None)
    source, number = (node, output) if output is not None else edge_of(value) or (None, 0)
    of = ""
    if hasattr(source, "edges") and value.array.dtype.kind == "f":  # and not a leaf
        of = f", which is output {number} of {short_name(source)},"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [minigrad.{type_name(value.array.dtype)}Tensor {list(value.array.shape)}]{of} "
        f"is at version {value.version[0]}; expected version {saved.version} instead. Hint: "
        f"{node.name()} needs that value as it was. Write out of place (y = y * 2, not y *= 2), "
        f"or into a clone().{lines_of_write(value, node)}"
    )


def lines_of_write(value: Any, node: Any) -> str:
    """The lines that saved a value and that changed it, as far as they were kept (places.py)."""
    saved, written = noted(node, "place_"), value.version[1:]
    if saved is None and not written:
        return POINTING
    text = "" if saved is None else f"\nIt was saved here:\n{saved}"
    return text + "".join([f"\nIt was last changed here:\n{place}" for place in written])


POINTING = " To see the lines, run it under minigrad.autograd.set_detect_anomaly(True)."


def noted(node: Any, name: str) -> Any:
    """A line that anomaly detection has kept of a node; None if it was off."""
    return getattr(node, "__dict__", {}).get("_metadata", {}).get(name)


def short_name(node: Any) -> str:
    """The name of a node without the suffix: ``Exp`` for ``ExpBackward0``, ``Max1``, for 1."""
    return re.sub(r"Backward0?(\d*)$", r"\1", str(node.name()))


def freed_graph(node: Any) -> RuntimeError:
    first = noted(node, "backward_")
    pointing = POINTING if first is None else f"\nThe first backward was here:\n{first}"
    return RuntimeError(
        "Trying to backward through the graph a second time (or directly access saved tensors "
        "after they have already been freed). Saved intermediate values of the graph are freed "
        "when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
        "backward through the graph a second time or if you need to access saved tensors after "
        f"calling backward. The first node found freed is {node.name()}.{pointing}"
    )


def invalid_gradient(given: Any, expected: Any) -> RuntimeError:
    return RuntimeError(
        f"Function returned an invalid gradient - got {list(given)} but expected shape compatible "
        f"with {list(expected)}"
    )


def out_of_storage(
    shape: Any, strides: Any, start: int, itemsize: int, storage: int
) -> RuntimeError:
    """Some elements would lie behind a storage of so many."""
    last = start + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    return RuntimeError(
        f"setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset {start}, and "
        f"itemsize {itemsize} requiring a storage size of {(last + 1) * itemsize} are out of "
        f"bounds for storage of size {storage * itemsize}"
    )


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that tensors of these shapes broadcast to. Raises torch's RuntimeError."""
    result: tuple[int, ...] = shapes[0]
    for shape in shapes[1:]:
        width = max(len(result), len(shape))
        a = (1,) * (width - len(result)) + result
        b = (1,) * (width - len(shape)) + shape
        for i, n, m in zip(range(width)[::-1], a[::-1], b[::-1], strict=True):
            if n != m and 1 not in (n, m):
                raise RuntimeError(
                    f"The size of tensor a ({n}) must match the size of tensor b ({m}) at "
                    f"non-singleton dimension {i}\n  a: {aligned(result, width)}\n"
                    f"  b: {aligned(shape, width)}\nShapes are compared from the right; two sizes "
                    "fit if they are equal or one of them is 1."
                )
        result = tuple([m if n == 1 else n for n, m in zip(a, b, strict=True)])
    return result


def aligned(shape: tuple[int, ...], width: int) -> str:
    """A shape written so that two of them stand right-aligned under each other."""
    cells = [""] * (width - len(shape)) + [str(n) for n in shape]
    return "[" + " ".join(f"{cell:>4}" for cell in cells) + " ]"


def explained(error: ValueError, *operands: Any) -> Exception:
    """torch's error in place of numpy's, where the operands' shapes do not broadcast."""
    if isinstance(error, np.linalg.LinAlgError):
        return error
    try:
        broadcast_shapes(*[x.shape for x in operands if hasattr(x, "shape")])
    except RuntimeError as mismatch:
        return mismatch
    return error


def add_into(total: Any, g: Any) -> None:
    """``total += g``, with torch's error where ``total`` has been given another shape."""
    try:
        np.add(total, g, total)
    except ValueError:
        wanted = broadcast_shapes(total.shape, g.shape)
        raise RuntimeError(
            f"output with shape {list(total.shape)} doesn't match the broadcast shape "
            f"{list(wanted)}: the gradient that is there has another shape than its tensor."
        ) from None
