"""Which dtype an operation computes in: torch's rule, which is not numpy's.

There are three classes of operand: tensors with dimensions, 0-d tensors, Python numbers. The
highest class decides, and a lower one counts only if its category (bool < integer < float) is
higher: a float32 vector times a float64 0-d tensor is float32, an int64 vector plus 1.5 is of the
default dtype (torch's documentation of ``torch.result_type``).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Value
from minigrad.errors import broadcast_shapes, c_name, dtypes_differ, type_name

CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}


def promote_types(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The smallest dtype for two of one class; an integer never widens a float."""
    if CATEGORY[a.kind] == CATEGORY[b.kind] != 2 or a.kind == b.kind:
        return np.promote_types(a, b)
    return a if CATEGORY[a.kind] > CATEGORY[b.kind] else b


@cache
def _decide(operands: tuple[tuple[Any, int], ...], default: Any) -> np.dtype[Any]:
    """The result dtype for (dtype or Python type, class) pairs; class 2 outranks 1 outranks 0."""
    classes: list[np.dtype[Any] | None] = [None, None, None]
    for kind, rank in operands:
        if rank == 0:
            kind = {bool: dtypes.BOOL, int: dtypes.INT64, float: default}[kind]
        held = classes[rank]
        classes[rank] = kind if held is None else promote_types(held, kind)
    result: np.dtype[Any] | None = None
    for kind in reversed(classes):
        if kind is not None and (result is None or CATEGORY[kind.kind] > CATEGORY[result.kind]):
            result = kind if result is None or kind.kind == "f" else promote_types(result, kind)
    assert result is not None
    return result


def plain(x: Any) -> Any:
    """A Python number, numpy scalar or array as an operand; NotImplemented for anything else."""
    if isinstance(x, Value):
        return x.array
    if isinstance(x, np.ndarray):
        dtypes.of_numpy(x.dtype)
        return x
    if isinstance(x, bool):
        return x
    if isinstance(x, numbers.Integral):
        return int(x)
    if isinstance(x, numbers.Real | np.bool_):  # torch, too, takes a numpy bool for a float
        return float(x)
    return NotImplemented


def stored(number: Any, dtype: Any) -> Any:
    """A number that is to be written to a tensor of this dtype; an unsigned one wraps below 0.

    Raises RuntimeError if it is out of range: an infinite one is not, for floats.
    """
    if dtype.kind == "b":
        return number
    if dtype.kind == "f":
        if math.isfinite(number) and abs(float(number)) > float(np.finfo(dtype).max):
            raise overflow(dtype)
        return number
    limits = np.iinfo(dtype)
    wraps = dtype.kind == "u" and isinstance(number, int)
    if not (-limits.max if wraps else limits.min) <= number <= limits.max:
        raise overflow(dtype)
    return number % (limits.max + 1) if wraps else number


def factor(number: Any, dtype: Any) -> Any:
    """A number that multiplies arrays of this dtype, as one of their own; see `stored`."""
    if dtype.kind == "f":
        return number
    return bool(number) if dtype.kind == "b" else stored(int(number), dtype)


def need_factor(name: str, number: Any, kind: str) -> None:
    """Raise RuntimeError for a factor of a higher category than results of this kind."""
    if isinstance(number, bool) and kind != "b":
        raise RuntimeError(f"Boolean {name} only supported for Boolean results.")
    if isinstance(number, float) and kind != "f":
        raise RuntimeError(
            f"For integral input tensors, argument {name} must not be a floating point number."
        )


def overflow(dtype: Any) -> RuntimeError:
    fixed = dtype.kind in "iu" and dtype.itemsize != 4
    name = f"{dtype.name}_t" if fixed else c_name(dtype)
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


def need_range(number: Any, dtype: Any) -> None:
    """Raise RuntimeError for a finite number that lies beyond those of a floating-point dtype."""
    if dtype.kind == "f" and float(np.finfo(dtype).max) < abs(number) < math.inf:
        raise overflow(dtype)


def in_single(kernel: Any, *args: Any) -> np.ndarray[Any, Any]:
    """What a kernel gives for arrays of float16, computed in float32 and rounded once, as torch."""
    half = np.ndarray | np.float16
    wide = [np.asarray(x, np.float32) if isinstance(x, half) else x for x in args]
    result: np.ndarray[Any, Any] = kernel(*wide).astype(np.float16)
    return result


def result_type(operands: Sequence[Any]) -> np.dtype[Any]:
    """The dtype in which arrays and Python numbers meet."""
    key = tuple(
        [
            (x.dtype, 2 if x.ndim else 1) if isinstance(x, np.ndarray) else (type(x), 0)
            for x in operands
        ]
    )
    return _decide(key, dtypes.get_default_dtype().dtype)


def order_of(x: np.ndarray[Any, Any]) -> Any:
    """The memory order of a copy of ``x``: its own, but an expanded array's copy is contiguous."""
    return "C" if 0 in x.strides else "K"


def converted(x: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A copy in another dtype. What is too large for a narrower one becomes infinite."""
    if x.dtype.itemsize <= dtype.itemsize:
        return x.astype(dtype, order_of(x))
    with np.errstate(all="ignore"):
        return x.astype(dtype, order_of(x))


def cast(operands: Sequence[Any], dtype: np.dtype[Any]) -> list[Any]:
    """Bring arrays and numbers to ``dtype``; integers that do not fit wrap around, as in torch."""
    done: list[Any] = []
    for x in operands:
        if isinstance(x, np.ndarray):
            done.append(x if x.dtype == dtype else converted(x, dtype))
        elif dtype.kind == "f":
            done.append(float(x))
        else:
            done.append(np.array(x).astype(dtype))
    return done


def arithmetic(arrays: Sequence[Any]) -> Any:
    """Promotion of ``+ - * ** maximum where``: to the result type of all operands."""
    operands = [plain(x) for x in arrays]
    if any(x is NotImplemented for x in operands):
        return NotImplemented
    return cast(operands, result_type(operands))


def floating(arrays: Sequence[Any]) -> Any:
    """Promotion of ``/ exp sqrt sin``: as arithmetic, integers to the default dtype."""
    operands = [plain(x) for x in arrays]
    if any(x is NotImplemented for x in operands):
        return NotImplemented
    dtype = result_type(operands)
    return cast(operands, dtype if dtype.kind == "f" else dtypes.get_default_dtype().dtype)


def subtraction(arrays: Sequence[Any]) -> Any:
    """Promotion of ``-``, which torch refuses for booleans."""
    done = arithmetic(arrays)
    if done is NotImplemented:
        return done
    bools = [np.result_type(x).kind == "b" for x in map(plain, arrays)]
    if all(bools):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` "
            "or `logical_xor()` operator instead."
        )
    if any(bools):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying "
            "to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return done


def only(
    kinds: str,
    kernel: str,
    promote: Callable[[Sequence[Any]], Any] = arithmetic,
    cure: str = "Convert to a dtype that it is for.",
) -> Callable[[Sequence[Any]], Any]:
    """A promotion that refuses a result whose dtype is not of one of the ``kinds``."""

    def check(arrays: Sequence[Any]) -> Any:
        done = promote(arrays)
        if done is not NotImplemented and (dtype := np.result_type(*done)).kind not in kinds:
            broadcast_shapes(*[x.shape for x in done if hasattr(x, "shape")])  # this comes first
            raise NotImplementedError(
                f"\"{kernel}\" not implemented for '{type_name(dtype)}'. {cure}"
            )
        return done

    return check


def bits(name: str) -> Callable[[Sequence[Any]], Any]:
    """Promotion of ``& | ^``, which have no meaning for floats."""
    return only("bui", f"{name}_cpu", cure="Compare first, as in (x > 0) & mask.")


def floating_first(arrays: Sequence[Any]) -> Any:
    """Promotion of one operand that settings follow: integers to the default dtype."""
    return [*floating(arrays[:1]), *arrays[1:]]


def power(arrays: Sequence[Any]) -> Any:
    """Promotion of ``**``, which torch does not have for two booleans."""
    done = arithmetic(arrays)
    if done is not NotImplemented and done[0].dtype.kind == "b":
        raise NotImplementedError(
            "\"pow\" not implemented for 'Bool'. Convert one of the two with .long() first."
        )
    return done


def power_by_number(arrays: Sequence[Any]) -> Any:
    """Promotion of ``x ** number``; a negative integer has no integer result."""
    done = power(arrays)
    if done is NotImplemented or done[0].dtype.kind == "f":
        return done
    if arrays[1] < 0:
        raise RuntimeError(
            "Integers to negative integer powers are not allowed. Convert to a float dtype first."
        )
    if arrays[1] > np.iinfo(done[0].dtype).max:
        raise overflow(done[0].dtype)
    return done


# What torch calls the products that are not for bools.
KERNELS = {
    "mm": "addmm_impl_cpu_",
    "addmm": "addmm_impl_cpu_",
    "addbmm": "addmm_impl_cpu_",
    "mv": "addmv_impl_cpu",
    "addmv": "addmv_impl_cpu",
}


def need_numbers(name: str, dtype: Any) -> None:
    """Raise NotImplementedError for a product of bools."""
    if dtype.kind == "b":
        raise NotImplementedError(
            f"\"{KERNELS.get(name, name)}\" not implemented for 'Bool'. Convert with .to(dtype)"
        )


def same_dtype(name: str) -> Callable[[Sequence[Any]], Any]:
    """For operators that do not promote, such as the matrix product."""

    def check(arrays: Sequence[Any]) -> Any:
        a, b = arrays[:2]
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
            return NotImplemented
        if a.dtype != b.dtype:
            raise dtypes_differ(name, a.dtype, b.dtype)
        if a.size and b.size:
            need_numbers(name, a.dtype)
        return list(arrays)

    return check
