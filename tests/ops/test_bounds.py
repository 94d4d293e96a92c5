"""Clamps, maxima and nan_to_num against torch: at ties, bounds and NaN, and their errors."""

import pytest

from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
SPECIAL = [-INF, -2.5, -1.0, -0.0, 0.0, 1e-30, 0.5, 1.0, 3.0, INF, NAN]

CLAMPS = [(-1, 1), (None, 0.5), (-1.0, None), (2, -2), (0, 0), (-INF, INF), (NAN, 1.0), (0.0, NAN)]


@pytest.mark.parametrize("low, high", CLAMPS)
@judged
def test_clamp_by_numbers(t, low, high):
    x = t.tensor(SPECIAL, requires_grad=True)
    y = x.clamp(low, high)
    y.backward(t.ones_like(y) * 3)
    return x, y, t.clamp(x, max=high, min=low)


@judged
def test_clamp_by_tensors(t):
    x = t.tensor([-2.0, -1.0, 0.0, 1.0, 2.0, NAN], requires_grad=True)
    low = t.tensor([-1.0, -1.0, 0.0, 2.0, 3.0, 0.0], requires_grad=True)
    high = t.tensor([1.0, -1.0, 0.0, 1.0, 1.0, 1.0], requires_grad=True)
    results = []
    for bounds in [(low, high), (low, None), (None, high), (t.tensor(-1.0), high)]:
        y = t.clamp(x, *bounds)
        y.backward(t.ones_like(y))
        results.append(y)
    return x, low, high, results


@judged
def test_clamp_by_tensors_that_broadcast(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    low = t.tensor(data(3, seed=1) - 1, requires_grad=True)
    high = t.tensor(data(2, 1, seed=2) + 1, requires_grad=True)
    y = x.clamp(low, high)
    y.sum().backward()
    return x, low, high, y


@judged(raises="At least one of 'min' or 'max' must not be None")
def test_clamp_without_bounds(t):
    t.ones(2).clamp()


@judged
def test_clamp_of_integers(t):
    n = t.tensor([-5, 0, 5])
    return n.clamp(-1, 2), n.clamp(max=0), n.clamp(0.5, 2), n.clamp(t.tensor(-1), t.tensor(2.5))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@judged
def test_maximum_minimum_share_ties(t, name):
    x = t.tensor([1.0, 2.0, 3.0, 0.0, NAN, 1.0, INF, -INF], requires_grad=True)
    y = t.tensor([1.0, 3.0, 2.0, -0.0, 1.0, NAN, INF, -INF], requires_grad=True)
    z = getattr(t, name)(x, y)
    z.backward(t.ones_like(z))
    return x, y, z


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@judged
def test_maximum_minimum_of_a_tensor_with_itself_and_broadcast(t, name):
    f = getattr(t, name)
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(3, seed=1), requires_grad=True)
    (f(x, x) + f(x, y) + f(y, t.tensor(0.5))).sum().backward()
    return x, y, f(t.tensor([1, 5]), t.tensor([3, 2]))


@judged(raises="must be Tensor, not")
def test_maximum_with_a_number(t):
    t.maximum(t.ones(2), 1.0)


@pytest.mark.parametrize("low, high", [(-1, 1), (-1.0, None), (None, 0.5), (NAN, 1.0)])
@judged
def test_clamp_of_many_elements(t, low, high):
    """Which is computed in another way than that of a few."""
    x = t.tensor([*SPECIAL] * 500, requires_grad=True)
    y, z = x.clamp(low, high), t.relu(x)
    (y + z).backward(t.ones_like(y))
    return x, y, z


@pytest.mark.parametrize("name", ["clamp_min", "clamp_max"])
@judged
def test_one_bound(t, name):
    x = t.tensor([*SPECIAL], requires_grad=True)
    low = t.tensor([0.0, -2.5, -2.0, 0.0, -0.0, 1.0, 0.5, 2.0, 3.0, INF, 1.0], requires_grad=True)
    y, z = getattr(t, name)(x, low), getattr(x, name)(0.5)
    (y + z).backward(t.ones_like(y))
    n = t.tensor([1, 5, 9])
    return x, low, y, z, getattr(n, name)(3), getattr(n, name)(2.5), getattr(n, name + "_")(4)


@judged
def test_clip_is_clamp(t):
    x = t.tensor(SPECIAL)
    return t.clip(x, -1, 1), x.clip(min=0), x.clip_(0, 1), x


@judged
def test_bounds_of_unsigned_integers_wrap(t):
    return t.tensor([1, 200], dtype=t.uint8).clamp(-1, 100), t.tensor([1, 200]).clamp(-5, 100)


@judged(raises="without overflow")
def test_a_bound_out_of_range(t):
    t.tensor([1, 200], dtype=t.uint8).clamp(max=300)


@pytest.mark.parametrize("bounds", [(0, "x"), ("x", 1), ("tensor", 1.0), (0.0, "tensor")])
@judged(raises="invalid combination of arguments")
def test_bounds_of_two_kinds(t, bounds):
    t.clamp(t.ones(2), *[t.zeros(2) if b == "tensor" else b for b in bounds])


@judged(raises="not implemented for 'Bool'")
def test_clamp_of_bools(t):
    t.tensor([True]).clamp(False, True)


@pytest.mark.parametrize("name", ["fmax", "fmin"])
@judged
def test_fmax_fmin_prefer_numbers_to_nan_and_the_first_of_equals(t, name):
    x = t.tensor([1.0, 2.0, 3.0, 0.0, NAN, 1.0, INF, NAN], requires_grad=True)
    y = t.tensor([1.0, 3.0, 2.0, -0.0, 1.0, NAN, INF, NAN], requires_grad=True)
    z = getattr(t, name)(x, y)
    z.backward(t.ones_like(z))
    return x, y, z, getattr(x.detach(), name)(t.tensor(2))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
@judged
def test_nan_to_num(t, dtype):
    x = t.tensor(SPECIAL if dtype.startswith("float") else [0, 1], dtype=getattr(t, dtype))
    return t.nan_to_num(x), x.nan_to_num(1.5, posinf=7, neginf=-3.0), x.nan_to_num_(2)


@judged
def test_integer_bounds_up_to_the_ends_of_the_range(t):
    x = t.tensor([-100, 0, 100], dtype=t.int8)
    y = t.tensor([0, 100, 255], dtype=t.uint8)
    return x.clamp(-128, 127), y.clamp(0, 255), y.clamp_max(255), x.clamp_min(-128), y.clamp(3)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.ones(2, dtype=t.int8).clamp(-128, 128),
        lambda t: t.ones(2, dtype=t.int8).clamp_min(-129),
        lambda t: t.ones(2, dtype=t.uint8).clamp_max(256),
        lambda t: t.tensor([True]).clamp(False, True),
        lambda t: t.tensor([True]).clamp(min=False),
        lambda t: t.tensor([True]).clamp(max=True),
        lambda t: t.clamp(t.tensor([True]), t.tensor([False]), t.tensor([True])),
    ],
)
@judged(raises="")
def test_bounds_out_of_range_and_of_bools(t, f):
    f(t)
