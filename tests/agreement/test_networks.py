"""Random networks are trained alike; `python -m tests.agreement.networks` trains more."""

import pytest

import minigrad
from minigrad import nn

pytestmark = pytest.mark.torch
networks = pytest.importorskip("tests.agreement.networks")


@pytest.mark.parametrize("seed", range(60))
def test_a_network(seed):
    assert networks.differs(seed) is None


def test_a_normalized_constant_of_which_rounding_decides_the_sign():
    """AlphaDropout leaves one in a column, and RReLU draws for what is not above 0."""
    assert networks.differs(3977924058) is None


def test_a_wrong_step_is_noticed(monkeypatch):
    seed = next(n for n in range(100) if "optim.SGD" in networks.program(n))
    monkeypatch.setattr(minigrad.optim.SGD, "step", lambda self: None)
    assert f"# seed {seed}: 2 of what is printed" in networks.differs(seed)


def test_a_wrong_layer_is_noticed(monkeypatch):
    seed = next(n for n in range(100) if "nn.Tanh()" in networks.program(n))
    monkeypatch.setattr(nn.Tanh, "forward", lambda self, x: x.atan())
    assert "# seed" in networks.differs(seed)
