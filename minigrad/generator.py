"""The stream of random numbers, torch's own: from one seed the same numbers as torch's CPU draws.

The source is the Mersenne twister MT19937, whose 32-bit words numpy provides. What is made of the
words, how many each number takes and in which order, is torch's; so all of it is written here, and
numpy's distributions are not used.
"""

from __future__ import annotations

import math
import operator
import os
import struct
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, Value, wrap
from minigrad.boxmuller import BLOCK, each, multiply_add, normal_blocks
from minigrad.devices import device as device_of

__all__ = ["Generator", "default_generator"]

FIRST_SEED = 67280421310721  # torch's seed of a new generator
WORDS = 624  # of the twister's state
# torch's layout of a state: seed, words left, 1, next word; the words, 8 bytes each; the spare
# normal number between two unused ones, and whether there is one; room for a float32 one.
STATE = struct.Struct(f"<QiiQ{8 * WORDS}s3di4xf?3x")


class Generator:
    """A stream of random numbers, which `manual_seed` starts anew."""

    def __init__(self, device: Any = "cpu") -> None:
        if str(device) != "cpu":
            raise RuntimeError(
                f"Cannot get {str(device).upper()} generator: minigrad has one device, 'cpu'."
            )
        self.device = device_of("cpu")
        self.manual_seed(FIRST_SEED)

    def manual_seed(self, seed: Any) -> Generator:
        """Start the stream of ``seed``, an integer from -2**63 to 2**64 - 1; returns itself."""
        if isinstance(seed, float | str) or not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        number = operator.index(seed)
        if not -(2**63) <= number < 2**64:
            raise ValueError(
                f"Overflow when unpacking long long. A seed has 64 bits, and {number} has more."
            )
        self._seed = number % 2**64
        self._bits: Any = None  # the twister, made with the first number
        self._drawn = False  # whether a word has been taken since the seed was given
        self._spare: float | None = None  # the second of a pair of normal numbers
        return self

    def seed(self) -> int:
        """Start a stream from the system's randomness; returns its seed."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that the stream started from."""
        return self._seed

    def get_state(self) -> Any:
        """Where the stream stands, as a uint8 tensor of 5056 bytes, in torch's own layout."""
        state = self._twister().state["state"]
        position = state["pos"]
        started = self._drawn or position != WORDS
        packed = STATE.pack(
            self._seed,
            WORDS + 1 - position if started else 1,
            1,
            position if started else 0,
            state["key"].astype("<u8").tobytes(),
            *(0.0, self._spare or 0.0, 0.0),
            self._spare is not None,
            *(0.0, False),
        )
        return wrap(np.frombuffer(packed, np.uint8).copy())

    def set_state(self, new_state: Any) -> Generator:
        """Continue where another stream stood when `get_state` was called; returns itself."""
        if not isinstance(new_state, Value):
            raise TypeError(f"expected a minigrad.ByteTensor, but got {type(new_state).__name__}")
        if new_state.array.dtype != np.uint8:
            raise TypeError("RNG state must be a minigrad.ByteTensor")
        packed = new_state.array.tobytes()
        if len(packed) != STATE.size:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {STATE.size} but found the input RNG "
                f"state size to be {len(packed)}"
            )
        seed, left, seeded, position, words, _, spare, _, has_spare, *_ = STATE.unpack(packed)
        if not (seeded and 0 < left <= WORDS and 0 <= position <= WORDS):
            raise RuntimeError("Invalid mt19937 state")
        self.manual_seed(seed)
        self._drawn = (left, position) != (1, 0)
        key = np.frombuffer(words, "<u8").astype(np.uint32)
        state = {"key": key, "pos": position if self._drawn else WORDS}
        self._twister().state = {"bit_generator": "MT19937", "state": state}
        self._spare = spare if has_spare else None
        return self

    def clone_state(self) -> Generator:
        """A new generator that stands where this one does."""
        return Generator().set_state(self.get_state())

    def __reduce__(self) -> Any:
        return _restored, (self.get_state(),)

    # The words, and what is made of them; always flat arrays.

    def _twister(self) -> Any:
        if self._bits is None:
            self._bits = np.random.MT19937(0)
            np.random.RandomState(self._bits).seed(self._seed % 2**32)
        return self._bits

    def words(self, n: int) -> Array:
        """The next ``n`` words of 32 bits, in uint64."""
        self._drawn = self._drawn or n > 0
        return self._twister().random_raw(n)  # type: ignore[no-any-return]

    def long_words(self, n: int) -> Array:
        """``n`` words of 64 bits, each of two words, the higher one first."""
        words = self.words(2 * n)
        return words[::2] << np.uint64(32) | words[1::2]

    def doubles(self, n: int) -> Array:
        """``n`` float64 from [0, 1), each of two words."""
        return (self.long_words(n) & np.uint64(2**53 - 1)) * 2.0**-53

    def uniforms(self, n: int, dtype: Any) -> Array:
        """``n`` numbers from [0, 1): of two words each for float64, of one for smaller floats."""
        if dtype == np.float64:
            return self.doubles(n)
        return ((self.words(n) & np.uint64(2**24 - 1)) * 2.0**-24).astype(np.float32)

    def integers(self, n: int, low: int, count: int) -> Array:
        """``n`` int64 from ``low`` to ``low + count - 1``."""
        words = self.words(n) if count < 2**28 else self.long_words(n)
        if count == 2**64:
            return words.view(np.int64)
        words %= np.uint64(count)
        return words.view(np.int64) + np.array(low % 2**64, np.uint64).view(np.int64)

    def normals(self, n: int, dtype: Any, std: float, mean: float, in_blocks: bool) -> Array:
        """``n`` normal numbers.

        From 16 numbers on, ``in_blocks``, in the dtype's precision; else one by one in float64.
        """
        if n < BLOCK or not in_blocks:
            return multiply_add(self.normal_doubles(n), std, mean)
        whole = n - n % BLOCK
        numbers = normal_blocks(self.uniforms(whole, dtype), std, mean)
        if whole == n:
            return numbers
        if dtype != np.float16:
            self.uniforms(n - whole, dtype)  # drawn, and not used
        last = normal_blocks(self.uniforms(BLOCK, dtype), std, mean)
        return np.concatenate([numbers[: n - BLOCK], last])

    def normal_doubles(self, n: int) -> Array:
        """``n`` standard normal float64, made in pairs; half a pair is kept for the next call."""
        kept = [] if self._spare is None or n == 0 else [self._spare]
        pairs = (n - len(kept) + 1) // 2
        uniforms = self.doubles(2 * pairs).reshape(pairs, 2)
        radius = np.sqrt(-2 * each(math.log1p, -uniforms[:, 1]))
        angle = 2 * math.pi * uniforms[:, 0]
        made = np.stack([radius * each(math.cos, angle), radius * each(math.sin, angle)], 1)
        numbers = np.concatenate([kept, made.reshape(-1)])
        if n:
            self._spare = float(numbers[n]) if len(numbers) > n else None
        return numbers[:n]

    def permutation(self, n: int) -> list[int]:
        """The numbers from 0 to ``n - 1`` in random order: each is swapped with one from there."""
        numbers = list(range(n))
        if n > 1:
            steps = self.words(n - 1) % np.arange(n, 1, -1).astype(np.uint64)
            for i, j in enumerate((steps + np.arange(n - 1).astype(np.uint64)).tolist()):
                numbers[i], numbers[j] = numbers[j], numbers[i]
        return numbers


def _restored(state: Any) -> Generator:
    return Generator().set_state(state)


default_generator = Generator()
default_generator.seed()
