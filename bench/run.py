"""Measures minigrad against torch and hand-written numpy, and prints ratios.

    make bench                 or: python bench/run.py [NAME...] [--quick] [--profile]

All in one process on one thread, in turns; measuring.py tells how. Where torch has no wheel, the
ratios to numpy are still worth having.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Read by the libraries when they load, so before the first import of numpy. Settings of OpenBLAS
# that choose other kernels than the machine's own would measure those.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)
sys.path.append(str(Path(__file__).parents[1]))  # for comparisons, which is not installed

import chain  # noqa: E402
import gpt  # noqa: E402
import lenet  # noqa: E402
import mlp  # noqa: E402
import numpy as np  # noqa: E402
import regression  # noqa: E402
from measuring import Row, print_report  # noqa: E402

import minigrad  # noqa: E402

BENCHES = {
    "article": regression.benches,
    "mlp": mlp.benches,
    "lenet": lenet.benches,
    "gpt": gpt.benches,
    "chain": chain.benches,
}
QUICK_ROUNDS, QUICK_SHARE = 5, 0.2

IMPORT = """
import time
begin = time.perf_counter()
import numpy
between = time.perf_counter()
import minigrad
print(between - begin, time.perf_counter() - between)
"""


def engines() -> dict[str, Any]:
    """minigrad, and torch on one thread where there is one."""
    libraries: dict[str, Any] = {"minigrad": minigrad}
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)
        libraries["torch"] = torch
    return libraries


def measure_import(rounds: int) -> tuple[float, float]:
    """Median seconds of `import numpy`, and of `import minigrad` after it, in fresh processes."""
    pairs = []
    with tempfile.TemporaryDirectory() as cache:
        # As any second start: what the first one compiled is kept, whatever this shell says.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(rounds + 1):
            printed = subprocess.run(
                [sys.executable, "-c", IMPORT],
                check=True,
                capture_output=True,
                text=True,
                env=environment,
            ).stdout
            pairs.append([float(number) for number in printed.split()])
    numpy_times, minigrad_times = zip(*pairs[1:], strict=True)  # the first one may compile
    return statistics.median(numpy_times), statistics.median(minigrad_times)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="minigrad against torch and hand-written numpy")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--rounds", type=int, default=25, help="turns of each candidate")
    parser.add_argument("--quick", action="store_true", help="a rough look, in half a minute")
    parser.add_argument("--profile", action="store_true", help="where minigrad's time goes, too")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error(f"--rounds must be at least 1; got {args.rounds}")
    for name in args.names:
        if name not in BENCHES:
            parser.error(f"there is no bench {name!r}; there are {', '.join(BENCHES)}")
    rounds, share = (QUICK_ROUNDS, QUICK_SHARE) if args.quick else (args.rounds, 1.0)

    libraries = engines()
    versions = [f"Python {platform.python_version()}", f"numpy {np.__version__}"]
    if "torch" in libraries:
        versions.append(f"torch {libraries['torch'].__version__}")
    print(f"{', '.join(versions)}, one thread, {rounds} rounds\n")

    benches = [bench for name in args.names or BENCHES for bench in BENCHES[name](libraries)]
    rows: list[Row] = []
    for bench in benches:
        bench.check_agreement()
        rows += bench.rows(bench.measure(rounds, share))
    print_report(rows)
    if not args.names:
        numpy_ms, minigrad_ms = (1e3 * s for s in measure_import(5 if args.quick else 21))
        print(
            f"\nimport minigrad adds {minigrad_ms:.1f} ms to the {numpy_ms:.1f} ms of import numpy"
            " (limit 30 ms)"
        )
    if args.profile:
        for bench in benches:
            bench.profile()


if __name__ == "__main__":
    main()
