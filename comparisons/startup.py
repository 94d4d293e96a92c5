"""Keeping the heavy packages quiet while they start, and to one thread while they are timed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def quiet_tensorflow() -> None:
    """Asks TensorFlow for less start-up noise and for one way of summing; before its import.

    oneDNN is off because it picks its kernels by the machine, and with them the last digits.
    Variables that are set already stay as they are.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def one_thread() -> None:
    """Holds every engine to one thread; before torch and TensorFlow are imported.

    The work of a step is far too small to share out, and a ratio of times means something only
    when both sides had the same machine.
    """
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[name] = "1"


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Holds back what is written to stderr inside, and shows it only if an exception leaves.

    It works on the file descriptor: TensorFlow's native code writes there without asking Python.
    """
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            if failed:
                held.seek(0)
                with open(2, "wb", closefd=False) as stderr:
                    shutil.copyfileobj(held, stderr)
