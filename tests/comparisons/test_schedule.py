"""The index stream that all engines share."""

import numpy as np
import pytest

from comparisons.schedule import Schedule


def test_the_default_is_the_articles_first_listing() -> None:
    schedule = Schedule()
    assert (schedule.lr, schedule.steps, schedule.kind(100)) == (0.001, 800, "batch")


def test_a_full_batch_takes_the_points_as_they_are() -> None:
    for batch in (None, 7):
        rows = list(Schedule(steps=3, batch=batch).rows(7))
        assert rows == [slice(None)] * 3


@pytest.mark.parametrize("batch, kind", [(1, "stochastic"), (4, "mini-batch"), (9, "batch")])
def test_every_step_draws_without_repetition(batch: int, kind: str) -> None:
    schedule = Schedule(steps=500, batch=batch, seed=5)
    assert schedule.kind(9) == kind
    assert schedule.size(9) == batch
    seen = []
    for rows in schedule.rows(9):
        chosen = np.arange(9)[rows]
        assert len(set(chosen.tolist())) == len(chosen) == batch
        seen.extend(chosen.tolist())
    # Each of the 9 points comes in batch/9 of the steps, give or take 5 standard deviations.
    share = np.bincount(seen, minlength=9) / 500
    np.testing.assert_allclose(share, batch / 9, atol=5 * np.sqrt(0.25 / 500))


def test_everyone_who_asks_gets_the_same_stream() -> None:
    schedule = Schedule(steps=20, batch=3, seed=1)
    first, second = list(schedule.rows(10)), list(schedule.rows(10))
    np.testing.assert_array_equal(first, second)
    other = list(Schedule(steps=20, batch=3, seed=2).rows(10))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "bad",
    [
        {"lr": 0.0},
        {"lr": -1.0},
        {"lr": float("nan")},
        {"lr": float("inf")},
        {"steps": 0},
        {"steps": -5},
        {"batch": 0},
    ],
)
def test_bad_settings_are_refused(bad: dict[str, float]) -> None:
    (name,) = bad
    with pytest.raises(ValueError, match=f"{name} must be"):
        Schedule(**bad)


def test_a_batch_beyond_the_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at most the number of points, 10; got 11"):
        Schedule(batch=11).rows(10)
