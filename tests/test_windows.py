"""Windows of signals, against torch."""

import pytest

import minigrad
from tests.judge import judged

NAMES = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


@judged
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("length", [0, 1, 2, 5, 8, 33])
def test_windows(t, name, length):
    window = getattr(t, name)
    return [window(length, periodic, dtype=t.float64) for periodic in (True, False)]


@judged
def test_settings(t):
    x = t.hann_window(4, requires_grad=True)
    x.sum().backward()
    return x, t.hamming_window(5, True, 0.5, 0.4), t.kaiser_window(6, False, 3.0), x.is_leaf


@judged(raises="requires non-negative window_length")
@pytest.mark.parametrize("name", NAMES)
def test_a_negative_length(t, name):
    getattr(t, name)(-1)


def test_integers():
    with pytest.raises(RuntimeError, match="hann_window expects floating point dtypes"):
        minigrad.hann_window(3, dtype=minigrad.int64)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.hamming_window(2, False, alpha=[2, 3, 4]),
        lambda t: t.hamming_window(4, True, 0.5, "a"),
        lambda t: t.kaiser_window(4, True, [1.0]),
        lambda t: t.hann_window(-1, 7),
        lambda t: t.bartlett_window(4, None),
    ],
)
def test_settings_of_another_kind(call):
    """torch says of both forms of such a call what they take."""
    for t in (minigrad, pytest.importorskip("torch")):
        with pytest.raises(TypeError, match=r"_window\(\)"):
            call(t)
