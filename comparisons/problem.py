"""What is learned: `w` and `b` of y = w x² + b, from noisy points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]

DTYPES = ("float64", "float32")


@dataclass(frozen=True, eq=False)
class Problem:
    """Points (x, y) to be fitted by y = w x² + b.

    Every engine minimises the same loss over the m samples it sees in a step, half the sum of the
    squared residuals:

        loss = 1/2 Σ (w xᵢ² + b - yᵢ)²

    Args:
        x: the inputs, an (n, 1) column of float64 or float32, n >= 1, all finite.
        y: the targets, of x's shape and dtype.
        generator: where the points come from, for the report.
        seed: the generator's seed; None if the points were given.
        noise: the height of the uniform noise on y; None if unknown.

    Raises:
        ValueError: x or y is not such a column.
        TypeError: their dtypes differ or are not float64 or float32.
    """

    x: FloatArray
    y: FloatArray
    generator: str = "given points"
    seed: int | None = None
    noise: float | None = None

    def __post_init__(self) -> None:
        if self.x.dtype.name not in DTYPES or self.x.dtype != self.y.dtype:
            raise TypeError(
                f"x and y must share one dtype of {', '.join(DTYPES)}; "
                f"got {self.x.dtype} and {self.y.dtype}"
            )
        if self.x.ndim != 2 or self.x.shape[1] != 1 or len(self.x) == 0:
            raise ValueError(f"x must be a column of shape (n, 1), n >= 1; got {self.x.shape}")
        if self.y.shape != self.x.shape:
            raise ValueError(f"y must have x's shape {self.x.shape}; got {self.y.shape}")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            raise ValueError("x and y must be finite")

    @property
    def n(self) -> int:
        """The number of points."""
        return len(self.x)

    @property
    def dtype(self) -> str:
        """ "float64" or "float32": what every engine computes in."""
        return self.x.dtype.name

    def largest_rate(self) -> float:
        """The learning rate from which descent on all points diverges: 2 over λmax of the Hessian.

        The loss is quadratic, so each step takes the error by I - lr H, with the Hessian
        H = [[Σ xᵢ⁴, Σ xᵢ²], [Σ xᵢ², n]].
        """
        x2 = self.x.astype(np.float64) ** 2
        hessian = np.array([[np.sum(x2 * x2), np.sum(x2)], [np.sum(x2), self.n]])
        return float(2 / np.linalg.eigvalsh(hessian)[-1])

    def least_squares(self) -> tuple[float, float, float]:
        """The w and b that minimise the loss over all points, and that loss, in closed form."""
        columns = np.hstack([self.x.astype(np.float64) ** 2, np.ones((self.n, 1))])
        y = self.y.astype(np.float64)
        solution = np.linalg.lstsq(columns, y, rcond=None)[0]
        loss = 0.5 * np.sum((columns @ solution - y) ** 2)
        return float(solution[0, 0]), float(solution[1, 0]), float(loss)


@dataclass(frozen=True, eq=False)
class Start:
    """Where the descent starts: w and b, each of shape (1, 1), in the problem's dtype."""

    w: FloatArray
    b: FloatArray

    @classmethod
    def at(cls, w: float, b: float, dtype: str = "float64") -> Start:
        """The start (w, b), rounded to `dtype`."""
        return cls(np.array([[w]], dtype=dtype), np.array([[b]], dtype=dtype))


def draw_problem(
    n: int = 100, noise: float = 0.2, seed: int = 100, dtype: str = "float64"
) -> tuple[Problem, Start]:
    """The article's data and start: y = 3 x² + 2 + noise · U on n even points x of [-1, 1].

    numpy's legacy generator draws the n uniform numbers U of [0, 1) first, then w and b; seed 100
    gives the article's own numbers. All is computed in float64 and then rounded to `dtype`.
    """
    random = np.random.RandomState(seed)
    x = np.linspace(-1, 1, n).reshape(n, 1)
    y = 3 * x**2 + 2 + noise * random.rand(n).reshape(n, 1)
    w, b = random.rand(), random.rand()
    with np.errstate(over="ignore"):  # Problem says it more clearly
        x, y = x.astype(dtype), y.astype(dtype)
    problem = Problem(x, y, generator="numpy RandomState", seed=seed, noise=noise)
    return problem, Start.at(w, b, dtype)
