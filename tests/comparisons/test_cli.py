"""The command line: bad values before any work, exit statuses after it."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from comparisons import article, cli, compare
from comparisons.article import Listing, Published
from comparisons.contract import Engine, Train
from comparisons.engines import ENGINES

ROOT = Path(__file__).parents[2]
FAST = ["--steps", "20", "--no-plots", "--engines", "numpy-by-hand,minigrad-autograd"]


@pytest.fixture(autouse=True)
def _the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "one_thread", lambda: None)


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--steps", "-1"], "--steps: must be a whole number at least 1; got '-1'"),
        (["--steps", "0"], "--steps: must be a whole number at least 1; got '0'"),
        (["--steps", "1.5"], "--steps: must be a whole number at least 1; got '1.5'"),
        (["--lr", "nan"], "--lr: must be a finite number, positive; got 'nan'"),
        (["--lr", "inf"], "--lr: must be a finite number, positive; got 'inf'"),
        (["--lr", "0"], "--lr: must be a finite number, positive; got '0'"),
        (["--lr", "-0.1"], "--lr: must be a finite number, positive; got '-0.1'"),
        (["--lr", "fast"], "--lr: must be a finite number, positive; got 'fast'"),
        (["--batch", "0"], "--batch: must be a whole number from 1 to 100; got '0'"),
        (["--batch", "101"], "--batch: must be a whole number from 1 to 100; got '101'"),
        (["--dtype", "float16"], "--dtype: invalid choice: 'float16'"),
        (["--seed", "-1"], "--seed: must be a whole number from 0 to 4294967295; got '-1'"),
        (["--seed", "4294967296"], "--seed: must be a whole number from 0 to 4294967295"),
        (["--noise", "-1"], "--noise: must be a finite number, not negative; got '-1'"),
        (["--noise", "nan"], "--noise: must be a finite number, not negative; got 'nan'"),
        (["--noise", "1e200", "--dtype", "float32"], "x and y must be finite"),
        (["--engines", "jax"], "--engines: there is no engine 'jax'; there are numpy-by-hand,"),
        (["--engines", ""], "--engines: there is no engine ''"),
        (["--out", "file"], "--out: cannot make the directory file: File exists"),
        (["--out", "file/below"], "--out: cannot make the directory file/below: Not a directory"),
        (["--step", "3"], "unrecognized arguments: --step 3"),
        (["--lr"], "--lr: expected one argument"),
        (["train"], "unknown command 'train'; there are compare, article, descent"),
        (["compare", "article"], "unrecognized arguments: article"),
        (["article", "--steps", "3"], "unrecognized arguments: --steps 3"),
        (["descent", "--seeds", "0"], "--seeds: must be a whole number from 1 to 10000; got '0'"),
    ],
)
def test_a_bad_value_gets_one_line_and_status_2(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare, "run", lambda *_: pytest.fail("it began to work"))
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("comparisons")
    assert told in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_that_cannot_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.os, "access", lambda *_: False)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--out", str(tmp_path)])
    assert stopped.value.code == 2
    assert "--out: cannot write to" in capsys.readouterr().err


def test_a_comparison_that_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*FAST, "--out", str(tmp_path / "new" / "one")]) == 0
    out = capsys.readouterr().out
    assert "minigrad, autograd" in out
    assert "The engine agreed with the hand-derived gradients at every step." in out
    assert [path.name for path in (tmp_path / "new" / "one").iterdir()] == ["report.html"]


def test_every_option_reaches_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--batch=3", "--lr=0.02", "--dtype=float32", "--seed=7", "--noise=0.5"]
    assert cli.main(["compare", *FAST, *options, "--out", str(tmp_path)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "seed 7, noise 0.5) in float32; 20 steps of mini-batch descent, 3 samples each" in told
    assert "lr 0.02" in told


def test_disagreement_is_status_1(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made_up: Callable[..., Engine],
    slanted: Callable[..., Train],
) -> None:
    wrong = replace(made_up(slanted(1 + 1e-6)), name="wrong")
    monkeypatch.setattr(cli, "_engines", lambda _: [wrong])
    assert cli.main([*FAST, "--out", str(tmp_path)]) == 1


def test_divergence_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*FAST, "--steps", "300", "--lr", "1", "--out", str(tmp_path)]) == 1
    assert "The descent itself diverged" in capsys.readouterr().out


def test_a_missing_engine_is_status_1_only_if_all_are_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = replace(ENGINES[-1], package="no_such_package")
    monkeypatch.setattr(cli, "_engines", lambda _: [missing])
    arguments = [*FAST, "--out", str(tmp_path)]
    assert cli.main(arguments) == 0
    assert "skipped: no_such_package is not installed" in capsys.readouterr().out
    assert cli.main([*arguments, "--require-all"]) == 1


@pytest.mark.parametrize(
    "library, value, plain, strict",
    [("numpy", 1.0, 0, 0), ("numpy", 2.0, 1, 1), ("no_such_package", 1.0, 0, 1)],
)
def test_the_articles_status(
    library: str,
    value: float,
    plain: int,
    strict: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = {"w": value}
    listing = Listing(
        "listing 0", {"w": Published("1.0", decimals=1)}, library, lambda: figures, lambda: figures
    )
    monkeypatch.setattr(article, "LISTINGS", (listing,))
    assert cli.main(["article"]) == plain
    assert cli.main(["article", "--require-all"]) == strict
    out = capsys.readouterr().out
    assert ("not reproduced: listing 0, numpy: w" in out) == (value != 1)
    assert ("skipped, no_such_package is not installed" in out) == (library != "numpy")


def test_descent_prints_its_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.descent, "POINTS", (20,))
    assert cli.main(["descent", "--seeds", "2"]) == 0
    out = capsys.readouterr().out
    assert [kind in out for kind in ("batch", "stochastic", "mini-batch")] == [True] * 3
    assert "…" not in out


def test_the_module_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "comparisons", "--lr", "nan"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "comparisons: argument --lr: must be a finite number, positive; got 'nan'\n"
    )
