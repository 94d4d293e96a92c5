"""Arguments that no function can take get torch's answer, or an exception of torch's type."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from tests.agreement import malformed
from tests.agreement.malformed import Found, Tally, Target

pytestmark = pytest.mark.torch

CALLS = 4  # of each function
# Of two errors in one call, either may be found first; and a lenient answer to a wrong type is no
# wrong number. So these may happen, in so many of a hundred calls.
ALLOWED = {"raises another": 6.0, "accepts": 1.5, "refuses": 0.5}


def test_no_call_leaks_hangs_warns_or_gives_another_number() -> None:
    total = Tally()
    for target in malformed.targets():
        total.join(malformed.run(target, CALLS, seed=0))
    serious = [text for text in total.reports if not any(f"# {kind}:" in text for kind in ALLOWED)]
    assert not serious, f"{total}\n\n" + "\n".join(serious)
    for kind, percent in ALLOWED.items():
        assert total.kinds[kind] <= percent / 100 * total.calls, f"{kind}: {total}"


@pytest.mark.parametrize(
    "call, kind",
    [
        ("T.minigrad_only(T.ones(2))", None),
        ("T.ones(2).sum(5)", None),
        ("T.ones(2) + T.ones(3)", None),
    ],
)
def test_calls_that_both_refuse_alike_are_no_finding(call: str, kind: str | None) -> None:
    found = malformed.judge(call)
    assert (found and found.kind) == kind


@pytest.mark.parametrize(
    "call",
    [
        "T.empty(-1, dtype='float32')",
        "T.full((-1,), 2, device=[1])",
        "T.nn.BatchNorm2d(-1, dtype='float32')",
        "T.ones(2, requires_grad=True).abs_(1)",
        "T.ones(2, requires_grad=True)[:1].add_()",
        "T.ones(1).expand(2).exp_(1)",
        "T.ones(2, requires_grad=True).index_fill_(0, 1, 1)",
        "T.ones(2, 0).quantile([0])",
        "T.tensor(1).tensor_split()",
        "T.tensor(1).tensor_split(1)",
        "T.logspace(1, T.tensor([2, 0]), 1.5)",
        "T.ones(2).div(T.ones(3), rounding_mode=0)",
        "T.linalg.lstsq(T.tensor(1), T.tensor([2]), T.ones(2))",
        "T.linalg.svdvals(T.ones(0), driver=1)",
        "T.max_pool1d([2, 3], [1, 2])",
        "T.nn.functional.max_pool2d('a', [1, 2, 3])",
    ],
)
def test_the_types_of_all_arguments_are_checked_before_values(call: str) -> None:
    assert malformed.judge(call) is None


@pytest.mark.parametrize(
    "call",
    [
        "T.max(T.ones(2, 2), keepdim=True)",
        "T.max(T.ones(2, 2), T.ones(2), keepdim=True)",
        "T.max(T.ones(2, 2), 1, dim=1)",
        "T.max([1.0])",
        "T.min(T.ones(2), T.ones(2), other=T.ones(2))",
        "T.min(T.ones(2, 2), 0, other=T.ones(2))",
        "T.ones(2).min(0, keepdim=T.tensor(True))",
        "T.ones(2, 2).max(dim=T.ones(2))",
    ],
)
def test_arguments_that_do_not_go_together(call: str) -> None:
    assert malformed.judge(call) is None


def test_a_wrong_answer_is_found_and_printed_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    import minigrad

    monkeypatch.setattr(minigrad, "sum", lambda x, dim=None: x.array.sum())
    (target,) = malformed.targets(["sum"])
    tally = malformed.run(target, 50, seed=1)
    assert {"gives another", "accepts"} & set(tally.kinds)
    assert {"leaks", "raises another"} & set(tally.kinds)
    for text in tally.reports:
        compile(text, "<report>", "exec")


def test_calls_are_the_same_for_one_seed_and_differ_for_two() -> None:
    (target,) = malformed.targets(["cumsum"])
    assert list(malformed.calls(target, 20, 3)) == list(malformed.calls(target, 20, 3))
    assert list(malformed.calls(target, 20, 3)) != list(malformed.calls(target, 20, 4))


def test_a_crash_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    import minigrad

    monkeypatch.setattr(minigrad, "sum", lambda *args, **settings: os._exit(3))
    (target,) = malformed.targets(["sum"])
    tally = malformed.run_apart([target], 5, seed=1)
    assert dict(tally.kinds) == {"crashes": 1}


def test_findings_are_known_by_kind_and_text() -> None:
    found = Found("accepts", "T.ones(2).qr(some=0)", "", "TypeError: 'some' must be bool, not int")
    assert malformed.known(found)
    assert not malformed.known(Found("leaks", found.call, "", found.theirs))
    assert isinstance(malformed.targets(["sum"])[0], Target)
