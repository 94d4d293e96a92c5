"""Samples for the primitives of ops/activations.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import singles


def with_settings(*settings: Any) -> list[tuple[Any, ...]]:
    return [(x, *settings) for (x,) in singles()]


SLOPES = [(data(2, 3), data(3, seed=1)), (data(3), data(1, seed=1)), (data(), data(seed=1))]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "activations.straight": [
        (data(*s), data(*s, seed=1), data(*s, seed=1) > 0, 0.1) for s in [(2, 3), (), (0,)]
    ],
    "activations._hardtanh": with_settings(-1.0, 0.5),
    "activations._hardsigmoid": [*singles(), (data(3) * 3,)],
    "activations._hardswish": [*singles(), (data(3) * 3,)],
    "activations._hardshrink": with_settings(0.5),
    "activations._softshrink": with_settings(0.5),
    "activations._threshold": with_settings(0.1, 2.0),
    "activations._threshold_in_place": with_settings(0.1, 2.0),
    "activations._leaky_relu": with_settings(0.01),
    "activations._leaky_relu_in_place": with_settings(0.01),
    "activations._rrelu": with_settings(0.2),
    "activations._rrelu_in_place": with_settings(0.2),
    "activations._rrelu_noise": [(data(2, 3), data(2, 3, seed=1))],
    "activations._rrelu_noise_in_place": [(data(2, 3), data(2, 3, seed=1))],
    "activations._prelu": SLOPES,
    "activations.prelu_slopes": [
        (data(2, 3), data(2, 3, seed=1), data(2, 3, seed=2)),
        (data(), data(seed=1), data(seed=2)),
    ],
    "activations._elu": with_settings(1.5, 1.1, 0.7),
    "activations._celu": with_settings(2.0, 1.0, 0.5),
    "activations._elu_in_place": with_settings(1.5, 1.1, 0.7),
    "activations._celu_in_place": with_settings(2.0, 1.0, 0.5),
    "activations.exponential_slope": [
        (data(2, 3), data(2, 3, seed=1), 1.5, 1.1, 0.7, True),
        (data(), data(seed=1), 1.5, 0.0, 0.7, False),
    ],
    "activations.slope_of_result": [(data(2, 3), data(2, 3, seed=1), 1.5, 1.1, 0.7)],
    "activations._softplus": [*with_settings(1.0, 20.0), (data(3), 2.0, 1.5)],
    "activations.softplus_slope": [(data(2, 3), data(2, 3, seed=1), 2.0, 1.5)],
    "activations._logsigmoid": singles(),
    "activations.logsigmoid_slope": [
        (data(*s), data(*s, seed=1), None) for s in [(2, 3), (), (0,)]
    ],
    "activations._mish": singles(),
    "activations._silu": singles(),
    "activations._gelu": singles(),
    "activations._gelu_tanh": singles(),
    **{
        f"activations.{name}": [(data(*s), data(*s, seed=1)) for s in [(2, 3), (), (0,)]]
        for name in ("gelu_slope", "gelu_tanh_slope")
    },
    "activations._glu": [(data(2, 4), 1), (data(4), 0), (data(2, 2, 3), 1), (data(0, 2), 0)],
}
