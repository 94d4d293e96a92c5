"""Shows the gallery, searches it for counter-examples, and runs the tests against it.

python -m minigrad.testing.gallery                 lists the wrong engines
python -m minigrad.testing.gallery NAME...         the smallest programs they get wrong
python -m minigrad.testing.gallery --suite         runs all tests against each, in a checkout
python -m minigrad.testing.gallery --suite NAME... against some
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from minigrad.testing.gallery import GALLERY, VARIABLE
from minigrad.testing.gallery.counterexamples import counterexample


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name != "--suite"]
    unknown = [name for name in names if name not in GALLERY]
    if unknown:
        print(f"There is no {' and no '.join(unknown)}; without a name, all are listed.")
        return 2
    if "--suite" in arguments:
        survivors = [name for name in names or GALLERY if not killed(name)]
        print(f"{len(survivors)} survived{': ' if survivors else ''}{', '.join(survivors)}")
        return len(survivors) and 1
    for name in names:
        print(f"An engine that {GALLERY[name].what}.\n")
        print(counterexample(GALLERY[name]), "\n")
    if not names:
        for name, mistake in GALLERY.items():
            print(f"{name:30}{mistake.what}")
    return 0


def killed(name: str) -> bool:
    """Whether a test of the checkout fails for a wrong engine, and passes without the mistake."""
    begun = time.monotonic()
    # The tests of the gallery find the engine wrong before they have begun.
    ignored = ["test_gallery.py", "test_diagnose.py"]
    done = pytest(name, *[f"--ignore=tests/testing/{file}" for file in ignored])
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode not in (0, 1):
        raise SystemExit(f"The tests could not be run:\n{done.stdout}{done.stderr}")
    said = failed[0].split(" - ")[0] if failed else "SURVIVED"
    print(f"{name:30}{said}  ({time.monotonic() - begun:.0f} s)", flush=True)
    if failed and pytest("", said.partition(" ")[2]).returncode:
        raise SystemExit("That test also fails without the mistake: it says nothing of it.")
    return bool(failed)


def pytest(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Tests run up to the first failure, against a wrong engine or, without a name, the right."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {VARIABLE: name}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
