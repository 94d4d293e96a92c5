"""For random expressions, minigrad's values and gradients are torch's and TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad

pytest.importorskip("torch")

import torch

from tests.agreement import programs
from tests.agreement.choices import Drawn
from tests.agreement.programs import Program, Result

# How much larger than the largest change seen in three samples the difference of two engines may
# be: both round (2), a rounding is half an eps but a library's exp or tanh is off by several
# (4), a sum of up to 64 terms rounds at each of them in one engine and at six of them in another,
# which the noise on the summands alone does not show (8).
FACTOR = 64.0
DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


@st.composite
def expressions(draw: st.DrawFn, dtype: str, smooth: bool = True) -> Program:
    return programs.make(Drawn(draw), dtype, smooth)


def check(program: Program, ours: Result, theirs: Result, parts: int) -> None:
    """Within a derived distance of each other and of the answer in float64, shape for shape."""
    true, spread = program.noise()
    eps = float(np.finfo(program.dtype).eps)
    for part in range(parts):
        for name, x in ours[part].items():
            y = theirs[part][name]
            what = f"{('value', 'gradient', 'second derivative')[part]} of {name}"
            if x is None or y is None:
                # Where nothing arrives, one engine may say None and the other zeros.
                assert not np.any(x if y is None else y), f"{what}: {x}, theirs {y}"
                continue
            assert x.shape == y.shape, f"{what}: {x.shape}, theirs {y.shape}"
            assert x.dtype == y.dtype == program.dtype, f"{what}: {x.dtype}, theirs {y.dtype}"
            truth = true[part][name]
            terms = (spread[part][name] or 0.0) + float(np.abs(truth).max(initial=0))
            for other in (y, truth):
                far = np.abs(np.float64(x) - np.float64(other)).max(initial=0)
                assert far <= FACTOR * eps * terms, f"{what}: {far} apart, {x}, theirs {y}"


@pytest.mark.torch
@DTYPES
@given(data=st.data())
def test_smooth_expressions_agree_with_torch(dtype: str, data: Any) -> None:
    program = data.draw(expressions(dtype))
    check(program, program.run(minigrad), program.run(torch), parts=3)


@pytest.mark.tensorflow
@DTYPES
@given(data=st.data())
def test_smooth_expressions_agree_with_tensorflow(dtype: str, data: Any) -> None:
    program = data.draw(expressions(dtype))
    check(program, program.run(minigrad), program.run_tensorflow(), parts=1 + 1)


def check_exact(program: Program) -> None:
    """The same bits, but for gradients with shares of ties in them, such as g / 3."""
    ours, theirs = program.run(minigrad), program.run(torch)
    for name, x in ours.values.items():
        np.testing.assert_array_equal(x, theirs.values[name], err_msg=name, strict=True)
    shared = any("max()" in line.text or "min()" in line.text for line in program.lines)
    for mine, other in ((ours.first, theirs.first), (ours.second, theirs.second)):
        for name, x in mine.items():
            y = other[name]
            if x is None or y is None:
                assert not np.any(x if y is None else y), f"{name}: {x}, torch's {y}"
                continue
            terms = np.abs(y).max(initial=0) * len(program.lines)
            tolerance = float(np.finfo(program.dtype).eps) * terms if shared else 0.0
            assert x.dtype == y.dtype
            assert x.shape == y.shape
            np.testing.assert_allclose(x, y, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.torch
@DTYPES
@given(data=st.data())
def test_exact_expressions_with_ties_agree_with_torch(dtype: str, data: Any) -> None:
    check_exact(data.draw(expressions(dtype, smooth=False)))
