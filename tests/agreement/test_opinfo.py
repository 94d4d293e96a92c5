"""Every operator of operators.py on torch's own samples and errors, twice differentiated."""

import warnings

import pytest

from tests.agreement.operators import FAMILIES, FURTHER

pytestmark = pytest.mark.torch
opinfo = pytest.importorskip("tests.agreement.opinfo")

try:
    opinfo.table()
except Exception as error:  # private to torch, and may move
    pytest.skip(f"torch's table of operators: {error}", allow_module_level=True)

SAMPLES = 2  # of each dtype and form; all of them by `python -m tests.agreement.opinfo`

# What may differ, and why.
TIES = "which of several equal elements an index names is unspecified"
UNWRITTEN = "memory that nobody has written to may hold anything, in torch"
UNBOUND = "the error input calls Tensor's method with a number in the place of the tensor"
KNOWN: dict[str, tuple[str, set[str]]] = {
    "kthvalue": (TIES, {"value", "method value"}),
    "topk": (TIES, {"value", "method value"}),
    "sort": (TIES, {"value", "method value"}),
    "nanmedian": (TIES, {"value", "method value"}),
    "median": (TIES, {"value", "method value"}),
    "resize_": (UNWRITTEN, {"value", "method value", "inplace value"}),
    "__radd__": (UNBOUND, {"error type"}),
    "__rdiv__": (UNBOUND, {"error type"}),
    "__rmul__": (UNBOUND, {"error type"}),
    "digamma": ("torch's trigamma has 9 digits", {"grad", "method grad", "inplace grad"}),
    "logcumsumexp": ("torch's derivative loses 4 digits", {"grad", "method grad"}),
    "nn.functional.hardsigmoid": ("torch's 1/6 has single precision", {"grad", "inplace grad"}),
}

DIFFERENTIABLE = [name for names in FAMILIES.values() for name in names]
NAMES = [*DIFFERENTIABLE, *FURTHER]


@pytest.mark.parametrize("name", NAMES)
def test_operator(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = opinfo.judge_operator(name, samples=SAMPLES)
    _, may_differ = KNOWN.get(name, ("", set()))
    unexpected = {kind: text for kind, text in report.examples.items() if kind not in may_differ}
    assert report.compared
    assert not unexpected, "\n".join(f"[{kind}] {text}" for kind, text in unexpected.items())


def test_the_list_is_whole():
    assert len(NAMES) == len(set(NAMES))
    assert len(DIFFERENTIABLE) == 304
    assert set(KNOWN) <= set(NAMES)
