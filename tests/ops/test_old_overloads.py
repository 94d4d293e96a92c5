"""Numbers before the tensors that they multiply."""

import warnings

import pytest

import minigrad
from tests.judge import judged

CALLS = """
x.add_(-0.1, y)  x.add(2, y)  t.add(x, 2, y)  x.sub_(0.1, y)  x.sub(2, y)  t.sub(x, 2, y)
t.add(x, t.tensor(2), y)  x.add_(1, 2)  x.add_(-1, t.tensor(2.0))  t.add(x, 2, y, out=t.ones(2))
x.addcmul_(0.5, y, y)  x.addcmul(0.5, y, y)  t.addcmul(x, 2, y, y)
x.addcdiv_(-0.5, y, z)  x.addcdiv(-0.5, y, z)  t.addcdiv(x, 2, y, z)
t.addmm(1, M, 2, A, B)  t.addmm(0.5, M, A, B)  M.addmm(0.5, A, B)  M.addmm(0.5, 2, A, B)
M.addmm_(0.5, A, B)  M.addmm_(0.5, 2, A, B)
t.addmv(2, x, 1, M, y)  t.addmv(2, x, M, y)  x.addmv(2, M, y)  x.addmv(2, 3, M, y)
t.addr(1, M, 2, x, y)  M.addr(2, x, y)  M.addr_(2, 3, x, y)
t.baddbmm(1, C, 2, D, D)  C.baddbmm(2, D, D)  C.baddbmm_(2, 3, D, D)
t.addbmm(1, M, 2, C, D)  M.addbmm(2, C, D)
"""


def operands(t):
    names = {"x": t.tensor([1.0, 2.0]), "y": t.tensor([0.5, 0.25]), "z": t.tensor([2.0, 4.0])}
    M = t.arange(4.0).reshape(2, 2)
    C = t.arange(8.0).reshape(2, 2, 2)
    return names | {"t": t, "M": M, "A": M + 1, "B": M * 2, "C": C, "D": C - 3}


@judged
@pytest.mark.parametrize(
    "call", [call.strip() for call in CALLS.replace("\n", "  ").split("  ") if call.strip()]
)
def test_values(t, call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(call, operands(t))


@judged
def test_gradients(t):
    x, y = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([3.0, 4.0], requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (t.add(x, 2, y) * t.addcmul(x, 3, x, y)).sum().backward()
    return x.grad.tolist(), y.grad.tolist()


REFUSED = "t.add(x, True, y)  x.add(y, 2)  t.add(x, x, y)  t.add(x, 2, y, alpha=3)  x.add_(1, 2, 3)"


@pytest.mark.parametrize("call", REFUSED.split("  "))
def test_refused(call) -> None:
    for t in (pytest.importorskip("torch"), minigrad):
        with pytest.raises(RuntimeError if "True" in call else TypeError):
            eval(call, operands(t))


def test_a_warning_once() -> None:
    minigrad.set_warn_always(True)
    try:
        with pytest.warns(UserWarning, match="This overload of add is deprecated:"):
            minigrad.ones(2).add_(2, minigrad.ones(2))
    finally:
        minigrad.set_warn_always(False)
