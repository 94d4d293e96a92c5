"""The DataLoader: batch after batch of a data set."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from minigrad.autograd.value import wrap
from minigrad.generator import Generator
from minigrad.utils.data.collate import default_collate, default_convert
from minigrad.utils.data.dataset import IterableDataset, Subset, TensorDataset, samples_of
from minigrad.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler, new_seed

__all__ = ["DataLoader", "get_worker_info"]

Sample = TypeVar("Sample", covariant=True)

FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


def get_worker_info() -> None:
    """None: there are no worker processes."""
    return None


class DataLoader(Generic[Sample]):
    """Iterates over a data set in batches.

    dataset: has ``__len__`` and ``__getitem__``, or is an `IterableDataset`.
    batch_size: how many samples make a batch; None gives the samples themselves.
    shuffle: a new random order in each pass. With the same seed it is torch's.
    sampler, batch_sampler: give the indices, or lists of them, instead.
    collate_fn: makes a batch of a list of samples; `default_collate` unless given.
    drop_last: leaves out a last batch that is not full.
    generator: of the order; without one the default generator is used.

    All samples are read in this process. num_workers, worker_init_fn (which is not called),
    timeout, prefetch_factor, persistent_workers, multiprocessing_context, in_order, pin_memory and
    pin_memory_device are checked as torch does, and have no effect. So an `IterableDataset` comes
    once and not once for each worker, and random numbers that a data set draws come from this
    process's generators.

    Raises ValueError for settings that exclude each other.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        if multiprocessing_context is not None and num_workers == 0:
            raise ValueError(
                "multiprocessing_context can only be used with multi-process loading (num_workers "
                f"> 0), but got num_workers={num_workers}"
            )
        streams = isinstance(dataset, IterableDataset)
        given: dict[str, Any] = dict(sampler=sampler, batch_sampler=batch_sampler)
        if streams:
            given = {"shuffle": shuffle or None, **given}
            for name, setting in given.items():
                if setting is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but "
                        f"got {name}={setting}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, "
                    "and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with "
                "drop_last"
            )
        if sampler is None:
            if streams:
                sampler = Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn
        self.num_workers = num_workers
        if num_workers > 0 and prefetch_factor is None:
            prefetch_factor = 2
        self.prefetch_factor = prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self.persistent_workers = persistent_workers
        self._seeded = False
        self._announced: int | None = None
        self._initialized = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and self.__dict__.get("_initialized"):
            raise ValueError(
                f"{name} attribute should not be set after {type(self).__name__} is initialized. "
                "Make another DataLoader."
            )
        super().__setattr__(name, value)

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            total: int = len(self.dataset)  # type: ignore[arg-type]
            self._announced = total
            if self.batch_size is None:
                return total
            return total // self.batch_size if self.drop_last else -(-total // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        if self.timeout != 0 and self.num_workers == 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        if self.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, then device "
                "pinned memory won't be used.",
                stacklevel=2,
            )
        return _SingleProcessDataLoaderIter(self)


class _SingleProcessDataLoaderIter:
    """One pass over a loader's data set."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.dataset, self.collate = loader.dataset, loader.collate_fn
        self.batched = loader.batch_sampler is not None
        self.length = loader.__len__
        self.indices = iter(
            loader.sampler if loader.batch_sampler is None else loader.batch_sampler
        )
        # torch draws a seed for its workers here, though there be none: so the stream is the same.
        if not (loader.persistent_workers and loader._seeded):
            new_seed(loader.generator)
            loader._seeded = True
        # torch's workers are sent the indices of the next batches, and a sampler may draw for them.
        self.early: deque[Any] | None = None
        if loader.num_workers > 0:
            assert loader.prefetch_factor is not None
            self.early = deque(islice(self.indices, loader.prefetch_factor * loader.num_workers))
        self.stream: Iterator[Any] | None = None
        if isinstance(self.dataset, IterableDataset):
            self.stream = iter(self.dataset)
            self.drop_last = loader.drop_last
            self.announced, self.given, self.ended = loader._announced, 0, False

    def __iter__(self) -> _SingleProcessDataLoaderIter:
        return self

    def __len__(self) -> int:
        return self.length()

    def __next__(self) -> Any:
        index = next(self.indices) if self.early is None else self.sent(self.early)
        if self.stream is not None:
            return self.collate(self.from_stream(index))
        if not self.batched:
            return self.collate(self.dataset[index])
        if self.collate is default_collate:
            batch = gathered(self.dataset, index)
            if batch is not None:
                return batch
        return self.collate(samples_of(self.dataset, index))

    def sent(self, early: deque[Any]) -> Any:
        """The first of the indices that were asked for early, for which another is."""
        if not early:
            raise StopIteration
        early.extend(islice(self.indices, 1))
        return early.popleft()

    def from_stream(self, index: Any) -> Any:
        """The next sample, or as many as there are in ``index``."""
        assert self.stream is not None
        if not self.batched:
            sample = next(self.stream)
        else:
            sample = []
            while not self.ended and len(sample) < len(index):
                try:
                    sample.append(next(self.stream))
                except StopIteration:
                    self.ended = True
            if not sample or (self.drop_last and len(sample) < len(index)):
                raise StopIteration
        self.given += 1
        if self.announced is not None and self.given > self.announced:
            warnings.warn(
                f"Length of IterableDataset {self.dataset} was reported to be {self.announced}"
                f"(when accessing len(dataloader)), but {self.given} samples have been fetched. ",
                stacklevel=3,
            )
        return sample


class Endless:
    """The sampler of a stream, which knows itself when it ends."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


def gathered(dataset: Any, indices: Any) -> list[Any] | None:
    """What `default_collate` would make of the samples of a TensorDataset, taken at once.

    None where they are better taken one by one: for gradients, errors and unusual indices.
    """
    while type(dataset) is Subset:
        try:
            indices = [dataset.indices[i] for i in indices]
        except (IndexError, TypeError):
            return None
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset or any(t.requires_grad for t in dataset.tensors):
        return None
    if not indices or any(type(i) is not int for i in indices):
        return None
    try:
        return [wrap(t.array.take(indices, 0)) for t in dataset.tensors]
    except IndexError:
        return None


def check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool
) -> None:
    """Refuse what torch refuses of the settings of worker processes."""
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable "
            "multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 "
            "to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
