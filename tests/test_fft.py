"""What torch.fft has in real numbers, against torch; its transforms refuse."""

import pytest

import minigrad
from tests.judge import judged


@judged
@pytest.mark.parametrize("n", [0, 1, 5, 6])
def test_frequencies(t, n):
    names = ["fftfreq", "rfftfreq"]
    return [getattr(t.fft, name)(n, d, dtype=t.float64) for name in names for d in (1.0, 0.3)]


@judged
@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts_and_their_gradients(t, name):
    x = t.arange(15.0).reshape(3, 5).requires_grad_()
    found = []
    for dim in (None, 1, (0,), (-1, 0)):
        y = getattr(t.fft, name)(x, dim)
        found += [y, t.autograd.grad((y * x.detach()).sum(), x)[0]]
    return found


@judged(raises="fftfreq requires a floating point")
def test_integers(t):
    t.fft.fftfreq(3, dtype=t.int64)


@judged(raises="`shifts` required")
def test_no_dimension(t):
    t.fft.fftshift(t.ones(2), ())


def test_transforms_refuse():
    for name in minigrad.fft.TRANSFORMS:
        with pytest.raises(NotImplementedError, match=rf"fft\.{name} .* complex numbers"):
            getattr(minigrad.fft, name)(minigrad.ones(4))
