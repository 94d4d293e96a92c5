"""Runs one snippet with minigrad and with torch, and compares everything that can be seen of it."""

from __future__ import annotations

import functools
import inspect
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest

import minigrad

SEED = 20240229


@dataclass
class Seen:
    """What a tensor shows of itself, in words and arrays that both libraries share."""

    shape: tuple[int, ...]
    dtype: str
    strides: tuple[int, ...]
    requires_grad: bool
    is_leaf: bool
    is_view: bool
    version: int
    grad_fn: str | None
    value: np.ndarray
    grad: Any


def seen(x: Any, with_version: bool = True) -> Seen:
    shape = tuple(x.shape)
    apart = [i for i, n in enumerate(shape) if n > 1] if x.numel() else []
    return Seen(
        shape,
        plain_text(x.dtype),
        tuple(x.stride(i) for i in apart),  # a step that is never taken may be anything
        x.requires_grad,
        x.is_leaf,
        x._is_view(),
        x._version if with_version else 0,
        plain_text(x.grad_fn.name()) if x.grad_fn is not None else None,
        x.detach().numpy().copy(),
        # How often the engine wrote to a gradient while it summed is its own business.
        seen(x.grad, with_version=False) if x.is_leaf and x.grad is not None else None,
    )


@dataclass
class Raised:
    """An exception: its type and its message."""

    type: str
    message: str


def plain_text(x: Any) -> str:
    """``torch.float32`` and ``minigrad.float32`` as ``float32``, in messages too."""
    return re.sub(r"\b(torch\.|minigrad\.|torch::autograd::)", "", str(x))


def first_sentence(error: str) -> str:
    """The part of a message that people search for; ours begins with it and may go on."""
    return re.split(r"\. |\n", error, maxsplit=1)[0].rstrip(".")


def is_tensor(x: Any) -> bool:
    return hasattr(x, "grad_fn") and hasattr(x, "requires_grad_")


def outcome(x: Any) -> Any:
    """A result in a form that can be compared across the libraries."""
    if is_tensor(x):
        return seen(x)
    if isinstance(x, dict):
        return {key: outcome(part) for key, part in x.items()}
    if type(x).__name__ == "Size":
        return ("Size", tuple(x))
    if isinstance(x, list | tuple):
        return [outcome(part) for part in x]
    if x is None or isinstance(x, bool | int | float | np.ndarray):
        return x
    return plain_text(x)


def run(f: Callable[[Any], Any], library: Any) -> Any:
    try:
        return outcome(f(library))
    except Exception as error:
        return Raised(type(error).__name__, plain_text(error))


def both(f: Callable[[Any], Any], ulps: float = 8) -> Any:
    """Run ``f(minigrad)`` and ``f(torch)``; what they return or raise must be the same.

    Of tensors everything is compared, the gradient included. Floats may differ by ``ulps`` units
    in the last place of the largest number in the tensor; 0 asks for the same bits.
    Returns torch's outcome.
    """
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = run(f, torch)
    ours = run(f, minigrad)
    same(ours, theirs, ulps, "result")
    return theirs


def both_raise(f: Callable[[Any], Any], match: str = "") -> None:
    """``f`` must raise with both, the same type of exception, with torch's first sentence."""
    theirs = both(f)
    assert isinstance(theirs, Raised), f"torch does not raise but gives {theirs}"
    assert re.search(match, theirs.message), theirs


def judged(f: Any = None, *, raises: str | None = None, ulps: float = 8) -> Any:
    """Make a test of a snippet ``f(t, ...)``, with ``t`` both libraries in turn; see `both`.

    raises: what the message of the error must match that both are to raise.
    """
    if f is None:
        return functools.partial(judged, raises=raises, ulps=ulps)

    def test(**arguments: Any) -> None:
        snippet = functools.partial(f, **arguments)
        if raises is None:
            theirs = both(snippet, ulps)
            assert not isinstance(theirs, Raised), f"torch raises {theirs}"
        else:
            both_raise(snippet, raises)

    functools.update_wrapper(test, f)
    del test.__wrapped__
    _, *others = inspect.signature(f).parameters.values()
    test.__signature__ = inspect.Signature(others)  # what pytest is to fill in
    return pytest.mark.torch(test)


def same(ours: Any, theirs: Any, ulps: float, where: str) -> None:
    assert type(ours) is type(theirs), differs(where, ours, theirs)
    if isinstance(ours, Raised):
        assert ours.type == theirs.type, differs(where, ours, theirs)
        begins = ours.message.startswith(first_sentence(theirs.message))
        assert begins, differs(where, ours, theirs)
    elif isinstance(ours, Seen):
        for field in fields(Seen):
            a, b = getattr(ours, field.name), getattr(theirs, field.name)
            same(a, b, ulps, f"{where}.{field.name}")
    elif isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), where
        for key in ours:
            same(ours[key], theirs[key], ulps, f"{where}[{key!r}]")
    elif isinstance(ours, list | tuple):
        assert len(ours) == len(theirs), differs(where, ours, theirs)
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, ulps, f"{where}[{i}]")
    elif isinstance(ours, np.ndarray):
        same_numbers(ours, theirs, ulps, where)
    elif isinstance(ours, float):
        close = math.isclose(ours, theirs, rel_tol=ulps * 2.0**-23)
        both_nan = math.isnan(ours) and math.isnan(theirs)
        assert close or both_nan, differs(where, ours, theirs)
    else:
        assert ours == theirs, differs(where, ours, theirs)


def differs(where: str, ours: Any, theirs: Any) -> str:
    return f"{where}: ours {repr(ours)[:400]}, torch's {repr(theirs)[:400]}"


def same_numbers(ours: np.ndarray, theirs: np.ndarray, ulps: float, where: str = "") -> None:
    assert ours.dtype == theirs.dtype, f"{where}: ours {ours.dtype}, torch's {theirs.dtype}"
    assert ours.shape == theirs.shape, f"{where}: ours {ours.shape}, torch's {theirs.shape}"
    if ours.dtype.kind != "f" or ulps == 0:
        np.testing.assert_array_equal(ours, theirs, err_msg=where)
        return
    finite = np.abs(theirs[np.isfinite(theirs)], dtype=np.float64)
    unit = float(np.finfo(theirs.dtype).eps)
    tolerance = ulps * unit * float(finite.max(initial=0))
    np.testing.assert_allclose(
        np.float64(ours), np.float64(theirs), rtol=0, atol=tolerance, err_msg=where
    )


def data(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> np.ndarray:
    """The same numbers for everybody: no two alike, none near a kink at an integer."""
    return np.random.RandomState(SEED + seed).uniform(low, high, shape)
