"""Every tensor prints as torch prints it, under every choice of print options."""

import math
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad
from minigrad.printing import Options, _options, printoptions, tensor_text


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    _options[0] = Options()
    minigrad.set_default_dtype(minigrad.float32)


def their_text(f: Callable[[Any], Any], options: dict[str, Any]) -> str:
    """``repr(f(torch))``, in our words."""
    import torch

    torch.set_printoptions(**options)
    try:
        return repr(f(torch)).replace("torch.", "minigrad.")
    finally:
        torch.set_printoptions(profile="default")
        torch.set_default_dtype(torch.float32)


def check(f: Callable[[Any], Any], **options: Any) -> None:
    theirs = their_text(f, options)
    with printoptions(**options), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert repr(f(minigrad)) == theirs


NAN, INF = math.nan, math.inf

SNIPPETS = [
    # Whole numbers, fractions, and what is neither.
    "m.tensor(1.5)",
    "m.tensor(2.)",
    "m.tensor(True)",
    "m.tensor(-7)",
    "m.tensor([1., 2., -3.])",
    "m.tensor([1., 2.5, -300.])",
    "m.tensor([0., -0.])",
    "m.tensor([0., -0., 1.5])",
    "m.tensor([0., NAN])",
    "m.tensor([1., INF, -INF, NAN])",
    "m.tensor([1.5, INF, -INF, NAN])",
    "m.tensor([1e10, INF, -INF, NAN, 0.])",
    "m.tensor(NAN)",
    "m.tensor(-INF)",
    "m.tensor([True, False])",
    "m.tensor([True, True])",
    "m.tensor([1, -20, 300])",
    "m.tensor([-128, 127], dtype=m.int8)",
    "m.tensor([-(2**63), 2**63 - 1])",
    "m.tensor([255, 0], dtype=m.uint8)",
    # When exponents appear: from a ratio above 1000, above 1e8, below 1e-4.
    "m.tensor([1., 1000.])",
    "m.tensor([1., 1001.])",
    "m.tensor([1.5, 1500.])",
    "m.tensor([1.5, 1501.])",
    "m.tensor([1e8])",
    "m.tensor([1.00000008e8])",
    "m.tensor([1e-4], dtype=m.float64)",
    "m.tensor([1e-4])",
    "m.tensor([0.99e-4], dtype=m.float64)",
    "m.tensor([5e-324, 1.7e308], dtype=m.float64)",
    "m.tensor([1e-45, 3e38])",
    "m.tensor([0.1, 65504.], dtype=m.float16)",
    "m.tensor([6e-8, 1.], dtype=m.float16)",
    "m.tensor([0.1, 0.2], dtype=m.float16)",
    "m.tensor(0.1, dtype=m.float16)",
    # Empty ones.
    "m.tensor([])",
    "m.tensor([], dtype=m.float64)",
    "m.tensor([], dtype=m.int64)",
    "m.tensor([], requires_grad=True)",
    "m.zeros(0, 3)",
    "m.zeros((2, 0, 3), dtype=m.bool)",
    "m.zeros((2, 0, 3), dtype=m.float64, requires_grad=True)",
    # Brackets, blank lines, long lines.
    "m.arange(100)",
    "m.arange(100.) / 7",
    "m.arange(24.).reshape(2, 3, 4)",
    "m.arange(16).reshape(2, 2, 2, 2)",
    "m.arange(32).reshape(2, 1, 2, 2, 2, 2, 1)",
    "m.arange(60.).reshape(2, 30) * 1.5",
    "m.zeros(1, 1, 1)",
    "m.zeros(33, 30).t()",
    "m.tensor([1.5, 2.5]).expand(3, 2)",
    # Summaries.
    "m.arange(1000)",
    "m.arange(1001)",
    "m.arange(2000.)",
    "m.zeros(40, 40)",
    "m.zeros(6, 1000)",
    "m.zeros(7, 1000)",
    "m.zeros(2000, 1, 1)",
    "m.zeros(2, 600, 2) + 1.5",
    "m.zeros(2, 3, 3, 3, 30)",
    "m.tensor([1e10]).expand(40, 40)",
    # What is said after the numbers, and where a new line starts for it.
    "m.tensor([1, 2], dtype=m.int32)",
    "m.tensor([1., 2.], dtype=m.float64)",
    "m.tensor([1., 2.], requires_grad=True)",
    "m.tensor([1., 2.], dtype=m.float64, requires_grad=True)",
    "m.tensor([1., 2.], requires_grad=True) * 2",
    "m.tensor(2., requires_grad=True) ** 2",
    "m.tensor([[1., 2.]], dtype=m.float64, requires_grad=True).sum()",
    "m.zeros(2, 2, 600, dtype=m.float64, requires_grad=True)",
    "m.zeros(20, requires_grad=True)",
    "m.zeros(18, requires_grad=True) * 1",
    "[m.tensor([1.]), {'a': m.tensor(1)}]",
    "m.tensor([1., 2.], dtype=m.float64).dtype",
    "m.zeros(2).shape",
    "str(m.tensor([1., 2.], dtype=m.float64))",
]


@pytest.mark.torch
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_prints_as_torch(snippet: str) -> None:
    check(lambda m: eval(snippet, {"m": m, "NAN": NAN, "INF": INF}))


FLOATS = {np.dtype(f"float{w}"): w for w in (16, 32, 64)}
DTYPES = st.sampled_from(
    [*FLOATS, *map(np.dtype, ["bool", "uint8", "int8", "int16", "int32", "int64"])]
)
SPECIAL = [0.0, -0.0, NAN, INF, -INF, 1.0, 0.5, 1000.0, 1001.0, 1e-4, 9.9e-5, 1e8, 1.1e8, 500.0]


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Any shape and dtype; the floats whole, of like size, of any size, or near a threshold."""
    dtype = draw(DTYPES)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=9))
    elements = None
    if dtype in FLOATS:
        width: Any = FLOATS[dtype]
        kinds = [
            st.integers(-1200, 1200).map(float),
            st.floats(-2, 2, width=width),
            st.floats(width=width),
            st.sampled_from(
                [float(dtype.type(min(x, 6e4) if width == 16 else x)) for x in SPECIAL]
            ),
        ]
        elements = st.one_of(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)))
    array = draw(hnp.arrays(dtype, shape, elements=elements))
    return array.T if draw(st.booleans()) else array


PRINT_OPTIONS = st.fixed_dictionaries(
    {"sci_mode": st.sampled_from([None, None, True, False])},
    optional={
        "profile": st.sampled_from(["default", "short", "full"]),
        "precision": st.integers(0, 20),
        "threshold": st.one_of(st.integers(-1, 40), st.just(INF)),
        "edgeitems": st.integers(0, 4),
        "linewidth": st.integers(-10, 120),
    },
)


@pytest.mark.torch
@given(
    array=arrays(),
    options=PRINT_OPTIONS,
    origin=st.sampled_from(["none", "leaf", "node"]),
    default=st.sampled_from(["float32", "float64"]),
)
def test_prints_as_torch_whatever_the_options(
    array: np.ndarray, options: dict[str, Any], origin: str, default: str
) -> None:
    def f(m: Any) -> Any:
        m.set_default_dtype(getattr(m, default))
        x = m.from_numpy(array.copy())
        if origin != "none" and array.dtype.kind == "f":
            x.requires_grad_()
            x = x * 1 if origin == "node" else x
        return x

    check(f, **options)


@pytest.mark.torch
@given(
    low=st.floats(2.0**-20, 2.0**20, width=32),
    ratio=st.sampled_from([999.9999, 1000.0, 1000.0001]),
    dtype=st.sampled_from(["float32", "float64"]),
    whole=st.booleans(),
)
def test_exponents_appear_at_the_same_ratio(
    low: float, ratio: float, dtype: str, whole: bool
) -> None:
    low = math.ceil(low) if whole else low
    check(lambda m: m.tensor([low, low * ratio], dtype=getattr(m, dtype)))


@pytest.mark.torch
def test_a_view_that_lost_its_history_says_so() -> None:
    def f(m: Any) -> Any:
        base = m.ones(2, requires_grad=True) * 1
        with m.no_grad():
            view = base.view(2)
        before = repr(view)
        base.mul_(2)
        return before, view

    assert "grad_fn=<Invalid>" in their_text(f, {})
    check(f)


FORMATS = [
    ("m.tensor(1.5)", ""),
    ("m.tensor(1.5)", ".4f"),
    ("m.tensor(1.5)", ">10"),
    ("m.tensor(3)", ".2f"),
    ("m.tensor(3)", "d"),
    ("m.tensor(3.)", "d"),
    ("m.tensor(True)", ""),
    ("m.tensor(True)", "5"),
    ("m.tensor(1 / 3, dtype=m.float16)", ""),
    ("m.tensor(2., requires_grad=True) * 2", ".1e"),
    ("m.tensor([1.5])", ""),
    ("m.tensor([1.5])", ".4f"),
    ("m.tensor([])", "10"),
]


@pytest.mark.torch
@pytest.mark.parametrize("snippet, spec", FORMATS)
def test_formats_as_torch(snippet: str, spec: str) -> None:
    def f(m: Any) -> str:
        try:
            return format(eval(snippet, {"m": m}), spec)
        except (TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    check(f)


def test_a_subclass_prints_under_its_name_and_may_add_a_line() -> None:
    class Named(minigrad.Tensor):
        pass

    class Parameter(minigrad.Tensor):
        def __repr__(self) -> str:
            return "Parameter containing:\n" + tensor_text(self)

    data = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    assert repr(Named(data)) == "Named([[1., 2.],\n       [3., 4.]])"
    parameter = Parameter(np.array(1.5)).requires_grad_()
    text = "Parameter containing:\ntensor(1.5000, requires_grad=True)"
    assert repr(parameter) == str(parameter) == f"{parameter}" == text
    with pytest.raises(TypeError, match=r"format string passed to Parameter\.__format__"):
        f"{parameter:.2f}"


def test_numpys_print_options_and_error_state_change_nothing() -> None:
    t = minigrad.tensor([1e-30, 1.0, math.inf, math.nan])
    expected = "tensor([1.0000e-30, 1.0000e+00,        inf,        nan])"
    with np.printoptions(precision=1, threshold=1, linewidth=10), np.errstate(all="raise"):
        assert repr(t) == expected


def test_a_large_tensor_prints_at_once() -> None:
    base = minigrad.from_numpy(np.ones((1, 1), np.float32))
    vast = base.expand(10**6, 10**6)  # 4 TB, if anything went through all of it
    start = time.perf_counter()
    assert repr(vast).count("1.") == 36
    assert time.perf_counter() - start < 1


def test_sixty_four_dimensions() -> None:
    t = minigrad.from_numpy(np.zeros((1,) * 63 + (1001,)))
    row = "[" * 64 + "0., 0., 0.,  ..., 0., 0., 0." + "]" * 64
    with printoptions(linewidth=math.inf):
        assert repr(t) == f"tensor({row}, dtype=minigrad.float64)"


def test_options_hold_until_changed() -> None:
    t = minigrad.tensor([1 / 3, 200.0])
    minigrad.set_printoptions(precision=2)
    minigrad.set_printoptions(sci_mode=True)
    assert repr(t) == "tensor([3.33e-01, 2.00e+02])"
    minigrad.set_printoptions(linewidth=20)
    assert repr(t) == "tensor([  0.33,\n        200.00])"
    minigrad.set_printoptions(profile="default")
    assert repr(t) == "tensor([  0.3333, 200.0000])"


def test_printoptions_ends_with_the_block_also_by_an_exception() -> None:
    t = minigrad.tensor(1 / 3)
    minigrad.set_printoptions(precision=3, sci_mode=True)
    with printoptions(precision=1):
        assert repr(t) == "tensor(0.3)"
    with pytest.raises(KeyError), printoptions(precision=1):
        raise KeyError
    assert repr(t) == "tensor(3.333e-01)"


@pytest.mark.parametrize(
    "wrong, error",
    [
        (dict(precision=-1), ValueError),
        (dict(precision="4"), ValueError),
        (dict(precision=2.5), ValueError),
        (dict(edgeitems=-1), ValueError),
        (dict(profile="long"), ValueError),
        (dict(threshold="9"), TypeError),
        (dict(linewidth="80"), TypeError),
    ],
)
def test_options_that_cannot_be_printed_with_are_refused(
    wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"{next(iter(wrong))} must be"):
        minigrad.set_printoptions(**{"linewidth": 40, **wrong})
    assert _options[0] == Options()
