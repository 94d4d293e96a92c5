"""Python's multiprocessing, where torch has it. Other processes get copies of tensors."""

import multiprocessing
from collections.abc import Callable
from multiprocessing import *  # noqa: F403
from typing import Any

__all__ = [  # what Python has not
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
]


def get_all_sharing_strategies() -> set[str]:
    """The names that torch has for ways of sharing memory; nothing is shared here."""
    return {"file_descriptor", "file_system"}


_strategy = "file_descriptor"


def get_sharing_strategy() -> str:
    """The name that was set last, at first "file_descriptor"."""
    return _strategy


def set_sharing_strategy(new_strategy: str) -> None:
    """Keep the name, which changes nothing else; AssertionError for what torch does not know."""
    global _strategy
    assert new_strategy in get_all_sharing_strategies(), new_strategy
    _strategy = new_strategy


class Context:
    """The processes that `spawn` has started."""

    def __init__(self, processes: list[Any]) -> None:
        self.processes = processes

    def join(self, timeout: float | None = None) -> bool:
        """Wait, for ``timeout`` seconds at most, and say whether all have ended.

        Raises RuntimeError where one of them has failed.
        """
        for process in self.processes:
            process.join(timeout)
        for i, process in enumerate(self.processes):
            if process.exitcode:
                raise RuntimeError(f"process {i} terminated with exit code {process.exitcode}")
        return all(process.exitcode is not None for process in self.processes)


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Call ``fn(i, *args)`` in ``nprocs`` new processes, and wait for them.

    Without ``join``, returns what has them as ``processes`` and a ``join()``. Raises RuntimeError
    where one of them fails.
    """
    context: Any = multiprocessing.get_context(start_method)
    started = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in started:
        process.start()
    running = Context(started)
    if not join:
        return running
    running.join()
    return None
