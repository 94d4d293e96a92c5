"""numpy's floating-point warnings stay away from users, and their own settings as they are."""

import math
import threading
import warnings

import numpy as np
import pytest

import minigrad
from minigrad.autograd.quiet import quietly


def loud_in_numpy():
    """Operations of one and two operands, of several, and in place, that numpy would warn of."""
    x = minigrad.tensor([0.0, 1e300], dtype=minigrad.float64, requires_grad=True)
    y = (x * x).log() + minigrad.logaddexp(x * 1e10, x / 0)
    y.sum().backward()
    z = minigrad.tensor([3e38, 1.0])
    z *= 10
    one = minigrad.tensor([3e38])
    one *= minigrad.tensor([10.0])
    return [*y.tolist(), *x.grad.tolist(), *z.tolist(), *one.tolist()]


def same(a, b):
    return np.array_equal(a, b, equal_nan=True)


@pytest.mark.filterwarnings("error")
def test_operations_do_not_warn_and_numpy_still_does():
    assert same(loud_in_numpy()[4:], [math.inf, 10.0, math.inf])
    with np.errstate(all="raise"):
        loud_in_numpy()
        with pytest.raises(FloatingPointError):
            np.log(np.zeros(1))
    with pytest.warns(RuntimeWarning):
        np.log(np.zeros(1))


@pytest.mark.filterwarnings("error")
def test_while_another_operation_computes():
    """In a signal's handler, say: the answers are the same, and so are the errors."""
    alone, settings = loud_in_numpy(), np.geterr()
    assert same(quietly(loud_in_numpy), alone)
    inside: list[dict[str, str]] = []
    quietly(lambda: (loud_in_numpy(), inside.append(np.geterr())))
    assert inside == [dict.fromkeys(settings, "ignore")]
    assert np.geterr() == settings
    with pytest.raises(RuntimeError, match="must match the size"):
        quietly(lambda: minigrad.ones(2) + minigrad.ones(3))


def test_an_error_of_the_operations_own_is_handed_on():
    def refuse(x):
        raise RuntimeError("of its own")

    with pytest.raises(RuntimeError, match="of its own"):
        minigrad.autograd.primitive.primitive("X", refuse, x=lambda g: g)(minigrad.ones(2))


def test_in_several_threads():
    alone, wrong = loud_in_numpy(), []
    start = threading.Barrier(3)

    def work():
        start.wait()
        with warnings.catch_warnings():
            for _ in range(200):
                if not same(loud_in_numpy(), alone):
                    wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_a_thread_that_finds_it_busy_keeps_its_own_settings():
    settings: list[dict[str, str]] = []

    def compute():
        minigrad.tensor([1e300], dtype=minigrad.float64) * 1e300
        settings.append(np.geterr())

    def meanwhile():
        other = threading.Thread(target=compute)
        other.start()
        other.join()

    quietly(meanwhile)
    assert settings == [np.geterr()]


def test_an_interrupt_within_numpys_errstate_leaves_nothing_behind(monkeypatch):
    def interrupted(*args, **settings):
        np.seterr(invalid="raise")  # as errstate does when it is entered
        raise KeyboardInterrupt

    x = minigrad.tensor([[-1.0, 0.0], [0.0, 1.0]])
    with monkeypatch.context() as patched:
        patched.setattr(np.linalg, "qr", interrupted)
        with pytest.raises(KeyboardInterrupt):
            minigrad.linalg.qr(x)
    assert math.isnan(x.log()[0, 0].item())
