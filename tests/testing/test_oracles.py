"""Every primitive against the three oracles, which know nothing of its rules."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from minigrad.autograd.primitive import primitive
from minigrad.ops import arithmetic
from minigrad.testing.engines import NotApplicable
from minigrad.testing.oracles import Call, adjoint, exact
from minigrad.testing.rational import Dual, duals, slopes, values
from tests.judge import data
from tests.primitives import CASES, PRIMITIVES, SAMPLES, Case
from tests.testing.covered import COMPLEX_STEP, EXACT

DIFFERENTIABLE = list(dict.fromkeys(case.name for case in CASES if case.differentiable))
EACH = pytest.mark.parametrize("name", DIFFERENTIABLE)

# Their rules are torch's formulas, which are off by design: a quotient's denominator is kept from
# 0 by 1e-12; a factor such as 2 / 3 is rounded before it is used.
OFF = {"losses.bernoulli_slope"}
ROUNDED = {"statistics._var", "statistics._var_mean"}
EXACT_SAMPLES: dict[str, list[Any]] = {
    "statistics._var": [(data(4), (0,), 0, False), (data(2, 3), (0,), 1, True)],
    "statistics._var_mean": [(data(4), (0,), 0, False), (data(2, 3), (0,), 1, True)],
}


def cases(name: str) -> list[Case]:
    return [case for case in CASES if case.name == name and case.differentiable]


@pytest.mark.parametrize("name", sorted(set(DIFFERENTIABLE) - OFF))
def test_rules_are_equal_to_exact_differentiation(name: str) -> None:
    """In rational numbers, without a tolerance, for every sample that stays rational."""
    entries = 0
    samples = EXACT_SAMPLES[name] if name in ROUNDED else [case.args for case in cases(name)]
    for args in samples:
        with contextlib.suppress(NotApplicable):
            entries += exact(PRIMITIVES[name], args)
    assert entries > 0 or name not in EXACT


@EACH
def test_the_adjoint_identity(name: str) -> None:
    """``<u, J v> = <Jᵀ u, v>``, with J v by complex step or by differences."""
    methods = set()
    for case in cases(name):
        # What completes a basis beyond the rank is anybody's choice.
        if name == "decompositions._svd" and case.args[1]:
            continue
        try:
            found = adjoint(case.apply, case.args)
        except NotApplicable:
            continue
        methods.add(found.method)
        assert found.holds or name in OFF, found
    assert methods, "no sample has a derivative that an oracle knows"
    assert "complex step" in methods or name not in COMPLEX_STEP


def test_the_lists_name_primitives_that_there_are() -> None:
    assert set(DIFFERENTIABLE) >= EXACT
    assert set(DIFFERENTIABLE) >= COMPLEX_STEP
    assert set(EXACT_SAMPLES) == ROUNDED <= set(SAMPLES)


def test_an_exact_oracle_sees_the_smallest_error() -> None:
    third = primitive("ThirdBackward0", lambda x: x / 3, x=lambda g: g * (1 / 3))
    with pytest.raises(AssertionError, match=r"ThirdBackward0: .* is .* at entry \(0,\), and"):
        exact(third, [data(2)])
    assert exact(primitive("ThirdBackward0", lambda x: x / 3, x=lambda g: g / 3), [data(2)]) == 2


def test_the_adjoint_oracle_sees_an_error_of_1e_12() -> None:
    wrong = primitive("ExpBackward0", np.exp, x=lambda g, out: g * out * (1 + 1e-12))
    found = adjoint(wrong, [data(3)])
    assert found.method == "complex step"
    assert not found.holds


def test_what_is_not_analytic_is_left_to_differences() -> None:
    modulus = primitive("AbsBackward0", np.abs, x=lambda g, x: g * np.sign(x))
    assert adjoint(modulus, [data(3)]).method == "differences"
    real = primitive("RealBackward0", lambda x: x.real + 0 * x, x=lambda g: g)
    assert adjoint(real, [data(3)]).method == "differences"


def test_irrational_operators_are_not_for_the_exact_oracle() -> None:
    with pytest.raises(NotApplicable, match="exp"):
        exact(PRIMITIVES["elementwise._exp"], [data(3)])
    with pytest.raises(NotApplicable, match="taken for an integer"):
        exact(PRIMITIVES["rounding._floor"], [data(3)])


def test_a_call_undoes_broadcasting_and_changes_nothing() -> None:
    a, b = data(2, 3), data(3)
    before = a.copy(), b.copy()
    done = Call(arithmetic.mul, [a, b])
    first, second = done.pull([np.ones((2, 3))])
    np.testing.assert_array_equal(first, np.broadcast_to(b, (2, 3)))
    np.testing.assert_allclose(second, a.sum(0), rtol=1e-15)
    np.testing.assert_array_equal((a, b)[0], before[0])
    np.testing.assert_array_equal((a, b)[1], before[1])


def test_rational_numbers_carry_their_derivative() -> None:
    x = duals(np.array([1.0, 2.0]), np.array([1, 0]))
    y = x * x / 3 - 2 / x + x**3
    assert values(y).tolist() == [Fraction(-2, 3), Fraction(25, 3)]
    assert slopes(y).tolist() == [Fraction(2, 3) + 2 + 3, 0]
    assert repr(Dual(0.5, 1)) == "1/2 + 1 e"
    assert (x % 2 == np.array([1, 0])).all()
    with pytest.raises(TypeError, match="leads out of the rational numbers"):
        x**0.5
    with pytest.raises((ValueError, OverflowError)):
        duals(np.array([np.inf]))
