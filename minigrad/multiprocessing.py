"""Python's multiprocessing, where torch has it. Other processes get copies of tensors."""

import multiprocessing
from collections.abc import Callable
from multiprocessing import *  # noqa: F403
from typing import Any

__all__ = [
    *multiprocessing.__all__,
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
]


def get_all_sharing_strategies() -> set[str]:
    """The names that torch has for ways of sharing memory; nothing is shared here."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy() -> str:
    """ "file_descriptor" """
    return "file_descriptor"


def set_sharing_strategy(new_strategy: str) -> None:
    """Do nothing; AssertionError for what torch does not know."""
    assert new_strategy in get_all_sharing_strategies(), new_strategy


def spawn(
    fn: Callable[..., Any],
    args: tuple[Any, ...] = (),
    nprocs: int = 1,
    join: bool = True,
    daemon: bool = False,
    start_method: str = "spawn",
) -> Any:
    """Call ``fn(i, *args)`` in ``nprocs`` new processes, and wait for them, or return them.

    Raises RuntimeError where one of them fails.
    """
    context: Any = multiprocessing.get_context(start_method)
    started = [context.Process(target=fn, args=(i, *args), daemon=daemon) for i in range(nprocs)]
    for process in started:
        process.start()
    if not join:
        return started
    for process in started:
        process.join()
    for i, process in enumerate(started):
        if process.exitcode:
            raise RuntimeError(f"process {i} terminated with exit code {process.exitcode}")
    return None
