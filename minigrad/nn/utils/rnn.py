"""Batches of sequences of different lengths: padded to the longest, or packed without gaps.

A packed batch is sorted, the longest sequence first. Its data holds the first elements of all
sequences, then the second elements of those that have one, and so on; how many there are each time
are its batch sizes::

    a b c        data         a e g  b f  c
    e f      ->  batch_sizes  3      2    1
    g
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.creation import full
from minigrad.from_data import as_tensor
from minigrad.tensor import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(_Packed):
    """A packed batch, made by `pack_padded_sequence` or `pack_sequence`.

    sorted_indices:    for each place in the batch which of the user's sequences is there, and
    unsorted_indices:  the inverse; None where the sequences came sorted.
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Any = None,
        sorted_indices: Any = None,
        unsorted_indices: Any = None,
    ) -> Any:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The same with its data converted; itself if there is nothing to convert."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    def float(self) -> PackedSequence:
        """The same with data of float32."""
        return self._replace(data=self.data.float())

    def double(self) -> PackedSequence:
        """The same with data of float64."""
        return self._replace(data=self.data.double())

    def half(self) -> PackedSequence:
        """The same with data of float16."""
        return self._replace(data=self.data.half())

    def long(self) -> PackedSequence:
        """The same with data of int64."""
        return self._replace(data=self.data.long())

    def int(self) -> PackedSequence:
        """The same with data of int32."""
        return self._replace(data=self.data.int())

    def short(self) -> PackedSequence:
        """The same with data of int16."""
        return self._replace(data=self.data.short())

    def char(self) -> PackedSequence:
        """The same with data of int8."""
        return self._replace(data=self.data.char())

    def byte(self) -> PackedSequence:
        """The same with data of uint8."""
        return self._replace(data=self.data.byte())

    def is_pinned(self) -> bool:
        """Whether the data is in pinned memory: never, as there is no accelerator."""
        return False

    def cpu(self) -> PackedSequence:
        """The same."""
        return self

    @property
    def is_cuda(self) -> bool:
        return False


def invert_permutation(permutation: Any) -> Any:
    """Of a permutation of 0, 1, ... the inverse; None of None."""
    return None if permutation is None else as_tensor(np.argsort(permutation.array))


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack the first ``lengths[i]`` elements of every sequence i of (L, N, ...) or (N, L, ...).

    enforce_sorted: whether the lengths must fall; otherwise they are sorted here.
    Derivative: the cotangent where an element was taken, zero where there was padding.
    Raises RuntimeError for an empty input, and lengths that are not positive or not sorted.
    """
    sizes = np.asarray(lengths.array if isinstance(lengths, Tensor) else lengths, np.int64)
    order = None
    if not enforce_sorted:
        order = as_tensor(np.argsort(-sizes, kind="stable"))
        sizes = sizes[order.array]
        input = input.index_select(0 if batch_first else 1, order)
    padded = input.transpose(0, 1) if batch_first else input
    if padded.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if len(sizes) != padded.shape[1]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} "
            f"(batch_size={padded.shape[1]})"
        )
    if (sizes <= 0).any():
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' "
            "that is <= 0"
        )
    if (np.diff(sizes) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. "
            "You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to "
            "sidestep this requirement if you do not need ONNX exportability."
        )
    if sizes[0] > padded.shape[0]:
        raise RuntimeError(
            f"Expected sequence length to be larger than or equal to {sizes[0]}, but got "
            f"{padded.shape[0]}: a length is larger than the padded sequences"
        )
    batch_sizes = as_tensor((sizes > np.arange(sizes[0])[:, None]).sum(1))
    data = padded[tuple(map(as_tensor, places(batch_sizes.array)))]
    packed: PackedSequence = PackedSequence(data, batch_sizes, order)
    return packed


def places(batch_sizes: Any) -> tuple[Any, Any]:
    """For each element of packed data its step in time, and its place in the batch."""
    time = np.repeat(np.arange(len(batch_sizes)), batch_sizes)
    start = np.cumsum(batch_sizes) - batch_sizes
    return time, np.arange(len(time)) - start[time]


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, Any]:
    """The inverse of `pack_padded_sequence`: the padded batch and the lengths.

    total_length: to what length to pad, if not that of the longest.
    """
    data, batch_sizes, _, back = sequence
    longest = len(batch_sizes)
    if total_length is not None:
        if total_length < longest:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in "
                f"input, but got total_length={total_length} and max sequence length being "
                f"{longest}"
            )
        longest = total_length
    count = int(batch_sizes.array[0])
    padded = full((longest, count, *data.shape[1:]), padding_value, dtype=data.dtype)
    padded[tuple(map(as_tensor, places(batch_sizes.array)))] = data
    lengths = as_tensor((batch_sizes.array[:, None] > np.arange(count)).sum(0))
    if back is not None:
        padded, lengths = padded.index_select(1, back), lengths[back]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def pad_sequence(
    sequences: Any,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Any:
    """Sequences (L_i, ...) padded to the longest, in one tensor (L, N, ...), or (N, L, ...).

    padding_side: "right" puts the padding behind the sequences, "left" before.
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{type(sequences)}"
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    several: Sequence[Any] = tuple(sequences)
    if not several:
        raise RuntimeError("received an empty list of sequences")
    longest = max(len(each) for each in several)
    rest = several[0].shape[1:]
    shape = (len(several), longest, *rest) if batch_first else (longest, len(several), *rest)
    padded = full(shape, padding_value, dtype=several[0].dtype)
    for i, each in enumerate(several):
        n = len(each)
        where = slice(longest - n, None) if padding_side == "left" else slice(n)
        padded[(i, where) if batch_first else (where, i)].copy_(each)
    return padded


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """The sequences of a padded batch again, each of its own length."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(n)] for row, n in zip(rows, lengths, strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (L_i, ...) packed."""
    several = list(sequences)
    lengths = [len(each) for each in several]
    return pack_padded_sequence(pad_sequence(several), lengths, False, enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """The sequences of a packed batch again."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
