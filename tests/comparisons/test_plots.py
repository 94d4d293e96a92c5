"""The pictures are drawn, whatever happened."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from comparisons import compare, plots
from comparisons.compare import Comparison
from comparisons.contract import Engine, Train
from comparisons.problem import draw_problem
from comparisons.schedule import Schedule

pytest.importorskip("matplotlib")

FILES = ["fit.png", "loss.png", "gradients.png", "descent.png"]


def test_a_comparison_is_drawn(
    tmp_path: Path, made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    engines = [made_up(slanted(1.01))]
    comparison = compare.run(engines, *draw_problem(), Schedule(steps=30), timed=False)
    files = plots.draw(comparison, tmp_path)
    assert [path.name for path in files.values()] == FILES
    for path in files.values():
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        width, height = np.frombuffer(path.read_bytes()[16:24], dtype=">u4")
        assert 600 < width < 2000
        assert 300 < height < 2000


@pytest.mark.parametrize(
    "schedule, noise",
    [
        pytest.param(Schedule(lr=1.0, steps=400), 0.2, id="diverged"),
        pytest.param(Schedule(steps=1), 0.0, id="one step"),
        pytest.param(Schedule(0.1, 30, 1), 0.0, id="stochastic, no noise"),
    ],
)
def test_the_reference_alone_is_drawn(schedule: Schedule, noise: float, tmp_path: Path) -> None:
    comparison = compare.run([], *draw_problem(noise=noise), schedule, timed=False)
    assert len(plots.draw(comparison, tmp_path)) == len(FILES)


def trained(engine: Engine) -> Comparison:
    return compare.run([engine], *draw_problem(), Schedule(steps=30), timed=False)


def test_the_fit_is_framed_as_in_the_article(
    made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    comparison = trained(made_up(slanted()))
    figure = plots.fit(comparison)
    data, *panels = [panel for panel in figure.axes if panel.axison]
    assert len(panels) == 2
    assert list(data.lines) == []
    for panel, (_, trajectory) in zip(panels, comparison.trained, strict=True):
        assert panel.get_xlim() == (-1, 1)
        assert panel.get_ylim() == (2, 6)
        (curve,) = panel.lines
        x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
        np.testing.assert_array_equal(y, trajectory.w[-1] * x**2 + trajectory.b[-1])
        assert curve.get_color() == plots.FIT
        points = panel.collections[0].get_offsets()
        np.testing.assert_array_equal(points[:, 1], comparison.problem.y.ravel())


def test_the_gradients_dots_are_shares_of_the_tolerance(
    made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    comparison = trained(made_up(slanted(1 + 1e-9, 1 + 1e-9)))
    reference, other = (trajectory for _, trajectory in comparison.trained)
    for panel, name in zip(plots.gradients(comparison).axes, ("dw", "db"), strict=True):
        dots = panel.collections[0].get_offsets()
        distance = np.abs(getattr(other, name) - getattr(reference, name))
        share = distance / getattr(comparison.bounds.tolerance, name)
        assert (share > 1).any()
        np.testing.assert_allclose(dots[:, 1], share[share > 0])
