"""The pictures: the fit, the losses, the agreement of the gradients, and the descent's path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from comparisons.compare import Comparison
from comparisons.contract import Trajectory
from comparisons.descent import KINDS, excess
from comparisons.engines import REFERENCE
from comparisons.problem import Problem, Start

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, FIT, POINTS = "#222222", "#8a8a8a", "#d62728", "#4878a8"
COLOURS = (INK, FIT, "#8c564b", "#e69f00", "#009e73", "#56b4e9", "#0072b2", "#cc79a7")

PATH_STEPS = 200

STYLE: Any = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.dpi": 150,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "legend.frameon": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


def draw(comparison: Comparison, out: Path) -> dict[str, Path]:
    """Writes every picture of `comparison` into the directory `out`.

    Returns the files by caption, in the order in which a reader wants them.

    Raises:
        ImportError: matplotlib is not installed.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pictures = {
        "fit.png": ("The data, and the curve that each engine fitted to it.", fit),
        "loss.png": ("The loss along the steps; the engines' curves lie on each other.", loss),
        "gradients.png": (
            "The distance of each engine's gradients from the hand-derived ones, as a share of the "
            "tolerance. Where there is no dot, the two are equal to the last bit.",
            gradients,
        ),
        "descent.png": (
            f"The loss over (w, b), darker where it is less, and {PATH_STEPS} steps of each kind "
            "of descent on it, from the dot towards the cross, the least squares.",
            descent,
        ),
    }
    files = {}
    # Where a descent diverged there are infinities to draw, and nothing to warn of.
    with pyplot.rc_context(STYLE), np.errstate(all="ignore"):
        for name, (caption, picture) in pictures.items():
            figure = picture(comparison)
            figure.savefig(out / name)
            pyplot.close(figure)
            files[caption] = out / name
    return files


def fit(comparison: Comparison) -> Figure:
    """The points, then a panel an engine with its curve in red, all framed as the article does."""
    from matplotlib import pyplot

    problem, trained = comparison.problem, comparison.trained
    panels = 1 + len(trained)
    rows = -(-panels // 4)
    columns = -(-panels // rows)
    figure, axes = pyplot.subplots(
        rows,
        columns,
        figsize=(2.5 * columns + 0.5, 2.3 * rows + 0.3),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    x = np.linspace(-1, 1, 200)
    top = max(6.0, 1.05 * float(problem.y.max()))
    for panel in axes.flat[:panels]:
        panel.scatter(problem.x, problem.y, s=7, color=POINTS, alpha=0.6, linewidth=0)
        panel.set(xlim=(-1, 1), ylim=(2, top), xticks=[-1, 0, 1])
    for panel in axes.flat[panels:]:
        panel.axis("off")
    axes.flat[0].set_title(f"the data, {problem.n} points")
    for panel, (result, trajectory) in zip(axes.flat[1:], trained, strict=False):
        w, b = trajectory.w[-1], trajectory.b[-1]
        panel.plot(x, w * x**2 + b, color=FIT, linewidth=1.8)
        panel.set_title(result.engine.title)
        formula = f"y = {w:.4f} x² + {b:.4f}" if np.isfinite(w + b) else "diverged"
        panel.text(0.5, 0.83, formula, ha="center", fontsize=8, transform=panel.transAxes)
    for panel in axes[:, 0]:
        panel.set_ylabel("y")
    for column in range(columns):
        lowest = axes[(panels - 1 - column) // columns, column]
        lowest.set_xlabel("x")
        lowest.tick_params(labelbottom=True)
    return figure


def loss(comparison: Comparison) -> Figure:
    """Every engine's loss against the step, and the least loss there is.

    Where a step sees a few samples only, its own loss leaps with them; then it is the loss over all
    points, at the w and b that the engine has reached.
    """
    from matplotlib import pyplot

    figure, panel = pyplot.subplots(figsize=(7, 3.8), layout="constrained")
    trained = comparison.trained
    problem = comparison.problem
    is_batch = comparison.schedule.kind(problem.n) == "batch"
    least = problem.least_squares()[2]
    for index, (result, trajectory) in enumerate(trained):
        # The curves lie on each other: the widest first, so that each shows beneath the next.
        panel.plot(
            trajectory.loss if is_batch else least + excess(problem, trajectory),
            color=COLOURS[index % len(COLOURS)],
            linewidth=1 + 0.9 * (len(trained) - 1 - index),
            label=result.engine.title,
        )
    if least > 1e-12 * np.sum(problem.y.astype(np.float64) ** 2):  # otherwise it is rounding
        panel.axhline(least, color=GREY, linewidth=0.8, linestyle=":")
        panel.annotate(
            f"least squares, {least:.4f}",
            (0, least),
            xycoords=("axes fraction", "data"),
            xytext=(4, 3),
            textcoords="offset points",
            color=GREY,
            fontsize=8,
        )
    when = "at the start of each step" if is_batch else "over all points, after each step"
    panel.set(title=f"Loss 1/2 Σ (w x² + b - y)² {when}", xlabel="step", yscale="log")
    panel.legend(fontsize=8)
    return figure


def gradients(comparison: Comparison) -> Figure:
    """For each engine, how far dw and db are from the hand-derived, as a share of the tolerance."""
    from matplotlib import pyplot

    (_, reference), *others = comparison.trained
    figure, axes = pyplot.subplots(
        max(1, len(others)),
        2,
        figsize=(8, 1.1 * max(1, len(others)) + 1),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    figure.suptitle(
        "Each gradient's distance from the hand-derived, as a share of the tolerance (red)",
        fontsize=10,
    )
    for index, (result, trajectory) in enumerate(others, start=1):
        for panel, name in zip(axes[index - 1], ("dw", "db"), strict=True):
            distance = np.abs(getattr(trajectory, name) - getattr(reference, name))
            share = distance / getattr(comparison.bounds.tolerance, name)
            apart = np.flatnonzero(np.isfinite(share) & (share > 0))
            colour = COLOURS[index % len(COLOURS)]
            panel.scatter(apart, share[apart], s=3, color=colour, linewidth=0)
            panel.axhline(1, color=FIT, linewidth=1)
            panel.set_title(f"{result.engine.title}: {name}", fontsize=8.5)
            equal = f"bit-equal in {np.mean(distance == 0):.0%} of the steps"
            panel.set_title(equal, fontsize=7.5, color=GREY, loc="right")
    for panel in axes.flat:
        panel.set(xlim=(0, len(reference)), ylim=(1e-9, 1e2), yscale="log", yticks=[1e-8, 1e-4, 1])
        panel.minorticks_off()
    for panel in axes[-1]:
        panel.set_xlabel("step")
    return figure


def descent(comparison: Comparison) -> Figure:
    """The loss over (w, b) as contours, and on it the path of each kind of descent.

    The learning rates are those of `descent.py`. Every path starts at the comparison's start and
    makes the same number of steps, so that their lengths can be compared.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(KINDS), figsize=(10.5, 3.9), sharex=True, sharey=True, layout="constrained"
    )
    problem, start = comparison.problem, comparison.start
    for panel, kind in zip(axes, KINDS, strict=True):
        schedule = replace(kind.schedule(problem.n, comparison.schedule.seed), steps=PATH_STEPS)
        trajectory = REFERENCE.run(problem, start, schedule)
        _path(panel, problem, start, trajectory)
        size = schedule.size(problem.n)
        samples = (
            "all samples" if size == problem.n else "1 sample" if size == 1 else f"{size} samples"
        )
        panel.set_title(f"{kind.name}: {samples} a step, lr {schedule.lr:g}")
        panel.set_xlabel("w")
    axes[0].set_ylabel("b")
    return figure


def _path(panel: Axes, problem: Problem, start: Start, trajectory: Trajectory) -> None:
    """One path on the loss surface; contours at powers of ten of the loss above its least."""
    ws = np.concatenate([start.w[0], trajectory.w])
    bs = np.concatenate([start.b[0], trajectory.b])
    w_best, b_best, _ = problem.least_squares()
    reach = 1.25 * max(1.0, np.abs(ws - w_best).max(), np.abs(bs - b_best).max())
    grid = np.linspace(-reach, reach, 201)
    e, f = np.meshgrid(grid, grid)
    x2 = problem.x.astype(np.float64) ** 2
    above = 0.5 * (np.sum(x2 * x2) * e * e + 2 * np.sum(x2) * e * f + problem.n * f * f)
    levels = np.arange(-3.0, 4.0, 0.5)
    panel.contourf(
        w_best + e,
        b_best + f,
        np.log10(above + 1e-9),
        levels,
        cmap="Blues_r",
        extend="both",
        alpha=0.75,
    )
    panel.plot(ws, bs, color=FIT, linewidth=0.9, marker="o", markersize=2, markeredgewidth=0)
    panel.plot(ws[0], bs[0], marker="o", color=INK, markersize=5)
    panel.plot(w_best, b_best, marker="+", color=INK, markersize=9, markeredgewidth=1.4)
