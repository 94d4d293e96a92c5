"""Batches made of samples."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Value, wrap
from minigrad.from_data import as_tensor, tensor
from minigrad.ops.joining import stack

__all__ = ["default_collate", "default_convert"]


def default_collate(batch: Any) -> Any:
    """One batch of a list of samples, with a new first dimension.

    Tensors and arrays are stacked; numbers become a tensor, floats one of float64; strings and
    bytes stay a list. Dicts, named tuples, tuples and lists are collated key by key or place by
    place (a tuple becomes a list). Raises TypeError for anything else, and RuntimeError for
    sequences of different lengths.
    """
    first = batch[0]
    if isinstance(first, Value):
        return stacked(batch)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(cannot(first.dtype))
        if alike(batch):
            return as_tensor(np.array(batch))
        return stacked([as_tensor(array) for array in batch])
    if isinstance(first, float):
        return tensor(batch, dtype=dtypes.float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, np.bool_ | np.number):
        return as_tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return mapped(first, {key: default_collate([each[key] for each in batch]) for key in first})
    if not isinstance(first, Sequence):
        raise TypeError(cannot(type(first)))
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(default_collate, zip(*batch, strict=False)))
    if any(len(each) != len(first) for each in batch):
        raise RuntimeError("each element in list of batch should be of equal size")
    return sequenced(first, [default_collate(part) for part in zip(*batch, strict=True)])


def default_convert(data: Any) -> Any:
    """Arrays and numpy's numbers as tensors, wherever they are in dicts, tuples and lists."""
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "SUO" else as_tensor(data)
    if isinstance(data, np.bool_ | np.number):
        return as_tensor(data)
    if isinstance(data, Value | str | bytes):
        return data
    if isinstance(data, Mapping):
        return mapped(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, Sequence):
        return sequenced(data, [default_convert(each) for each in data])
    return data


def stacked(batch: Any) -> Any:
    """The tensors stacked, without a look at the graph where none is to be recorded."""
    arrays = [t.array for t in batch]
    plain = alike(arrays) and not any(t.edge is not None and t.requires_grad for t in batch)
    return wrap(np.array(arrays)) if plain else stack(batch)


def alike(arrays: Any) -> bool:
    """Whether all are of one shape and dtype."""
    shape, dtype = arrays[0].shape, arrays[0].dtype
    return all(array.shape == shape and array.dtype == dtype for array in arrays)


def mapped(like: Any, items: dict[Any, Any]) -> Any:
    """``items`` as a mapping of the kind of ``like``; a dict if it cannot be made so."""
    try:
        if isinstance(like, MutableMapping):
            made = copy(like)
            made.update(items)
            return made
        return type(like)(items)
    except TypeError:
        return items


def sequenced(like: Any, items: list[Any]) -> Any:
    """``items`` as a sequence of the kind of ``like``; a list of a tuple, or if it cannot be."""
    if isinstance(like, tuple):
        return items
    try:
        if isinstance(like, MutableSequence):
            made = copy(like)
            for i, item in enumerate(items):
                made[i] = item
            return made
        return type(like)(items)
    except TypeError:
        return items


def cannot(kind: Any) -> str:
    return (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found "
        f"{kind}. Give the DataLoader a collate_fn of your own."
    )
