"""``minigrad.cuda``: there is no GPU, and code that asks before it uses one runs on the CPU."""

from __future__ import annotations

from typing import Any, NoReturn

from minigrad.cuda import amp
from minigrad.devices import need_cpu

__all__ = [
    "Event",
    "Stream",
    "amp",
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state_all",
    "init",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "memory_allocated",
    "memory_reserved",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state_all",
    "synchronize",
]


# What layers ask that are to draw the same random numbers again.
_initialized = False


def is_available() -> bool:
    """False."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: the seed of the CPU's numbers is `minigrad.manual_seed`'s."""


def manual_seed_all(seed: int) -> None:
    """Does nothing, as `manual_seed`."""


def seed() -> None:
    """Does nothing, as `manual_seed`."""


def seed_all() -> None:
    """Does nothing, as `manual_seed`."""


def get_rng_state_all() -> list[Any]:
    """An empty list: a state for each GPU."""
    return []


def set_rng_state_all(new_states: Any) -> None:
    """Does nothing, as `manual_seed`."""


def empty_cache() -> None:
    """Does nothing."""


def reset_peak_memory_stats(device: Any = None) -> None:
    """Does nothing."""


def memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


def max_memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


def memory_reserved(device: Any = None) -> int:
    """0."""
    return 0


def max_memory_reserved(device: Any = None) -> int:
    """0."""
    return 0


class Event:
    """Raises RuntimeError: there is no GPU to time. Use time.perf_counter()."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        raise RuntimeError("Tried to instantiate dummy base class Event. There is no GPU.")


class Stream:
    """Raises RuntimeError: there is no GPU."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        raise RuntimeError("torch.cuda.Stream requires CUDA support")


class TensorType:
    """``cuda.FloatTensor`` and the others: called, they raise TypeError."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any, **settings: Any) -> NoReturn:
        raise TypeError(f"type torch.cuda.{self.name} not available. There is no GPU.")

    def __instancecheck__(self, x: Any) -> bool:
        return False


FloatTensor, DoubleTensor, HalfTensor = map(
    TensorType, ("FloatTensor", "DoubleTensor", "HalfTensor")
)
ByteTensor, CharTensor, ShortTensor, IntTensor, LongTensor, BoolTensor = map(
    TensorType,
    ("ByteTensor", "CharTensor", "ShortTensor", "IntTensor", "LongTensor", "BoolTensor"),
)

# What needs a GPU raises AssertionError, as torch without CUDA does.


def init() -> None:
    """Raises AssertionError: there is no GPU."""
    need_cpu("init", "cuda")


def synchronize(device: Any = None) -> None:
    """Raises AssertionError: there is no GPU."""
    need_cpu("synchronize", "cuda")


def set_device(device: Any) -> None:
    """Raises AssertionError: there is no GPU."""
    need_cpu("set_device", "cuda")


def current_device() -> int:
    """Raises AssertionError: there is no GPU."""
    need_cpu("current_device", "cuda")
    return -1


def get_device_name(device: Any = None) -> str:
    """Raises AssertionError: there is no GPU."""
    need_cpu("get_device_name", "cuda")
    return ""


def get_device_properties(device: Any = None) -> Any:
    """Raises AssertionError: there is no GPU."""
    need_cpu("get_device_properties", "cuda")


def get_device_capability(device: Any = None) -> Any:
    """Raises AssertionError: there is no GPU."""
    need_cpu("get_device_capability", "cuda")
