"""Every module and optimizer of torch's own tables, on their samples and errors."""

import pytest

pytestmark = pytest.mark.torch
modules = pytest.importorskip("tests.agreement.modules")

try:
    MODULES, OPTIMIZERS = list(modules.module_table()), list(modules.optimizer_table())
except Exception as error:  # private to torch, and may move
    pytest.skip(f"torch's tables of modules: {error}", allow_module_level=True)

SAMPLES = 2  # of each mode; all of them by `python -m tests.agreement.modules`

# What may differ, and why.
ABSENT = "outside of what lessons on autodiff need"
ONCE = "torch has no second derivative, minigrad the right one"
KNOWN: dict[str, tuple[str, set[str]]] = {
    "nn.LinearCrossEntropyLoss": (ABSENT, {"missing"}),
    "SparseAdam": (ABSENT, {"missing"}),
    "nn.MultiLabelMarginLoss": (ONCE, {"gradgrad"}),
    "nn.MultiMarginLoss": (ONCE, {"gradgrad"}),
    "nn.Transformer": (ONCE, {"gradgrad"}),
    "nn.TransformerDecoderLayer": (ONCE, {"gradgrad"}),
    "nn.TransformerEncoder": (ONCE, {"gradgrad"}),
    "nn.TransformerEncoderLayer": (ONCE, {"gradgrad"}),
    "nn.CTCLoss": (
        "rounding of many sums of exponentials; see differences.md",
        {"grad"},
    ),
    "nn.Tanh": ("1 - tanh^2 close to 0 has the rounding of 1", {"grad"}),
    "Muon": ("a sum may round to the other bfloat16", {"parameters", "state", "loaded"}),
    "LBFGS": ("curvature divides by what rounding has left", {"parameters", "state", "loaded"}),
}


def check(report):
    _, may_differ = KNOWN.get(report.name, ("", set()))
    unexpected = {kind: text for kind, text in report.examples.items() if kind not in may_differ}
    assert report.compared or "missing" in may_differ
    assert not unexpected, "\n".join(f"[{kind}] {text}" for kind, text in unexpected.items())


@pytest.mark.parametrize("name", MODULES)
def test_module(name):
    check(modules.judge_module(name, samples=SAMPLES))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name):
    check(modules.judge_optimizer(name, dtypes=["float64"]))


def test_the_exceptions_are_in_the_tables():
    assert set(KNOWN) <= {*MODULES, *OPTIMIZERS}
