"""``torch.futures``: results that are there later, of other threads or of callbacks."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Future", "collect_all", "wait_all"]

T = TypeVar("T")


class Future(Generic[T]):
    """A result that `set_result` or `set_exception` gives, once; others wait for it."""

    def __init__(self, *, devices: Any = None) -> None:
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self._future.done()

    def wait(self) -> T:
        """The result, or the error raised, once there is one."""
        return self._future.result()

    def value(self) -> T:
        """The result, or the error raised; RuntimeError where there is neither yet."""
        if not self.done():
            raise RuntimeError("completed() is False: the Future has no value yet. Call wait()")
        return self.wait()

    def set_result(self, result: T) -> None:
        """Give the result. Raises RuntimeError where there is one."""
        self._need_open()
        self._future.set_result(result)

    def set_exception(self, result: BaseException) -> None:
        """Give the error that `wait` and `value` raise. Raises RuntimeError where one is there."""
        self._need_open()
        self._future.set_exception(result)

    def _need_open(self) -> None:
        if self.done():
            raise RuntimeError(
                "Attempting to mark a completed Future as complete again. Note that a Future can "
                "only be marked completed once."
            )

    def then(self, callback: Callable[[Future[T]], Any]) -> Future[Any]:
        """The Future of ``callback(self)``, which is called when this one is done."""
        after: Future[Any] = Future()

        def call(_: Any) -> None:
            try:
                after.set_result(callback(self))
            except Exception as error:
                after.set_exception(error)

        self._future.add_done_callback(call)
        return after

    def add_done_callback(self, callback: Callable[[Future[T]], Any]) -> None:
        """Call ``callback(self)`` when this Future is done; now, if it is."""
        self._future.add_done_callback(lambda _: callback(self))


def collect_all(futures: list[Future[Any]]) -> Future[list[Future[Any]]]:
    """A Future that is done when all of a list are; its result is the list."""
    everything: Future[list[Future[Any]]] = Future()
    left = list(futures)

    def one_less(one: Future[Any]) -> None:
        left.remove(one)
        if not left:
            everything.set_result(futures)

    if not left:
        everything.set_result(futures)
    for one in futures:
        one.add_done_callback(one_less)
    return everything


def wait_all(futures: list[Future[Any]]) -> list[Any]:
    """The results of a list of Futures; the first error of one is raised."""
    return [one.wait() for one in futures]
