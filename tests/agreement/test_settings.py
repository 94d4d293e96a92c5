"""Operators with one setting of another kind: torch's answer, or an error that says why not."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import minigrad

pytest.importorskip("expecttest", reason="torch's table of operators needs it")

import torch

from tests.agreement import settings
from tests.agreement.test_opinfo import NAMES

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_of_another_kind(name: str) -> None:
    _, found = settings.judge(name, seed=3, share=12)
    assert not settings.serious(found)


NUMBERS = {
    "addmm": lambda T, n: T.addmm(T.ones(2, 2), T.ones(2, 2), T.ones(2, 2), beta=n, alpha=n),
    "addr": lambda T, n: T.addr(T.ones(2, 2), T.ones(2), T.ones(2), alpha=n),
    "addcmul": lambda T, n: T.addcmul(T.ones(2), T.ones(2), T.ones(2), value=n),
    "sub": lambda T, n: T.sub(T.ones(2), T.ones(2), alpha=n),
    "index_add": lambda T, n: T.ones(2).index_add(0, T.tensor([1]), T.ones(1), alpha=n),
    "masked_fill": lambda T, n: T.ones(2).masked_fill(T.tensor([True, False]), n),
    "nan_to_num": lambda T, n: T.tensor([float("nan")]).nan_to_num(n),
    "pad": lambda T, n: T.nn.functional.pad(T.ones(2), (1, 1), value=n),
    "norm": lambda T, n: T.ones(3).norm(n),
    "elu": lambda T, n: T.nn.functional.elu(T.tensor([-1.0], dtype=T.float64), n),
    "huber_loss": lambda T, n: T.nn.functional.huber_loss(T.ones(2), T.zeros(2), delta=n),
    "isclose": lambda T, n: T.isclose(T.ones(2), T.zeros(2), atol=n),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("number", [np.float32(1.5), np.float64(2.0), "tensor", "text", [1.5]])
def test_numbers_may_be_numpys_or_tensors(name: str, number: Any) -> None:
    def outcome(T: Any) -> Any:
        given = T.tensor(1.5) if number == "tensor" else number
        try:
            return NUMBERS[name](T, given).tolist()
        except Exception as error:
            return type(error)

    assert outcome(minigrad) == outcome(torch)


def test_numbers_of_numpys_are_written_without_a_warning() -> None:
    found = []
    for T in (torch, minigrad):
        x = T.zeros(3, dtype=T.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            x[0] = np.float64(1.5)
            x[x > 0] = np.int64(2)
            with pytest.raises(TypeError, match=r"can't assign a numpy\.float32"):
                x[0] = np.float32(1.5)
            found.append([*x.tolist(), *T.ones(2, dtype=T.float64).fill_(np.float32(0.1)).tolist()])
            found[-1] += T.nn.PReLU(1, np.float32(1.5), dtype=T.float64).weight.tolist()
    assert found[0] == found[1]
