"""Data sets, samplers, batches: the same ones as torch's from the same seed, and the same stream of
random numbers afterwards."""

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import minigrad
from tests.judge import both_raise, judged

Pair = namedtuple("Pair", ["a", "b"])


def numbered(t, n=17):
    return t.utils.data.TensorDataset(t.arange(2.0 * n).reshape(n, 2), t.arange(n))


class Mixed:
    """Samples with everything in them that batches can be made of."""

    def __init__(self, t):
        self.t = t

    def __len__(self):
        return 13

    def __getitem__(self, i):
        return {
            "tensor": self.t.tensor([i, i + 1.0]),
            "int": i,
            "float": float(i),
            "bool": i > 5,
            "text": str(i),
            "bytes": b"b",
            "number": np.float32(i),
            "array": np.arange(2) + i,
            "tuple": (i, [i, float(i)]),
            "pair": Pair(i, float(i)),
            "ordered": OrderedDict(q=i),
        }


def stream(t, announced=10):
    class Stream(t.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(11))

        def __len__(self):
            return announced

        def __repr__(self):
            return "Stream"

    return Stream()


def seeded(t):
    t.manual_seed(3)
    return t.utils.data


def kind(x):
    """The types of what holds the tensors, which `outcome` does not compare."""
    if isinstance(x, dict):
        return [type(x).__name__, [kind(part) for part in x.values()]]
    if isinstance(x, list | tuple):
        return [type(x).__name__, [kind(part) for part in x]]
    return type(x).__name__


def two_passes(loader, t):
    passes = [list(loader), list(loader)]
    return passes, kind(passes), t.rand(3)


class Odd:
    """A sampler of one's own."""

    def __iter__(self):
        return iter([1, 3, 5, -1])

    def __len__(self):
        return 4


LOADERS = {
    "in order": lambda d, t: d.DataLoader(numbered(t), batch_size=5),
    "shuffled": lambda d, t: d.DataLoader(numbered(t), 5, shuffle=True),
    "full batches": lambda d, t: d.DataLoader(numbered(t), 5, True, drop_last=True),
    "own generator": lambda d, t: d.DataLoader(
        numbered(t), 5, True, generator=t.Generator().manual_seed(9)
    ),
    "samples": lambda d, t: d.DataLoader(numbered(t), None, True),
    "workers": lambda d, t: d.DataLoader(numbered(t), 5, True, num_workers=0, in_order=False),
    "mixed": lambda d, t: d.DataLoader(Mixed(t), 4, True),
    "mixed samples": lambda d, t: d.DataLoader(Mixed(t), None),
    "stream": lambda d, t: d.DataLoader(stream(t), 4),
    "full batches of a stream": lambda d, t: d.DataLoader(stream(t), 4, drop_last=True),
    "samples of a stream": lambda d, t: d.DataLoader(stream(t), None),
    "streams": lambda d, t: d.DataLoader(stream(t) + stream(t), 4),
    "replacement": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.RandomSampler(range(17), True, 50)
    ),
    "a multiple of 32": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.RandomSampler(range(17), True, 64, t.Generator())
    ),
    "more than all": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.RandomSampler(range(17), num_samples=40)
    ),
    "twice all": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.RandomSampler(range(17), num_samples=34, generator=t.Generator())
    ),
    "weighted": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.WeightedRandomSampler([0.1, 0.4, 2.0, 0.0] * 3, 20)
    ),
    "weighted, each once": lambda d, t: d.DataLoader(
        numbered(t), 4, sampler=d.WeightedRandomSampler(t.tensor([0.1, 0.4, 2.0] * 3), 8, False)
    ),
    "some": lambda d, t: d.DataLoader(numbered(t), 3, sampler=d.SubsetRandomSampler([3, 5, 1, 7])),
    "own sampler": lambda d, t: d.DataLoader(numbered(t), 3, sampler=Odd()),
    "own batches": lambda d, t: d.DataLoader(numbered(t), batch_sampler=[[1, 2], [-1], [0] * 3]),
    "batches": lambda d, t: d.DataLoader(
        numbered(t), batch_sampler=d.BatchSampler(d.RandomSampler(range(10)), 3, True)
    ),
    "batches as samples": lambda d, t: d.DataLoader(
        numbered(t), None, sampler=d.BatchSampler(d.RandomSampler(range(10)), 3, True)
    ),
    "joined": lambda d, t: d.DataLoader(
        numbered(t) + d.ConcatDataset([numbered(t, 3), numbered(t, 2)]), 4, True
    ),
    "stacked": lambda d, t: d.DataLoader(
        d.StackDataset(numbered(t), d.Subset(numbered(t), range(16, -1, -1))), 4
    ),
    "stacked by name": lambda d, t: d.DataLoader(d.StackDataset(a=numbered(t, 13), b=Mixed(t)), 4),
    "subset of a subset": lambda d, t: d.DataLoader(
        d.Subset(d.Subset(numbered(t), [5, 6, 7, 8, 9]), t.tensor([0, 2, 4])), 2
    ),
    "own collate_fn": lambda d, t: d.DataLoader(
        numbered(t), 4, collate_fn=lambda batch: [len(batch), batch[0][0]]
    ),
    "a tensor": lambda d, t: d.DataLoader(t.arange(6.0).reshape(3, 2), 2),
    "an array": lambda d, t: d.DataLoader(np.arange(6).reshape(3, 2), 2),
    "numbers of numpy": lambda d, t: d.DataLoader(np.arange(6), 2),
    "samples of numpy": lambda d, t: d.DataLoader(np.arange(6), None),
    "a list": lambda d, t: d.DataLoader([1, 2, 3], 2),
    "arrays and labels": lambda d, t: d.DataLoader([(np.ones(2), "a"), (np.zeros(2), "b")], 2),
    "nothing": lambda d, t: d.DataLoader([], 2),
    "strings of numpy": lambda d, t: d.DataLoader([np.str_("a"), np.str_("b")], 2),
}


@pytest.mark.filterwarnings("ignore:Length of IterableDataset")
@pytest.mark.parametrize("name", LOADERS)
@judged(ulps=0)
def test_loaders(t, name):
    return two_passes(LOADERS[name](seeded(t), t), t)


@pytest.mark.filterwarnings("ignore:Length of split")
@pytest.mark.parametrize("lengths", [[10, 7], [0.5, 0.3, 0.2], [17], [0.99, 0.01], [0, 17]])
@judged(ulps=0)
def test_random_split(t, lengths):
    parts = seeded(t).random_split(numbered(t), lengths)
    again = t.utils.data.random_split(numbered(t), lengths, t.Generator().manual_seed(42))
    batches = [list(t.utils.data.DataLoader(part, 4, True)) for part in parts if len(part)]
    return batches, [part.indices for part in [*parts, *again]], t.rand(2)


def test_a_split_without_samples_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        parts = minigrad.utils.data.random_split(numbered(minigrad, 3), [0.9, 0.1])
    assert [len(part) for part in parts] == [3, 0]


@judged
def test_lengths(t):
    d = t.utils.data
    data = numbered(t)
    loaders = [
        d.DataLoader(data, 4),
        d.DataLoader(data, 4, drop_last=True),
        d.DataLoader(data, None),
        d.DataLoader(stream(t), 4),
        d.DataLoader(stream(t), None),
        d.DataLoader(stream(t), 4, drop_last=True),
        d.DataLoader(data, batch_sampler=[[1], [2]]),
    ]
    return [len(loader) for loader in loaders], len(iter(loaders[0])), len(stream(t) + stream(t))


def test_a_stream_longer_than_announced_is_warned_of() -> None:
    loader = minigrad.utils.data.DataLoader(stream(minigrad), None)
    assert len(loader) == 10
    with pytest.warns(UserWarning, match="reported to be 10.*but 11 samples"):
        assert len(list(loader)) == 11


@pytest.mark.torch
def test_persistent_workers_draw_no_second_seed() -> None:
    """The batches are those of torch with a worker process, written down."""
    minigrad.manual_seed(0)
    data = minigrad.utils.data.TensorDataset(minigrad.arange(8))
    options = dict(num_workers=1, persistent_workers=True)
    loader = minigrad.utils.data.DataLoader(data, 4, shuffle=True, **options)
    batches = [[batch[0].tolist() for batch in loader] for _ in range(2)]
    assert batches == [[[2, 0, 5, 3], [1, 4, 7, 6]], [[7, 2, 0, 5], [3, 4, 6, 1]]]


@pytest.mark.torch
def test_workers_are_sent_indices_before_the_first_batch() -> None:
    """The order is drawn by ``iter``; the sums are those of torch with processes, written down."""
    minigrad.manual_seed(0)
    data = minigrad.utils.data.TensorDataset(minigrad.arange(80))
    loader = minigrad.utils.data.DataLoader(data, 12, True, num_workers=2, prefetch_factor=1)
    batches = iter(loader)
    minigrad.manual_seed(1)
    drawn = [[int(b.sum()), int(minigrad.randint(1000, ()))] for (b,) in batches]
    assert [total for total, _ in drawn] == [423, 438, 507, 410, 442, 611, 329]
    assert [after for _, after in drawn] == [845, 139, 124, 368, 263, 313, 491]
    assert list(batches) == []


@judged
def test_batches_with_gradients(t):
    x = t.ones(4, 2, requires_grad=True)
    loader = t.utils.data.DataLoader(t.utils.data.TensorDataset(x), 2)
    batches = [batch for (batch,) in loader]
    (batches[0] * 3).sum().backward()
    return batches, x


@judged
def test_a_batch_does_not_share_memory_with_the_data(t):
    x = t.zeros(4, 2)
    for (batch,) in t.utils.data.DataLoader(t.utils.data.TensorDataset(x), 2):
        batch.add_(1)
    return x


def test_collate_by_its_other_path() -> None:
    from minigrad.utils.data._utils.collate import default_collate, default_convert

    assert default_collate is minigrad.utils.data.default_collate
    assert default_convert is minigrad.utils.data.default_convert


@judged
def test_default_collate(t):
    collate = t.utils.data.default_collate
    return [
        collate([(1, [t.tensor(2)]), (3, [t.tensor(4)])]),
        collate([t.tensor(1), t.tensor(2.0)]),
        collate([True, False]),
        collate([2.5, 3.5]),
        collate([t.ones(2, 0), t.ones(2, 0)]),
        collate([t.arange(6).reshape(2, 3).t()] * 2),
        collate([np.float64(1.5), np.float64(2.5)]),
        collate([np.int32(1), np.int32(2)]),
        kind(collate([Pair(1, "a"), Pair(2, "b")])),
        kind(t.utils.data.default_convert({"a": np.ones(2), "b": (1, np.float32(2)), "c": ["x"]})),
    ]


@judged
def test_indexing(t):
    d = t.utils.data
    joined = numbered(t) + numbered(t)
    stacked = d.StackDataset(a=numbered(t, 3), b=[1, 2, 3])
    return [numbered(t)[3], numbered(t)[2:4], joined[-1], joined[20], stacked[1]]


def test_there_are_no_workers() -> None:
    assert minigrad.utils.data.get_worker_info() is None


def test_types_can_be_named() -> None:
    assert minigrad.utils.data.Dataset[int].__origin__ is minigrad.utils.data.Dataset


@pytest.mark.filterwarnings("ignore:'pin_memory'")
@judged
def test_pinned_memory(t):
    return list(t.utils.data.DataLoader([1, 2], pin_memory=True))


INVALID = {
    "workers": lambda d, t: d.DataLoader([1], num_workers=-1),
    "timeout": lambda d, t: d.DataLoader([1], timeout=-1),
    "prefetch without workers": lambda d, t: d.DataLoader([1], prefetch_factor=2),
    "negative prefetch": lambda d, t: d.DataLoader([1], num_workers=1, prefetch_factor=-2),
    "persistent without workers": lambda d, t: d.DataLoader([1], persistent_workers=True),
    "context without workers": lambda d, t: d.DataLoader([1], multiprocessing_context="fork"),
    "timeout without workers": lambda d, t: list(d.DataLoader([1], timeout=3)),
    "shuffle and sampler": lambda d, t: d.DataLoader([1], shuffle=True, sampler=[0]),
    "batch_sampler and size": lambda d, t: d.DataLoader([1], 3, batch_sampler=[[0]]),
    "drop_last of samples": lambda d, t: d.DataLoader([1], None, drop_last=True),
    "shuffled stream": lambda d, t: d.DataLoader(stream(t), shuffle=True),
    "sampled stream": lambda d, t: d.DataLoader(stream(t), sampler=[1]),
    "batches of a stream": lambda d, t: d.DataLoader(stream(t), batch_sampler=[[1]]),
    "no batch": lambda d, t: d.DataLoader([1], 0),
    "half a batch": lambda d, t: d.DataLoader([1], 2.5),
    "nothing to shuffle": lambda d, t: d.DataLoader([], shuffle=True),
    "set later": lambda d, t: setattr(d.DataLoader([1]), "batch_size", 3),
    "drop_last": lambda d, t: d.BatchSampler([1], 2, 1),
    "replacement": lambda d, t: d.RandomSampler([1], 1),
    "weighted replacement": lambda d, t: d.WeightedRandomSampler([1], 1, 1),
    "no samples": lambda d, t: d.RandomSampler([1], num_samples=0),
    "no weighted samples": lambda d, t: d.WeightedRandomSampler([1], 0),
    "rows of weights": lambda d, t: d.WeightedRandomSampler([[1.0]], 1),
    "no index": lambda d, t: list(d.DataLoader(numbered(t), batch_sampler=[[1, 20]])),
    "no index in a subset": lambda d, t: list(d.DataLoader(d.Subset(numbered(t), [20]), 1)),
    "empty batch": lambda d, t: list(d.DataLoader(numbered(t), batch_sampler=[[]])),
    "shapes": lambda d, t: list(d.DataLoader([t.zeros(2), t.zeros(3)], 2)),
    "lengths": lambda d, t: list(d.DataLoader([[1, 2], [3]], 2)),
    "objects": lambda d, t: list(d.DataLoader([None], 2)),
    "arrays of text": lambda d, t: list(d.DataLoader([np.array(["a"])], 2)),
    "a Dataset": lambda d, t: d.Dataset()[0],
    "a Sampler": lambda d, t: iter(d.Sampler()),
    "first dimensions": lambda d, t: d.TensorDataset(t.zeros(3), t.zeros(4)),
    "no parts": lambda d, t: d.ConcatDataset([]),
    "a stream as part": lambda d, t: d.ConcatDataset([stream(t)]),
    "no stream as part": lambda d, t: list(d.ChainDataset([[1]])),
    "far below": lambda d, t: (numbered(t) + numbered(t))[-100],
    "nothing stacked": lambda d, t: d.StackDataset(),
    "both ways": lambda d, t: d.StackDataset([1], a=[1]),
    "lengths stacked": lambda d, t: d.StackDataset([1], [1, 2]),
    "sum": lambda d, t: d.random_split([1, 2], [1, 2]),
    "fractions": lambda d, t: d.random_split([1, 2], [1.5, -0.5]),
    "half a subset": lambda d, t: type("Half", (d.Subset,), {"__getitem__": len})([1], [0]),
}


@pytest.mark.torch
@pytest.mark.parametrize("what", INVALID)
def test_errors(what):
    both_raise(lambda t: INVALID[what](t.utils.data, t))
