"""What a forward and a backward pass cost, counted and not timed.

The graph's *nodes* are the operations that a pass can reach from its root. Its *edges* are those
by which they leave, and one more that enters at the root. Its *ends* are where edges lead: the
nodes' outputs, and the leaves.
"""

from __future__ import annotations

import gc
import importlib
import os
import platform
import random
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.autograd.node import Node
from minigrad.autograd.value import Value, edge_of
from minigrad.nn import functional as F

# As an attribute of the package, the name is a function's.
backward_pass = importlib.import_module("minigrad.autograd.backward")


class Counts:
    nodes = rules = additions = 0


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Counts the nodes and rules that run, and the additions of cotangents."""
    found = Counts()
    vjp, added = Node.vjp, backward_pass.added

    def counted_vjp(node: Node, cotangents: Any, on_graph: bool) -> Any:
        found.nodes += 1
        found.rules += len(node.plan.rules)
        return vjp(node, cotangents, on_graph)

    def counted_added(held: Any, g: Any) -> Any:
        found.additions += 1
        return added(held, g)

    monkeypatch.setattr(Node, "vjp", counted_vjp)
    monkeypatch.setattr(backward_pass, "added", counted_added)
    return found


def graph_of(root: Any) -> tuple[int, int, int]:
    """How many nodes, edges and ends a pass from ``root`` meets; see above."""
    ends = {edge_of(root)}
    todo, edges = [edge_of(root)[0]], 1
    seen = set(todo)
    while todo:
        for edge in todo.pop().edges:
            if edge is None:
                continue
            edges += 1
            ends.add(edge)
            if isinstance(edge[0], Node) and edge[0] not in seen:
                seen.add(edge[0])
                todo.append(edge[0])
    return len(seen), edges, len(ends)


def random_root(seed: int, operations: int = 60) -> Any:
    """A sum of all that a random program has made, of which each line may use any earlier one."""
    choose = random.Random(seed)
    values = [minigrad.tensor([0.5, 1.5], requires_grad=choose.random() < 0.8) for _ in range(4)]
    values[0].requires_grad_()
    for _ in range(operations):
        a, b = choose.choice(values), choose.choice(values)
        make = choose.choice(
            [
                lambda a, b: a + b,
                lambda a, b: a * b,
                lambda a, b: a.tanh(),
                lambda a, b: minigrad.stack([a, b]).sum(0),
                lambda a, b: a.max(0).values * b,
                lambda a, b: minigrad.where(b > 1, a, b),
            ]
        )
        values.append(make(a, b))
    return sum([v.sum() for v in choose.sample(values, 6)], values[0].sum())


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("create_graph", [False, True])
def test_every_node_runs_once_and_additions_are_edges_less_ends(counts, seed, create_graph) -> None:
    root = random_root(seed)
    nodes, edges, ends = graph_of(root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of create_graph with backward()
        root.backward(create_graph=create_graph)
    assert counts.nodes == nodes
    assert counts.additions == edges - ends


def test_a_rule_runs_for_each_input_that_needs_a_gradient_and_for_no_other(counts) -> None:
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    constant = minigrad.tensor([3.0, 4.0])
    ((x * constant) * (x * x)).sum().backward()
    assert counts.nodes == 4
    assert counts.rules == 1 + 2 + 2 + 1


def test_a_pass_for_some_inputs_runs_only_the_nodes_on_the_way_to_them(counts) -> None:
    x, y = [minigrad.tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
    minigrad.autograd.grad((x.exp().sin() + y.exp().exp().cos()).sum(), x)
    assert counts.nodes == 4


@pytest.mark.parametrize("levels", [10, 20, 200])
def test_reusing_a_value_costs_a_node_and_not_a_path(counts, levels) -> None:
    """2 ** levels paths lead through this graph."""
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(levels):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert x.grad.item() == 1.0
    assert counts.nodes == 3 * levels
    assert counts.additions == levels


# Memory. Arrays are counted in units of one large operand.

SIZE = 50_000


@contextmanager
def traced() -> Iterator[Callable[[], float]]:
    """What has been allocated at most, since the block began, in arrays of SIZE float64."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield lambda: (tracemalloc.get_traced_memory()[1] - before) / (8 * SIZE)
    finally:
        tracemalloc.stop()


def leaf(*shape: int) -> Any:
    return minigrad.ones(*shape, dtype=minigrad.float64).requires_grad_()


# For each operation the arrays that its node keeps, and how many exist at once while it runs
# backward, its results included: no rule needs more than two besides its results.
OPERATIONS: list[tuple[str, Callable[[Any, Any], Any], int, int]] = [
    ("add", lambda a, b: a + b, 0, 0),
    ("mul", lambda a, b: a * b, 0, 2),
    ("div", lambda a, b: a / b, 0, 4),
    ("exp", lambda a, b: a.exp(), 0, 1),
    ("tanh", lambda a, b: a.tanh(), 0, 3),
    ("sigmoid", lambda a, b: a.sigmoid(), 0, 3),
    ("relu", lambda a, b: a.relu(), 0, 2),
    ("log", lambda a, b: a.log(), 0, 1),
    ("sin", lambda a, b: a.sin(), 0, 2),
    ("square", lambda a, b: a**2, 0, 3),
    ("sum", lambda a, b: a.sum(), 0, 0),
    ("reshape", lambda a, b: a.reshape(2, -1), 0, 0),
    ("transpose", lambda a, b: a.reshape(2, -1).T, 0, 0),
]


@pytest.mark.parametrize("name, f, kept, most", OPERATIONS, ids=[o[0] for o in OPERATIONS])
def test_arrays_that_an_operation_allocates(name, f, kept, most) -> None:
    a, b = leaf(SIZE), leaf(SIZE)
    with traced() as arrays:
        y = f(a, b)
        result = 0.0 if y._is_view() or y.numel() == 1 else 1.0
        assert arrays() == pytest.approx(kept + result, abs=0.3)
    g = np.ones(y.shape)
    with traced() as arrays:
        y.grad_fn.vjp([g], False)
        assert arrays() <= most + 0.3


@pytest.mark.parametrize("length", [10, 100])
def test_a_pass_along_a_chain_needs_three_arrays_whatever_its_length(length) -> None:
    x = leaf(SIZE)
    y = x
    for _ in range(length):
        y = (y * 1.01).exp().log()
    total = y.sum()
    with traced() as arrays:
        total.backward()
        assert arrays() <= 3.3


def test_a_chain_of_operations_that_save_nothing_keeps_nothing() -> None:
    y = leaf(SIZE)
    with traced() as arrays:
        for _ in range(50):
            y = y + 1
        assert arrays() <= 2.3


@pytest.mark.parametrize("n", [8, 16, 32])
def test_indexing_in_a_loop_makes_one_array_of_the_whole_for_each_index(counts, n) -> None:
    """Every ``x[i]`` sends back zeros but for a row, as torch's does: n of them, n - 1 additions.

    In bytes that is quadratic in n; at no time are there more than four.
    """
    x = leaf(n, SIZE // n)
    y = sum([x[i].sum() for i in range(1, n)], x[0].sum())
    with traced() as arrays:
        y.backward()
        assert arrays() <= 4.3
    assert counts.nodes == n + n + (n - 1)
    assert counts.additions == n - 1


@pytest.mark.parametrize("n", [8, 32])
def test_iterating_over_rows_makes_one_array_for_all_of_them(counts, n) -> None:
    x = leaf(n, SIZE // n)
    rows = list(x)
    y = sum([row.sum() for row in rows[1:]], rows[0].sum())
    with traced() as arrays:
        y.backward()
        assert arrays() <= 2.3
    assert counts.additions == 0
    assert counts.nodes == 1 + n + (n - 1)


def owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def saved_bytes_of_mlp(t: Any, key: Callable[[Any], tuple[int, int]]) -> int:
    """The memory that the nodes of a perceptron's training step keep, each piece counted once."""
    seen: dict[int, int] = {}
    kept = []

    def pack(x: Any) -> Any:
        place, size = key(x)
        seen[place] = size
        kept.append(x)  # so that no address is used twice
        return x

    t.manual_seed(0)
    model = t.nn.Sequential(t.nn.Linear(784, 256), t.nn.ReLU(), t.nn.Linear(256, 10))
    x, target = t.randn(128, 784), t.zeros(128, dtype=t.int64)
    with t.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        loss = t.nn.functional.cross_entropy(model(x), target)
    assert loss.requires_grad
    return sum(seen.values())


@pytest.mark.torch
def test_a_perceptron_saves_no_more_than_with_torch() -> None:
    import torch

    ours = saved_bytes_of_mlp(
        minigrad, lambda x: (id(owner(x.detach().array)), owner(x.detach().array).nbytes)
    )
    theirs = saved_bytes_of_mlp(
        torch, lambda x: (x.untyped_storage().data_ptr(), x.untyped_storage().nbytes())
    )
    assert ours <= theirs


def blocks_left_by(step: Callable[[], Any], steps: int) -> int:
    """What so many steps leave behind: blocks of memory, and objects that refer to each other.

    The garbage collector is off meanwhile. It is run before and after, as it empties the lists of
    freed tuples that Python keeps; what it then finds should have been gone without it.
    """
    for _ in range(100):
        step()
    gc.collect()
    before = sys.getallocatedblocks()
    gc.disable()
    try:
        for _ in range(steps):
            step()
    finally:
        gc.enable()
    return gc.collect() + sys.getallocatedblocks() - before


def training_step() -> Callable[[], None]:
    w, b = minigrad.ones(3, 2, requires_grad=True), minigrad.zeros(2, requires_grad=True)
    optimizer = minigrad.optim.SGD([w, b], lr=1e-3)
    x = minigrad.ones(2, 3)

    def step() -> None:
        optimizer.zero_grad()
        F.mse_loss((x @ w + b).tanh(), x[:, :2]).backward()
        optimizer.step()

    return step


def test_nothing_piles_up_over_ten_thousand_steps() -> None:
    """What a step has made is gone when it ends. ``make soak`` takes 10**5 of them."""
    assert blocks_left_by(training_step(), 10**4) < 100


def test_a_value_is_dropped_as_soon_as_its_node_has_run() -> None:
    """A pass frees as it goes: it needs no more at its end than at its start."""
    y = leaf(SIZE)
    kept = [y]
    for _ in range(20):
        y = y.exp() * 1e-3
    total = y.sum()
    del y
    with traced():
        total.backward()
        left = tracemalloc.get_traced_memory()[0] / (8 * SIZE)
    assert left <= 1.3  # the leaf's gradient
    assert isinstance(kept[0].grad, Value)


FAULTS_OF_A_LESSON = """
import resource
import minigrad as torch

x, y = torch.randn(32, 16, 48), torch.randn(32, 16, 48)
model = torch.nn.TransformerEncoderLayer(48, 4, 192, batch_first=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
counts = []
for _ in range(20):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
    counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print((counts[-1] - counts[9]) / 10)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries free otherwise")
def test_a_training_step_takes_its_memory_from_the_step_before() -> None:
    """And not page by page from the system: 700 faults a step, which cost a third as much again."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS_OF_A_LESSON],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 20
