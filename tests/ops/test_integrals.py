"""The trapezoidal rule, against torch."""

import math

import pytest

from tests.judge import judged

POINTS = {
    "none": lambda t: {},
    "dx": lambda t: {"dx": 0.5},
    "a vector": lambda t: {"x": t.tensor([0.0, 1.0, 3.0, 3.5])},
    "integers": lambda t: {"x": t.arange(4) ** 2},
    "all": lambda t: {"x": t.arange(12.0).reshape(3, 4) ** 2},
    "along 0": lambda t: {"x": t.tensor([1.0, 0.0, 5.0]), "dim": 0},
    "dx along 0": lambda t: {"dx": 2, "dim": 0},
}


@judged
@pytest.mark.parametrize("name", ["trapezoid", "trapz", "cumulative_trapezoid"])
@pytest.mark.parametrize("points", list(POINTS))
def test_trapezoid(t, name, points):
    if points == "dx along 0" and name == "trapz":
        return None
    y = (t.arange(12.0).reshape(3, 4) ** 2).requires_grad_()
    result = getattr(t, name)(y, **POINTS[points](t))
    result.sum().backward()
    return result.tolist(), y.grad.tolist(), getattr(t, name)(t.arange(12).reshape(3, 4), dim=0)


@judged
def test_one_distance_for_all_multiplies_the_sum_less_half_of_both_ends(t):
    infinite = t.tensor([1.0, -math.inf], requires_grad=True)
    t.trapezoid(infinite).backward()
    small = t.tensor([[1, 255, 3], [2, 0, 250]], dtype=t.uint8)  # neighbours go beyond it
    numbers = t.trapezoid(infinite).item(), infinite.grad.tolist()
    return numbers, t.trapezoid(small), t.trapezoid(small, dx=3, dim=0)


@judged
def test_few_samples(t):
    return [f(t.ones(n)).tolist() for n in (0, 1) for f in (t.trapezoid, t.cumulative_trapezoid)]


@judged(raises="There must be one `x` value for each sample point")
def test_points_and_samples_must_match(t):
    t.trapezoid(t.ones(3, 4), t.ones(3))


@judged(raises="Dimension specified")
def test_a_number_has_no_integral(t):
    t.trapezoid(t.tensor(1.0))
