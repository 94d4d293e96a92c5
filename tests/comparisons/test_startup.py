"""Holding back what native code writes to stderr."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comparisons.startup import one_thread, quiet_stderr, quiet_tensorflow

HELD = """
import os, sys
from comparisons.startup import quiet_stderr
print("before", file=sys.stderr)
with quiet_stderr():
    os.write(2, b"from native code")
    os.system("echo from a child >&2")
    print("from Python", file=sys.stderr)
    print("output")
print("after", file=sys.stderr)
"""


def test_stderr_is_held_back() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", HELD], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == "before\nafter\n"
    assert done.stdout == "output\n"


def test_stderr_is_shown_if_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    @quiet_stderr()
    def fail() -> None:
        os.write(2, b"the reason\n")
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "the reason\nafter\n"


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "4")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    quiet_tensorflow()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"  # the reader's own wish stands
    one_thread()
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        assert os.environ[name] == "1"
