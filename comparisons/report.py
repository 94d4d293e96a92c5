"""The comparison as a table for the terminal and as a page that needs nothing but itself."""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Mapping
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from comparisons import agreement
from comparisons.compare import FAILED, IS_REFERENCE, SKIPPED, Comparison, Result

COLOURS = {
    IS_REFERENCE: "default",
    agreement.AGREES: "green",
    agreement.DISAGREES: "red",
    agreement.DIVERGED: "red",
    FAILED: "red",
    SKIPPED: "yellow",
}

HEADINGS = {
    "engine": "",
    "w": "",
    "b": "",
    "loss": "at the start of the last step, w and b after it",
    "distance": "the largest, over loss, w, b, dw and db and all steps, from the hand-derived one",
    "in": "the quantity that is so far off",
    "units": "the largest distance in units of eps · m · S, explained below",
    "share": "the largest distance as a share of its tolerance: up to 1 is agreement",
    "ratio": "time of a step to numpy by hand's, on one thread and in turns, the median of rounds",
    "lines": "that hold code in the body of train, but for docstring and yield",
    "verdict": "",
}
LEFT = ("engine", "in", "verdict")


def summary(comparison: Comparison) -> str:
    """What was trained, in a sentence."""
    problem, start, schedule = comparison.problem, comparison.start, comparison.schedule
    noise = "" if problem.noise is None else f", noise {problem.noise:g}"
    seed = "" if problem.seed is None else f", seed {problem.seed}"
    kind, size = schedule.kind(problem.n), schedule.size(problem.n)
    return (
        f"y = w x² + b from {problem.n} points ({problem.generator}{seed}{noise}) in "
        f"{problem.dtype}; {schedule.steps} steps of {kind} descent, {size} sample"
        f"{'s' * (size != 1)} each, lr {schedule.lr:g}, from w = {start.w.item():.8f}, "
        f"b = {start.b.item():.8f}."
    )


def cells(result: Result) -> list[str]:
    """A result as text, a cell for each of `HEADINGS`; empty where there is nothing to tell."""
    made = dict.fromkeys(HEADINGS, "")
    made |= {
        "engine": result.engine.title,
        "lines": str(result.lines),
        "verdict": result.verdict,
    }
    if result.trajectory is not None:
        last = result.trajectory
        made |= {name: f"{getattr(last, name)[-1]:.6f}" for name in ("w", "b", "loss")}
    judged = result.agreement
    if judged is not None and result.verdict in (agreement.AGREES, agreement.DISAGREES):
        made |= {
            "distance": f"{judged.distance:.1e}" if judged.distance else "0",
            "in": judged.quantity if judged.distance else "",
            "units": f"{judged.units:.2g}",
            "share": f"{judged.share:.2g}",
        }
    if result.timing is not None:
        made["ratio"] = f"{result.timing.ratio:.2f}"
    return list(made.values())


def notes(comparison: Comparison) -> list[str]:
    """A sentence for each result that has more to tell than its verdict, and one on time."""
    told = [
        f"{result.engine.title} {result.verdict}: {result.note}."
        for result in comparison.results
        if result.note
    ]
    timing = comparison.results[0].timing
    if timing is not None:
        told.append(f"A step of numpy by hand took {timing.seconds * 1e6:.1f} µs.")
    return told


def legend() -> str:
    """What the headings mean, in a paragraph."""
    return "; ".join(f"{name}: {meaning}" for name, meaning in HEADINGS.items() if meaning) + "."


def table(comparison: Comparison) -> Table:
    """The results as a rich table, a row an engine."""
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        made.add_column(heading, justify="left" if heading in LEFT else "right", no_wrap=True)
    for result in comparison.results:
        *others, verdict = cells(result)
        made.add_row(*others, Text(verdict, style=COLOURS[result.verdict]))
    return made


def explanation(comparison: Comparison) -> list[str]:
    """How the tolerance comes, in sentences."""
    return agreement.explain(comparison.problem, comparison.schedule, comparison.bounds)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>One regression, many engines</title>
<style>
body {{ font: 16px/1.55 Georgia, "DejaVu Serif", serif; color: #222; background: #fff;
  max-width: 62rem; margin: 3rem auto; padding: 0 1.5rem; }}
h1 {{ font-size: 1.9rem; font-weight: normal; margin-bottom: .3rem; }}
h2 {{ font-size: 1.25rem; font-weight: normal; margin-top: 2.6rem; }}
.verdict-line {{ font-size: 1.1rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font: 13px/1.4 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; white-space: nowrap; }}
th, td {{ padding: .35rem .6rem; text-align: right; border-bottom: 1px solid #e4e4de; }}
th {{ font-weight: 600; border-bottom: 1.5px solid #222; }}
.left {{ text-align: left; }}
.agrees {{ color: #1a7f37; }} .skipped {{ color: #8a6100; }}
.disagrees, .diverged, .failed {{ color: #b42318; font-weight: 600; }}
figure {{ margin: 1.8rem 0; }}
img {{ max-width: 100%; height: auto; }}
figcaption, .small {{ font-size: .9rem; color: #555; }}
dt {{ font-weight: 600; }} dl {{ font-size: .9rem; columns: 2; column-gap: 2.5rem; }}
dd {{ margin: 0 0 .5rem 0; break-before: avoid; }}
</style>
</head>
<body>
<h1>One regression, many engines</h1>
<p>{summary}</p>
<p class="verdict-line">{conclusion}</p>
<div class="scroll"><table>
<thead><tr>{headings}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
{notes}
<h2>What the columns say</h2>
<dl>{legend}</dl>
<h2>Where the tolerance comes from</h2>
{explanation}
{pictures}
<p class="small">Made with {versions}.</p>
</body>
</html>
"""


def page(comparison: Comparison, pictures: Mapping[str, Path]) -> str:
    """The comparison as one HTML page: no scripts, nothing loaded, the pictures inside.

    Args:
        pictures: PNG files by caption.
    """
    return PAGE.format(
        summary=html.escape(summary(comparison)),
        conclusion=html.escape(conclusion(comparison)),
        headings="".join(_cell("th", name, name) for name in HEADINGS),
        rows="\n".join(_row(result) for result in comparison.results),
        notes="".join(f"<p>{html.escape(note)}</p>" for note in notes(comparison)),
        legend="".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(meaning)}</dd>"
            for name, meaning in HEADINGS.items()
            if meaning
        ),
        explanation="".join(f"<p>{html.escape(line)}</p>" for line in explanation(comparison)),
        pictures="".join(_figure(caption, path) for caption, path in pictures.items()),
        versions=html.escape(versions()),
    )


def conclusion(comparison: Comparison) -> str:
    """The comparison in a line: how many engines agree, and what became of the others."""
    reference, *others = [result.verdict for result in comparison.results]
    if reference == agreement.DIVERGED:
        limit = comparison.problem.largest_rate()
        return f"The descent itself diverged. On all points it does so from lr = {limit:.4g} on."
    if not others:
        return "Nothing was compared with the hand-derived gradients."
    if set(others) == {agreement.AGREES}:
        engines = f"All {len(others)} engines" if len(others) > 1 else "The engine"
        return f"{engines} agreed with the hand-derived gradients at every step."
    counts = [f"{others.count(verdict)} {verdict}" for verdict in COLOURS if verdict in others]
    return f"Beside the hand-derived one: {', '.join(counts)}."


def versions() -> str:
    """The versions of what was loaded."""
    loaded = [
        f"{name} {sys.modules[name].__version__}"
        for name in ("numpy", "minigrad", "torch", "tensorflow")
        if hasattr(sys.modules.get(name), "__version__")
    ]
    return ", ".join([f"Python {sys.version.split()[0]}", *loaded])


def _row(result: Result) -> str:
    return "<tr>" + "".join(map(_cell, ["td"] * len(HEADINGS), HEADINGS, cells(result))) + "</tr>"


def _cell(tag: str, heading: str, text: str) -> str:
    classes = ["left"] * (heading in LEFT)
    if heading == "verdict" and tag == "td":
        classes.append(text)
    attribute = f' class="{" ".join(classes)}"' if classes else ""
    return f"<{tag}{attribute}>{html.escape(text)}</{tag}>"


def _figure(caption: str, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    text = html.escape(caption)
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{text}">'
        f"<figcaption>{text}</figcaption></figure>"
    )
