"""Samplers: in which order samples are taken. From the same seed, torch's orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import cycle, islice
from typing import Any, Generic, TypeVar

from minigrad import distributed, dtypes
from minigrad.from_data import as_tensor
from minigrad.generator import Generator, default_generator
from minigrad.ops.sampling import multinomial
from minigrad.random import randint, randperm

__all__ = [
    "BatchSampler",
    "DistributedSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

Index = TypeVar("Index", covariant=True)

DRAWN_AT_ONCE = 32  # with replacement


class Sampler(Generic[Index]):
    """Base class of samplers: a subclass defines ``__iter__``, and mostly ``__len__``."""

    def __iter__(self) -> Iterator[Index]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """All samples in order."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All samples in random order, or num_samples of them, with replacement if asked for.

    Without a generator, each pass seeds a new one from the default generator. Raises TypeError or
    ValueError for settings of the wrong type, and where there would be no sample.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: Any = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        need_count("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many samples a pass takes."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, total = len(self.data_source), self.num_samples
        generator = self.generator or Generator().manual_seed(new_seed(default_generator))
        if self.replacement:
            for taken in range(0, total, DRAWN_AT_ONCE):
                size = min(DRAWN_AT_ONCE, total - taken)
                yield from randint(n, (size,), generator=generator).tolist()
        else:
            for _ in range(total // n):
                yield from randperm(n, generator=generator).tolist()
            # torch draws once more also where nothing is left over.
            yield from randperm(n, generator=generator).tolist()[: total % n]

    def __len__(self) -> int:
        return self.num_samples


def new_seed(generator: Generator | None) -> int:
    """A seed for another generator, drawn from this one: 63 bits."""
    words = (generator or default_generator).long_words(1)
    return int(words[0]) & (2**63 - 1)


class SubsetRandomSampler(Sampler[Any]):
    """The given indices in random order."""

    def __init__(self, indices: Sequence[Any], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[Any]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """num_samples indices, each drawn with the probability that its weight gives it.

    Raises ValueError for weights that are no vector, and for settings of the wrong type.
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        need_count("num_samples", num_samples)
        if not isinstance(replacement, bool):
            raise ValueError(
                f"replacement should be a boolean value, but got replacement={replacement}"
            )
        self.weights = as_tensor(weights, dtype=dtypes.float64)
        if self.weights.ndim != 1:
            raise ValueError(
                "weights should be a 1d sequence but given weights have shape "
                f"{tuple(self.weights.shape)}"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        count, generator = self.num_samples, self.generator
        yield from multinomial(self.weights, count, self.replacement, generator=generator).tolist()

    def __len__(self) -> int:
        return self.num_samples


class DistributedSampler(Sampler[int]):
    """The share of one process, ``rank``, of all samples: every ``num_replicas``-th.

    They are taken in a random order that ``seed`` and `set_epoch` decide. Where the shares would
    differ in size, the first are taken again, or, with ``drop_last``, the last are left out. What
    is not given is asked of `minigrad.distributed`. ValueError for a rank that does not exist.
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        n = distributed.get_world_size() if num_replicas is None else num_replicas
        rank = distributed.get_rank() if rank is None else rank
        if not 0 <= rank < n:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {n - 1}]")
        self.dataset = dataset
        self.num_replicas = n
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.num_samples = len(dataset) // n if drop_last else -(-len(dataset) // n)
        self.total_size = self.num_samples * n
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self) -> Iterator[int]:
        indices = list(range(len(self.dataset)))
        if self.shuffle:
            generator = Generator().manual_seed(self.seed + self.epoch)
            indices = randperm(len(indices), generator=generator).tolist()
        return islice(cycle(indices), self.rank, self.total_size, self.num_replicas)

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """The order of the next pass, which is that of the last one if this is not called."""
        self.epoch = epoch


class BatchSampler(Sampler[list[Any]]):
    """The indices of another sampler, in lists of batch_size; the last is shorter or left out.

    Raises ValueError for settings of the wrong type.
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        need_count("batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                break
            yield batch

    def __len__(self) -> int:
        total: int = len(self.sampler)  # type: ignore[arg-type]
        return total // self.batch_size if self.drop_last else -(-total // self.batch_size)


def need_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} should be a positive integer value, but got {name}={value}")
