"""What every test shares: one thread, quiet engines, hypothesis's profiles, the engine markers."""

import contextlib
import gc
import importlib.util
import os
from collections.abc import Generator
from typing import Any

# Read when numpy, torch and TensorFlow load their libraries, so before any of them is imported.
# One thread keeps sums in one order and the two cores of a small machine out of each other's way.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

_EXAMPLES = 40
ENGINES = ("torch", "tensorflow")

# An engine's import can fall inside an example, so no deadline and no complaint about slow data.
settings.register_profile(
    "ci",
    max_examples=_EXAMPLES,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak",
    settings.get_profile("ci"),
    max_examples=100 * _EXAMPLES,
    derandomize=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Put in a wrong engine of the gallery, where the environment names one that is to fail."""
    name = os.environ.get("MINIGRAD_WRONG_ENGINE")
    if name:
        from minigrad.testing.gallery import GALLERY

        stack = contextlib.ExitStack()
        stack.enter_context(GALLERY[name].made())
        config.add_cleanup(stack.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `torch` or `tensorflow` where that package is missing, and say so."""
    for package in ENGINES:
        if importlib.util.find_spec(package) is None:
            skip = pytest.mark.skip(reason=f"{package} is not installed (make install)")
            for item in items:
                if item.get_closest_marker(package):
                    item.add_marker(skip)


def pytest_collection_finish() -> None:
    """Spare the garbage collector the engines and the tests themselves, which stay anyway."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Skip a test that finds only when it runs that it wants an engine that is not installed."""
    try:
        return (yield)
    except ModuleNotFoundError as error:
        if error.name in ENGINES:
            pytest.skip(f"{error.name} is not installed (make install)")
        raise
