"""The data: the article's own numbers, and what is refused."""

import numpy as np
import pytest

from comparisons.problem import Problem, Start, draw_problem


def test_the_default_is_the_articles_first_listing() -> None:
    np.random.seed(100)
    x = np.linspace(-1, 1, 100).reshape(100, 1)
    y = 3 * np.power(x, 2) + 2 + 0.2 * np.random.rand(x.size).reshape(100, 1)
    w, b = np.random.rand(1, 1), np.random.rand(1, 1)

    problem, start = draw_problem()

    np.testing.assert_array_equal(problem.x, x)
    np.testing.assert_array_equal(problem.y, y)
    assert (start.w, start.b) == (w, b)
    assert start.w.item() == pytest.approx(0.77828922, abs=5e-9)
    assert start.b.item() == pytest.approx(0.7795984, abs=5e-9)
    assert start.w.shape == start.b.shape == (1, 1)


def test_float32_is_the_float64_data_rounded() -> None:
    (wide, start), (narrow, rounded) = draw_problem(), draw_problem(dtype="float32")
    assert (wide.dtype, narrow.dtype) == ("float64", "float32")
    np.testing.assert_array_equal(narrow.y, wide.y.astype(np.float32))
    assert rounded.w.dtype == np.float32
    assert rounded.w.item() == float(np.float32(start.w.item()))


def test_noise_is_uniform_above_the_parabola() -> None:
    problem, _ = draw_problem(n=2000, noise=0.5, seed=3)
    noise = problem.y - (3 * problem.x**2 + 2)
    assert noise.min() > -1e-15
    assert noise.max() < 0.5 + 1e-15
    assert noise.mean() == pytest.approx(0.25, abs=0.01)
    flat, _ = draw_problem(noise=0)
    np.testing.assert_array_equal(flat.y, 3 * flat.x**2 + 2)


def test_least_squares_is_what_polyfit_finds() -> None:
    problem, _ = draw_problem()
    x2 = problem.x.ravel() ** 2
    (slope, constant), (residuals,), *_ = np.polyfit(x2, problem.y.ravel(), 1, full=True)
    w, b, loss = problem.least_squares()
    assert w == pytest.approx(slope, rel=1e-12)
    assert b == pytest.approx(constant, rel=1e-12)
    assert loss == pytest.approx(residuals / 2, rel=1e-12)


def test_the_largest_rate_is_where_descent_begins_to_diverge() -> None:
    problem, start = draw_problem()
    limit = problem.largest_rate()
    assert limit == pytest.approx(2 / 112.599497964, rel=1e-8)

    def distance_after(lr: float) -> float:
        w, b = start.w.item(), start.b.item()
        for _ in range(2000):
            residual = w * problem.x**2 + b - problem.y
            w, b = w - lr * np.sum(residual * problem.x**2), b - lr * np.sum(residual)
        best_w, best_b, _ = problem.least_squares()
        return float(np.hypot(w - best_w, b - best_b))

    assert distance_after(0.99 * limit) < 1e-6
    assert distance_after(1.01 * limit) > 1e6


COLUMN = np.zeros((3, 1))


@pytest.mark.parametrize(
    "x, y, error, message",
    [
        (np.zeros(3), np.zeros(3), ValueError, r"column of shape \(n, 1\).*\(3,\)"),
        (np.zeros((0, 1)), np.zeros((0, 1)), ValueError, r"n >= 1"),
        (COLUMN, np.zeros((4, 1)), ValueError, r"x's shape \(3, 1\); got \(4, 1\)"),
        (COLUMN, COLUMN.astype(np.float32), TypeError, "float64 and float32"),
        (COLUMN.astype(int), COLUMN.astype(int), TypeError, "int64"),
        (COLUMN, COLUMN * np.nan, ValueError, "finite"),
        (COLUMN + np.inf, COLUMN, ValueError, "finite"),
    ],
)
def test_bad_data_is_refused(
    x: np.ndarray, y: np.ndarray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Problem(x, y)


def test_a_start_is_rounded_to_the_dtype() -> None:
    start = Start.at(0.1, -2, "float32")
    assert start.w.dtype == start.b.dtype == np.float32
    assert start.w.item() == float(np.float32(0.1))
    assert start.b.item() == -2
