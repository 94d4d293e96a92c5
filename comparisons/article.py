"""The article's own three listings, run again: the published figures beside today's.

The three do not share data, start, loss or learning rate, so they are reproductions and no
comparison. Each runs in the library it was written for, and once more in minigrad from the same
data and start, for which minigrad needs nothing but itself and numpy.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from comparisons.engines import REFERENCE, find
from comparisons.problem import Start, draw_problem
from comparisons.schedule import Schedule
from comparisons.startup import quiet_stderr, quiet_tensorflow

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Published:
    """A figure as the article prints it, and how closely it has to come again.

    Args:
        text: the digits.
        decimals: so many decimals have to be the same; or
        rtol: the relative distance that is allowed.
    """

    text: str
    decimals: int | None = None
    rtol: float = 0.0

    def matches(self, value: float) -> bool:
        """Whether `value` is this figure."""
        printed = float(self.text)
        if self.decimals is not None:
            return f"{value:.{self.decimals}f}" == f"{printed:.{self.decimals}f}"
        return abs(value - printed) <= self.rtol * abs(printed)

    def show(self, value: float) -> str:
        """`value` with as many decimals as this figure."""
        return f"{value:.{len(self.text.partition('.')[2])}f}"


@dataclass(frozen=True)
class Listing:
    """One of the article's programs.

    Args:
        title: what it is.
        published: its figures by name.
        library: the package it was written for.
        original: runs it there.
        again: runs it in minigrad, from the same data and start.
    """

    title: str
    published: Mapping[str, Published]
    library: str
    original: Callable[[], Figures]
    again: Callable[[], Figures]


@dataclass(frozen=True)
class Reproduction:
    """What became of a listing: the figures of both runs, or why its own library gave none."""

    listing: Listing
    original: Figures | str
    again: Figures

    def wrong(self) -> list[str]:
        """The names of the figures that did not come again, with the run they are missing from."""
        found = []
        for run, figures in ((self.listing.library, self.original), ("minigrad", self.again)):
            if not isinstance(figures, str):
                for name, published in self.listing.published.items():
                    if not published.matches(figures[name]):
                        found.append(f"{self.listing.title}, {run}: {name}")
        return found

    def skipped(self) -> str | None:
        """Why the original was skipped, in a sentence; None if it ran."""
        if isinstance(self.original, str):
            return f"{self.listing.title}, {self.listing.library}: skipped, {self.original}"
        return None


def listing_1(engine: str) -> Figures:
    """numpy, gradients by hand, float64: the comparison's default problem and schedule."""
    problem, start = draw_problem()
    trained = find(engine).run(problem, start, Schedule(lr=0.001, steps=800))
    return {
        "start w": start.w.item(),
        "start b": start.b.item(),
        "w": float(trained.w[-1]),
        "b": float(trained.b[-1]),
    }


def listing_2(library: str) -> Figures:
    """torch, autograd, float32: the article's lines, in which minigrad answers to torch's name.

    Each library draws the data and the start itself, and afterwards its generator is as before.
    """
    torch: Any = importlib.import_module(library)
    with torch.random.fork_rng():
        torch.manual_seed(100)
        x = torch.linspace(-1, 1, 100).unsqueeze(dim=1)
        y = 3 * x.pow(2) + 2 + 0.2 * torch.rand(x.size())
        w = torch.randn(1, 1, requires_grad=True)
        b = torch.zeros(1, 1, requires_grad=True)
    start = w.item()
    for _ in range(800):
        prediction = x.pow(2).mm(w) + b
        loss = (0.5 * (prediction - y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= 0.001 * w.grad
            b -= 0.001 * b.grad
            w.grad.zero_()
            b.grad.zero_()
    return {"start w": start, "w": w.item(), "b": b.item()}


# The start was not seeded: this w is the float32 that leads to the first line printed.
START_3 = Start.at(0.3865407, 0.0, "float32")
LR_3, STEPS_3, EVERY_3 = 0.01, 2000, 200


def listing_3_tensorflow() -> Figures:
    """TensorFlow's static graph, float32, the mean of the squares.

    The article feeds its placeholders but computes from the arrays, so that what it feeds is never
    used. Here the graph computes from its placeholders; the figures are the same.
    """
    quiet_tensorflow()
    with quiet_stderr():
        import tensorflow as tf

        v1 = tf.compat.v1
        problem, _ = draw_problem(dtype="float32")
        printed: dict[str, float] = {}
        with tf.Graph().as_default():
            x = v1.placeholder(tf.float32, shape=(None, 1))
            y = v1.placeholder(tf.float32, shape=(None, 1))
            w, b = v1.Variable(START_3.w), v1.Variable(START_3.b)
            loss = tf.reduce_mean((y - (w * tf.pow(x, 2) + b)) ** 2)
            dw, db = tf.gradients(loss, [w, b])
            update = [v1.assign(w, w - LR_3 * dw), v1.assign(b, b - LR_3 * db)]
            with v1.Session() as session:
                session.run(v1.global_variables_initializer())
                for step in range(STEPS_3):
                    values = session.run([loss, *update], feed_dict={x: problem.x, y: problem.y})
                    if step % EVERY_3 == 0:
                        printed |= _line_3(step, *values)
        return printed


def listing_3_minigrad() -> Figures:
    """The same descent by minigrad's autograd, which needs no graph to be declared."""
    import minigrad

    problem, _ = draw_problem(dtype="float32")
    x, y = minigrad.from_numpy(problem.x), minigrad.from_numpy(problem.y)
    w: Any = minigrad.tensor(START_3.w, requires_grad=True)
    b: Any = minigrad.tensor(START_3.b, requires_grad=True)
    printed: dict[str, float] = {}
    for step in range(STEPS_3):
        loss = ((y - (w * x**2 + b)) ** 2).mean()
        loss.backward()
        with minigrad.no_grad():
            w -= LR_3 * w.grad
            b -= LR_3 * b.grad
            w.grad.zero_()
            b.grad.zero_()
        if step % EVERY_3 == 0:
            printed |= _line_3(step, loss, w, b)
    return printed


def _line_3(step: int, loss: Any, w: Any, b: Any) -> dict[str, float]:
    """What listing 3 prints at a step: the loss before the update, w and b after it."""
    return {
        f"step {step}: loss": loss.item(),
        f"step {step}: w": w.item(),
        f"step {step}: b": b.item(),
    }


PRINTED_3 = """
9.5305  0.41164938  0.05966451
0.1294  1.8262572   2.4976208
0.0681  2.160023    2.4050913
0.0369  2.3930638   2.3190758
0.0207  2.5607219   2.2569623
0.0123  2.6813965   2.2122526
0.0080  2.7682543   2.1800723
0.0058  2.8307712   2.1569092
0.0046  2.875769    2.1402378
0.0040  2.9081554   2.1282382
"""


def _published_3() -> dict[str, Published]:
    """The ten lines. Today's TensorFlow differs from them in the seventh digit, hence the rtol."""
    figures = {}
    for line, text in enumerate(PRINTED_3.split("\n")[1:-1]):
        loss, w, b = text.split()
        step = line * EVERY_3
        figures[f"step {step}: loss"] = Published(loss, decimals=4)
        figures[f"step {step}: w"] = Published(w, rtol=2e-6)
        figures[f"step {step}: b"] = Published(b, rtol=2e-6)
    return figures


LISTINGS = (
    Listing(
        "listing 1, numpy by hand",
        {
            "start w": Published("0.77828922", decimals=8),
            "start b": Published("0.77959840", decimals=8),
            "w": Published("2.98927619", decimals=8),
            "b": Published("2.09818307", decimals=8),
        },
        "numpy",
        lambda: listing_1(REFERENCE.name),
        lambda: listing_1("minigrad-autograd"),
    ),
    Listing(
        "listing 2, torch autograd",
        {
            "start w": Published("0.2437", decimals=4),
            "w": Published("2.9645", decimals=4),
            "b": Published("2.1146", decimals=4),
        },
        "torch",
        lambda: listing_2("torch"),
        lambda: listing_2("minigrad"),
    ),
    Listing(
        "listing 3, TensorFlow static graph",
        _published_3(),
        "tensorflow",
        listing_3_tensorflow,
        listing_3_minigrad,
    ),
)


def reproduce(listing: Listing) -> Reproduction:
    """Runs a listing in minigrad, and in its own library if that is installed."""
    if importlib.util.find_spec(listing.library) is None:
        return Reproduction(listing, f"{listing.library} is not installed", listing.again())
    return Reproduction(listing, listing.original(), listing.again())


def table(reproduction: Reproduction) -> Table:
    """Published against reproduced, a row a figure; what does not match is red."""
    listing = reproduction.listing
    made = Table(
        title=listing.title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    made.add_column("figure")
    for heading in ("published", listing.library, "minigrad"):
        made.add_column(heading, justify="right")
    for name, published in listing.published.items():
        cells = [Text(name), Text(published.text)]
        for figures in (reproduction.original, reproduction.again):
            if isinstance(figures, str):
                cells.append(Text("skipped", style="yellow"))
            else:
                right = published.matches(figures[name])
                cells.append(Text(published.show(figures[name]), style="green" if right else "red"))
        made.add_row(*cells)
    return made
