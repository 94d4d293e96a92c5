"""``assert_close``: whether results are the expected ones, up to rounding."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from minigrad.autograd.value import Array, Value
from minigrad.from_data import from_numpy, tensor

# (rtol, atol) by dtype; of two dtypes the larger. Integers and bools have to be equal.
TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
Message = str | Callable[[str], str] | None


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raise AssertionError unless ``|actual - expected| <= atol + rtol * |expected|`` everywhere.

    Tensors, arrays, numbers, and sequences and mappings of these. Tensors must have one shape, and
    one dtype, as numbers one type, unless ``check_dtype=False``. Without rtol and atol they go by
    the dtype: 1.3e-6 and 1e-5 for float32, 1e-7 for float64, 0 for integers. NaN is close to NaN if
    ``equal_nan``.
    ``msg``: what the error says instead, or a function of what it would say.
    """
    if (rtol is None) != (atol is None):
        given, missing = ("rtol", "atol") if atol is None else ("atol", "rtol")
        raise ValueError(
            "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
            f"{missing}. Give both, or leave out {given}."
        )
    tolerances = None if rtol is None or atol is None else (rtol, atol)
    settings = tolerances, equal_nan, check_dtype, check_stride, allow_subclasses
    compare(actual, expected, "", settings, msg)


# What `assert_allclose` allows.
OLD_TOLERANCES = {"float16": (1e-3, 1e-3), "float32": (1e-4, 1e-5), "float64": (1e-5, 1e-8)}


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """`assert_close` as it was: any dtypes, numbers and lists too, NaN is close to NaN.

    Without rtol and atol they are 1e-4 and 1e-5 for float32, 1e-5 and 1e-8 for float64. As torch,
    it warns that `assert_close` has taken its place.
    """
    warnings.warn(
        "`minigrad.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a "
        "future release. Please use `minigrad.testing.assert_close()` instead",
        FutureWarning,
        stacklevel=2,
    )
    actual = actual if isinstance(actual, Value) else tensor(actual)
    expected = expected if isinstance(expected, Value) else tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        known = [OLD_TOLERANCES.get(x.array.dtype.name, (0.0, 0.0)) for x in (actual, expected)]
        rtol, atol = max(known[0][0], known[1][0]), max(known[0][1], known[1][1])
    assert_close(
        actual,
        expected,
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_dtype=False,
        msg=msg or None,
    )


NUMBER = int | float | np.integer | np.floating


def compare(actual: Any, expected: Any, place: str, settings: Any, msg: Message) -> None:
    """Descend into sequences and mappings; ``place`` is the way there, such as [1]['a']."""

    def fail(text: str, at: str = place) -> NoReturn:
        text += f"\n\nThe failure occurred for item {at}" if at else ""
        raise AssertionError(msg(text) if callable(msg) else msg or text)

    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        lost, more = [sorted(set(a) - set(b)) for a, b in ((expected, actual), (actual, expected))]
        if lost or more:
            fail(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {lost}\n"
                f"Additional keys in the actual mapping: {more}"
            )
        for key in expected:
            compare(actual[key], expected[key], f"{place}[{key!r}]", settings, msg)
    elif is_sequence(actual) and is_sequence(expected):
        if len(actual) != len(expected):
            fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
        for i, (a, b) in enumerate(zip(actual, expected, strict=True)):
            compare(a, b, f"{place}[{i}]", settings, msg)
    elif actual is None or expected is None:
        if actual is not expected:
            fail(f"None mismatch: {actual} is not {expected}")
    elif isinstance(actual, bool | np.bool) and isinstance(expected, bool | np.bool):
        if bool(actual) is not bool(expected):
            fail(f"Booleans mismatch: {actual} is not {expected}")
    elif isinstance(actual, NUMBER) and isinstance(expected, NUMBER):
        a, b = [type(x.item() if isinstance(x, np.number) else x) for x in (actual, expected)]
        check_dtype = settings[2]
        if check_dtype and a is not b:
            fail(f"The (d)types do not match: {a} != {b}.")
        text = mismatch(np.asarray(actual), np.asarray(expected), settings)
        if text:
            fail(text)
    else:
        text = of_tensors(actual, expected, settings)
        if text:
            fail(text)


def is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def of_tensors(actual: Any, expected: Any, settings: Any) -> str:
    """What differs between two tensors or arrays; nothing if they are close."""
    _, _, check_dtype, check_stride, allow_subclasses = settings
    for kind in (Value, np.ndarray):
        if isinstance(actual, kind) and isinstance(expected, kind):
            break
    else:
        raise not_comparable(actual, expected)
    if not allow_subclasses and type(actual) is not type(expected):
        raise not_comparable(actual, expected)
    if kind is np.ndarray:
        actual, expected = from_numpy(np.array(actual)), from_numpy(np.array(expected))
    for name in ("shape", "dtype", "stride"):
        if (name == "dtype" and not check_dtype) or (name == "stride" and not check_stride):
            continue
        a, b = getattr(actual, name), getattr(expected, name)
        a, b = (a(), b()) if name == "stride" else (a, b)
        if a != b:
            shown = "stride()" if name == "stride" else name
            return f"The values for attribute '{shown}' do not match: {a} != {b}."
    return mismatch(actual.array, expected.array, settings)


def not_comparable(actual: Any, expected: Any) -> TypeError:
    return TypeError(
        f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
    )


def mismatch(actual: Array, expected: Array, settings: Any) -> str:
    """Torch's account of the elements that are not close; nothing if all are."""
    given, equal_nan, *_ = settings
    known = [TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (actual, expected)]
    rtol, atol = given or (max(known[0][0], known[1][0]), max(known[0][1], known[1][1]))
    common = np.result_type(actual, expected)
    common = common if common.kind == "f" else np.dtype(np.int64)
    a, b = actual.astype(common), expected.astype(common)
    close = np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if close.all():
        return ""
    exact = rtol == atol == 0
    with np.errstate(all="ignore"):
        apart = np.asarray(np.abs(a - b))
        quotient = common if common.kind == "f" else np.dtype(np.float32)
        relative = np.asarray((apart / np.abs(b)).astype(quotient))
    allowed = ["" if exact else f" (up to {limit} allowed)" for limit in (atol, rtol)]
    verb = "equal" if exact else "close"
    if not a.ndim:
        return (
            f"Scalars are not {verb}!\n\nExpected {b} but got {a}.\n"
            f"Absolute difference: {apart}{allowed[0]}\nRelative difference: {relative}{allowed[1]}"
        )
    lines = [f"Tensor-likes are not {verb}!\n"]
    wrong = int((~close).sum())
    lines.append(f"Mismatched elements: {wrong} / {a.size} ({wrong / a.size:.1%})")
    for name, by, limit in (("absolute", apart, allowed[0]), ("relative", relative, allowed[1])):
        by = np.where(close, 0, by)
        place = np.unravel_index(int(np.argmax(by)), by.shape)
        index = tuple(int(i) for i in place)
        lines.append(f"Greatest {name} difference: {by[place].item()} at index {index}{limit}")
    return "\n".join(lines)
