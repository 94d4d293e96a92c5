"""torch's functions for trees of tensors, which other people's code imports."""

from collections import OrderedDict, defaultdict, deque, namedtuple

import pytest

import minigrad.utils._pytree
from tests.judge import judged

pytree_of_torch = pytest.importorskip("torch.utils._pytree")

Pair = namedtuple("Pair", "a b")

TREES = [
    {"b": 1, "a": [2, (3, None)]},
    OrderedDict(b=Pair(1, [2])),
    defaultdict(list, {"a": [1, 2]}),
    deque([1, [2]], maxlen=3),
    [],
    5,
]


@judged
@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_taken_apart_and_put_together(t, tree):
    pytree = t.utils._pytree
    leaves, spec = pytree.tree_flatten(tree)
    made = pytree.tree_unflatten([repr(leaf) for leaf in leaves], spec)
    again = pytree.tree_structure(made)
    return leaves, spec.num_leaves, repr(made), again == spec, pytree.tree_leaves(tree)


@judged
def test_map(t):
    pytree = t.utils._pytree
    tree, calls = {"x": t.ones(2), "y": [1, "text"]}, []
    return (
        pytree.tree_map(lambda x, y: f"{x} {y}", [1, 2], [3, (4, 5)]),
        pytree.tree_map(lambda x, y: x + y, {"a": 1, "b": 2}, {"b": 3, "a": 4}),
        pytree.tree_map(lambda x, y: x - y, OrderedDict(a=1), {"a": 2})["a"],
        pytree.tree_map_only(t.Tensor, lambda x: x + 1, tree),
        pytree.tree_map_only((int, str), repr, tree),
        pytree.tree_map_(calls.append, [1, (2,)]),
        calls,
    )


@judged
def test_what_is_a_leaf_and_what_holds_of_leaves(t):
    pytree = t.utils._pytree
    tree = [[1, 2], 3]
    return (
        pytree.tree_leaves(tree, is_leaf=lambda x: x == [1, 2]),
        pytree.tree_any(lambda x: x > 2, tree),
        pytree.tree_all(lambda x: x > 2, tree),
        list(pytree.tree_iter(tree)),
    )


@judged(raises="mismatch|instance of")
@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: p.tree_map(max, [1, 2], [1]),
        lambda p: p.tree_map(max, [1, 2], (3, 4)),
        lambda p: p.tree_map(max, {"a": 1}, {"b": 1}),
        lambda p: p.tree_unflatten([1], [1]),
    ],
)
def test_trees_that_do_not_match(t, wrong):
    wrong(t.utils._pytree)


@judged
def test_too_few_leaves(t):
    pytree = t.utils._pytree
    with pytest.raises(ValueError, match=r"`leaves` has length 1 but .* holds 2 items"):
        pytree.tree_unflatten([1], pytree.tree_structure([1, 2]))
    return t.zeros(0)


def test_both_are_imported_by_this_name():
    assert {*minigrad.utils._pytree.__all__} <= {*dir(pytree_of_torch)}


@judged
def test_a_class_that_is_registered(t):
    class Line:
        def __init__(self, weight, bias, name):
            self.weight, self.bias, self.name = weight, bias, name

    def parts(line):
        return [line.weight, line.bias], line.name

    pytree = t.utils._pytree
    pytree.register_pytree_node(Line, parts, lambda parts, name: Line(*parts, name))
    line = Line(t.tensor(2.0), t.tensor([1.0, 3.0]), "steep")
    gradients = t.func.grad(lambda line, x: (line.weight * x + line.bias).pow(2).sum())(line, 3.0)
    mapped = t.func.vmap(lambda line: Line(line.weight * 2, line.bias + 1, "other"))(
        Line(t.ones(3), t.zeros(3, 2), "many")
    )
    again = pytree.tree_map(lambda x: x + 1, line)
    with pytest.raises(ValueError, match="already registered"):
        pytree.register_pytree_node(Line, parts, None)
    return [(x.name, x.weight, x.bias) for x in (gradients, mapped, again)]
