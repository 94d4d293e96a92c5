"""make_tensor draws what torch's draws, and refuses what torch's refuses."""

import pytest

from tests.judge import judged

MADE = {
    "float32": lambda t: ((3, 4), {"dtype": t.float32}),
    "float64": lambda t: (([2, 3],), {"dtype": t.float64, "low": -1, "high": 1}),
    "float16": lambda t: ((5,), {"dtype": t.float16, "exclude_zero": True}),
    "widest": lambda t: ((7,), {"dtype": t.float32, "low": -3e38, "high": 3e38}),
    "too wide": lambda t: ((7,), {"dtype": t.float32, "low": -t.inf, "high": t.inf}),
    "int64": lambda t: ((9,), {"dtype": t.int64}),
    "int8": lambda t: ((9,), {"dtype": t.int8, "low": -500, "high": 500}),
    "uint8": lambda t: ((9,), {"dtype": t.uint8}),
    "no zeros": lambda t: ((90,), {"dtype": t.uint8, "exclude_zero": True}),
    "bool": lambda t: ((9,), {"dtype": t.bool}),
    "ceilings": lambda t: ((50,), {"dtype": t.int32, "low": 0.5, "high": 3.2}),
    "scalar": lambda t: (((),), {"dtype": t.float32}),
    "empty": lambda t: ((0, 3), {"dtype": t.float32, "noncontiguous": True}),
    "gaps": lambda t: ((2, 3), {"dtype": t.float32, "noncontiguous": True}),
    "leaf": lambda t: ((2, 3), {"dtype": t.float32, "requires_grad": True}),
    "size": lambda t: ((t.Size([2, 3]),), {"dtype": t.float32}),
}
REFUSED = {
    "nan": lambda t: {"dtype": t.float32, "low": t.nan},
    "order": lambda t: {"dtype": t.float32, "low": 2, "high": 1},
    "equal": lambda t: {"dtype": t.int32, "low": 2, "high": 2},
    "range": lambda t: {"dtype": t.uint8, "low": 300, "high": 400},
    "grad": lambda t: {"dtype": t.int64, "requires_grad": True},
    "both": lambda t: {
        "dtype": t.float32,
        "noncontiguous": True,
        "memory_format": t.contiguous_format,
    },
}


@pytest.mark.parametrize("name", MADE)
@judged(ulps=0)
def test_draws_the_same(t, name):
    t.manual_seed(3)
    shape, settings = MADE[name](t)
    made = t.testing.make_tensor(*shape, device="cpu", **settings)
    return made, made.stride(), made.is_leaf, t.rand(2)


@pytest.mark.parametrize("name", REFUSED)
@judged(raises="")
def test_refuses_the_same(t, name):
    return t.testing.make_tensor(3, device="cpu", **REFUSED[name](t))


@judged(ulps=0)
def test_a_point_is_no_interval(t):
    with pytest.warns(FutureWarning, match="Passing `low==high`"):
        return t.testing.make_tensor(3, device="cpu", dtype=t.float64, low=2, high=2)
