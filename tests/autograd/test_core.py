"""The core alone: what a reader passes through, and that it is enough to train the article."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad.autograd.value import LEAF, Value

PACKAGE = Path(minigrad.__file__).parent
CORE = {"autograd/value.py", "autograd/primitive.py", "autograd/node.py", "autograd/backward.py"}
CORE |= {"ops/arithmetic.py"}


def files_passed_through(f) -> dict[str, list[str]]:
    """The package's files in which a function ran while ``f`` did, and those functions."""
    passed: dict[str, list[str]] = {}

    def note(frame, event, argument):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            name = path.relative_to(PACKAGE).as_posix()
            functions = passed.setdefault(name, [])
            if frame.f_code.co_name not in functions:
                functions.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(note)
    try:
        f()
    finally:
        sys.settrace(before)
    return passed


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_gradient_passes_through_at_most_four_files(shape) -> None:
    a = minigrad.tensor(np.ones(shape), requires_grad=True)
    b = minigrad.tensor(np.full(shape, 2.0), requires_grad=True)
    passed = files_passed_through(lambda: (a * b).sum().backward())
    assert len(passed) <= 4, passed
    assert (a.grad.numpy() == 2.0).all()


N, STEPS, RATE = 100, 50, 1e-3


def by_hand(dtype) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """p = w x**2 + b, and the sum of squares: dw = sum 2 (p - y) x**2, db = sum 2 (p - y)."""
    x, y = points(dtype)
    w, b = np.zeros((1, 1), dtype), np.zeros((1, 1), dtype)
    gradients = []
    for _ in range(STEPS):
        residual = w * x**2 + b - y
        dw = (2 * residual * x**2).sum(keepdims=True)
        db = (2 * residual).sum(keepdims=True)
        gradients.append((dw, db))
        w, b = w - RATE * dw, b - RATE * db
    return w, b, gradients


def points(dtype) -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-1, 1, N, dtype=dtype).reshape(N, 1)
    noise = np.random.RandomState(100).rand(N, 1).astype(dtype)
    return x, (3 * x**2 + 2 + 0.2 * noise).astype(dtype)


TRAIN_WITH_THE_CORE = """
import sys
import types
from pathlib import Path

import numpy as np

# The package without its __init__, which imports the whole library.
package = types.ModuleType("minigrad")
package.__path__ = [sys.argv[1]]
sys.modules["minigrad"] = package
autograd = types.ModuleType("minigrad.autograd")
autograd.__path__ = [sys.argv[1] + "/autograd"]
sys.modules["minigrad.autograd"] = autograd

from minigrad.autograd.backward import run
from minigrad.autograd.value import Value
from minigrad.ops.arithmetic import add, mul, pow_number, sub, sum_all

x, y, w, b = (np.load(f"{sys.argv[2]}/{name}.npy") for name in "xywb")
rate, steps = float(sys.argv[3]), int(sys.argv[4])
x, y = Value(x), Value(y)
w, b = Value(w, requires_grad=True), Value(b, requires_grad=True)
gradients = []
for _ in range(steps):
    prediction = add(mul(w, pow_number(x, 2)), b)
    loss = sum_all(pow_number(sub(prediction, y), 2))
    run([(loss.edge, np.ones_like(loss.array))])
    gradients.append([p.grad.array for p in (w, b)])
    for p in (w, b):
        p.array = p.array - rate * p.grad.array
        p.grad = None
np.savez(f"{sys.argv[2]}/trained.npz", w=w.array, b=b.array, gradients=gradients)
print(*sorted(Path(m.__file__).relative_to(sys.argv[1]).as_posix()
    for name, m in sys.modules.items() if name.startswith("minigrad.") and hasattr(m, "__file__")))
"""
# These the core's files import: dtypes, messages, checks of arguments, numpy's warnings, fast sums,
# and whether an array belongs to the backward pass alone.
SUPPORT = {"autograd/ownership.py", "autograd/quiet.py", "dtypes.py", "errors.py", "promotion.py"}
SUPPORT |= {"ops/__init__.py", "ops/arguments.py", "autograd/sums.py", "memory.py"}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_core_trains_the_article_to_the_hand_derived_numbers(tmp_path, dtype) -> None:
    x, y = points(dtype)
    for name, array in dict(x=x, y=y, w=np.zeros((1, 1), dtype), b=np.zeros((1, 1), dtype)).items():
        np.save(tmp_path / f"{name}.npy", array)
    done = subprocess.run(
        [sys.executable, "-c", TRAIN_WITH_THE_CORE, PACKAGE, tmp_path, str(RATE), str(STEPS)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == CORE | SUPPORT
    trained = np.load(tmp_path / "trained.npz")
    w, b, gradients = by_hand(dtype)
    unit = np.finfo(dtype).eps
    # A sum of N terms is off by at most N units of the largest partial sum, step after step.
    scale = np.abs(gradients[0]).max()
    np.testing.assert_allclose(trained["gradients"], gradients, rtol=0, atol=N * unit * scale)
    np.testing.assert_allclose(trained["w"], w, rtol=N * unit)
    np.testing.assert_allclose(trained["b"], b, rtol=N * unit)
    assert trained["w"].dtype == dtype


def test_a_value_leads_nowhere_unless_it_is_to() -> None:
    assert Value(np.ones(2)).edge is None
    assert Value(np.ones(2), requires_grad=True).edge is LEAF
