"""Windows of signals under their newer names, against torch."""

import pytest

from tests.judge import judged

NAMES = [
    *("bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine"),
    *("general_hamming", "hamming", "hann", "kaiser", "nuttall"),
]


def window(t, name, *args, **settings):
    if name == "general_cosine":
        settings = {"a": [0.5, 0.3, 0.2], **settings}
    return getattr(t.signal.windows, name)(*args, **settings)


@judged(ulps=16)  # where I0 is steep, a bit of its operand is several of its own
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [0, 1, 2, 5, 8, 33])
@pytest.mark.parametrize("sym", [True, False])
def test_windows(t, name, length, sym):
    single = window(t, name, length, sym=sym)
    double = window(t, name, length, sym=sym, dtype=t.float64, device="cpu", layout=t.strided)
    return single, double, window(t, name, length, sym=sym, requires_grad=True)


@judged
@pytest.mark.parametrize(
    "name, settings",
    [
        ("exponential", {"tau": 3.0}),
        ("exponential", {"tau": 2, "center": 1.5, "sym": False}),
        ("gaussian", {"std": 2.5}),
        ("general_cosine", {"a": (1, 2)}),
        ("general_hamming", {"alpha": 0.3, "sym": False}),
        ("kaiser", {"beta": 3.5, "sym": False}),
        ("kaiser", {"beta": 0.0}),
    ],
)
def test_settings(t, name, settings):
    return window(t, name, 7, **settings), window(t, name, 6, dtype=t.float64, **settings)


@judged(raises=".")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", ["length", "int", "half", "layout", "text"])
def test_refusals(t, name, wrong):
    settings = {"int": {"dtype": t.int64}, "half": {"dtype": t.float16}, "layout": {"layout": 3}}
    lengths = {"length": -1, "text": "4"}
    window(t, name, lengths.get(wrong, 4), **settings.get(wrong, {}))


@judged(raises=".")
@pytest.mark.parametrize(
    "name, settings",
    [
        ("exponential", {"tau": 0}),
        ("exponential", {"center": 1.0}),
        ("gaussian", {"std": -1.0}),
        ("general_cosine", {"a": []}),
        ("general_cosine", {"a": 3}),
        ("kaiser", {"beta": -1}),
    ],
)
def test_settings_that_no_window_has(t, name, settings):
    window(t, name, 4, **settings)
