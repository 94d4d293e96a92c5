"""Writes the pages of the reference from what minigrad declares public, before Sphinx reads them.

A module is public if it has `__all__`, or is in another's. Each object is described once, at the
first of its public names; so a new name in `__all__` appears in the reference, with its docstring,
by itself. A public function without a docstring is a warning, and so fails `make docs`.

Docstrings are plain text with code in backticks and `*emphasis*`: `*` and `_` have no other
meaning, and a paragraph of lines `name: text` lists parameters.
"""

import inspect
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, get_origin

from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

import minigrad

logger = logging.getLogger(__name__)

# The names of `minigrad` itself by the modules that define them. Others get a group with the title
# that the first sentence of their module gives.
GROUPS = {
    "Tensor": ("tensor", "size"),
    "Making tensors": (
        "from_data",
        "creation",
        "ops.layouts",
        "windows",
        "signal.windows",
        "legacy",
    ),
    "Random numbers": ("random", "generator", "ops.sampling"),
    "Dtypes": ("dtypes", "typeinfo"),
    "Constants": ("constants",),
    "Devices, layouts and settings": ("devices", "options", "settings"),
    "Arithmetic": ("ops.operators", "ops.arithmetic", "ops.powers", "ops.rounding", "ops.blends"),
    "Functions of one element": (
        *("ops.elementwise", "ops.trigonometry", "ops.signs", "ops.special", "ops.bounds"),
        *("ops.special_functions", "ops.activations"),
    ),
    "Comparisons, logic and choices": ("ops.comparison", "ops.bits", "ops.choice", "ops.masks"),
    "Reductions": ("ops.reduction", "ops.statistics", "ops.norms", "ops.softmax", "ops.quantiles"),
    "Scans, sorting and searching": (
        *("ops.scans", "ops.differences", "ops.integrals", "ops.sorting", "ops.searching"),
        *("ops.counting", "ops.histograms"),
    ),
    "Matrix products": ("ops.linalg", "ops.products", "ops.einstein", "ops.rows", "ops.recurrence"),
    "Linear algebra": (
        *("ops.decompositions", "ops.solving", "ops.least_squares", "ops.matrix_exponential"),
        *("ops.conditioning", "ops.householder", "ops.low_rank"),
    ),
    "Distances": ("ops.pairwise", "ops.distances"),
    "Shapes": (
        *("ops.shape", "ops.dims", "ops.diagonals", "ops.repetition", "ops.striding"),
        "ops.copies",
    ),
    "Joining and splitting": ("ops.joining", "ops.splitting"),
    "Indexing": (
        *("ops.indexing", "ops.slicing", "ops.gathering", "ops.scattering", "ops.filling"),
        "ops.scatter_reduction",
    ),
    "Networks": (
        *("ops.convolution", "ops.pooling", "ops.fractional_pooling", "ops.windows"),
        *("ops.padding", "ops.pixels"),
        *("ops.resampling", "ops.grids", "ops.normalization", "ops.embedding", "ops.bags"),
        *("ops.losses", "ops.margins", "ops.attention", "shared_functions"),
    ),
    "Recording on and off": ("autograd.modes", "autograd.inference"),
    "Anomaly detection": ("autograd.anomaly_mode",),
    "Function transforms": ("func",),
    "Printing": ("printing",),
    "Saving and loading": ("serialization",),
}
ELSEWHERE = {
    "Size": "Tensor",
    "Tensor": "Tensor",
    "device": "Devices, layouts and settings",
    "dtype": "Dtypes",
    "sum": "Reductions",
}

INTERNAL = "again"  # members of public classes that are for the package's own use

TITLES = {f"minigrad.{module}": title for title, modules in GROUPS.items() for module in modules}

OPERATORS = """\
Python's operators do what the functions of these names do: ``+ - * / ** @``, the comparisons,
``& | ^ ~``, ``abs()`` and indexing; ``+=`` and its like write in place.
"""


@dataclass
class Page:
    """One page: what it describes, and the names of things described elsewhere."""

    title: str
    module: ModuleType | None = None
    names: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return re.sub(r"[^\w.]+", "-", self.title.lower())


def public_modules() -> list[ModuleType]:
    """The public modules, the outermost first: minigrad, and what is reached by public names."""
    found = [minigrad]
    for module in found:
        inside = f"{module.__name__}."
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if isinstance(thing, ModuleType) and thing.__name__.startswith(inside):
                found.append(thing)
    return sorted(found, key=lambda module: (module.__name__.count("."), module.__name__))


def public_names(module: ModuleType) -> list[str]:
    """What a module declares public, or what it defines and describes."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if name[0] != "_" and home(name, thing) == module.__name__ and callable(thing)
        if inspect.getdoc(thing)
    ]


def own_name(thing: Any) -> Any:
    return getattr(thing, "__name__", getattr(thing, "name", None))


def defined(thing: Any) -> Any:
    """The function that a namespace has given ``out=``, or the thing itself."""
    takes_out = getattr(thing, "__code__", None) is minigrad.exp.__code__
    return thing.__wrapped__ if takes_out else thing


def home(name: str, thing: Any) -> str:
    """The module that defines an object."""
    thing = defined(thing)
    claimed = getattr(thing, "__module__", None)
    nothing = object()  # the object itself may be None
    if getattr(sys.modules.get(claimed or ""), name, nothing) is thing:
        return str(claimed)
    for module in [*TITLES, *sorted(m for m in sys.modules if m.startswith("minigrad."))]:
        if getattr(sys.modules.get(module), name, nothing) is thing:
            return module
    return "minigrad"


def group(name: str, thing: Any) -> str:
    """The title of the group that a name of `minigrad` itself belongs to."""
    module = home(name, thing)
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if module in TITLES:
        return TITLES[module]
    if module.startswith("minigrad.nn.functional"):
        return "Networks"
    sentence = inspect.getdoc(sys.modules[module]) or module
    return re.split(r"[.:\n]", sentence, maxsplit=1)[0]


def pages() -> list[Page]:
    """All pages, in the order of the contents."""
    grouped = {title: Page(title) for title in GROUPS}
    modules = []
    described: dict[int, str] = {}
    for module in public_modules():
        page = Page(module.__name__, module)
        things = {name: getattr(module, name) for name in public_names(module)}
        # Of several names the one comes first that the object gives itself.
        for name, thing in sorted(things.items(), key=lambda item: own_name(item[1]) != item[0]):
            if isinstance(thing, ModuleType):
                continue
            full = f"{module.__name__}.{name}"
            if module is minigrad:
                title = group(name, thing)
                page = grouped.setdefault(title, Page(title))
            if id(defined(thing)) in described:
                page.aliases[full] = described[id(defined(thing))]
            else:
                page.names[full] = thing
                described[id(defined(thing))] = full
        if module is not minigrad:
            modules.append(page)
    return [page for page in [*grouped.values(), *modules] if page.names]


def heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]


def entry(full: str, thing: Any) -> list[str]:
    """The directive that describes one object."""
    if thing is minigrad.Tensor:
        return tensor_entry(full)
    if inspect.isclass(thing):
        return [f".. autoclass:: {full}", "   :members:", f"   :exclude-members: {INTERNAL}", ""]
    if callable(thing) and get_origin(thing) is None:  # and no type to annotate with
        if not inspect.getdoc(thing) and not hasattr(thing, "primitive"):
            logger.warning("%s is public and has no docstring", full)
        return [f".. autofunction:: {full}", ""]
    module, _, name = full.rpartition(".")
    return [f".. py:data:: {name}", f"   :module: {module}", ""]


def tensor_entry(full: str) -> list[str]:
    """Tensor, with all its members by kind."""
    sections: dict[str, list[str]] = {
        "Attributes": [],
        "Methods": [],
        "Functions as methods": [],
        "In place": [],
    }
    for name, member in inspect.getmembers(minigrad.Tensor):
        owner = next((c for c in minigrad.Tensor.__mro__ if name in vars(c)), object)
        if name.startswith("_") or owner.__module__ in ("builtins", "minigrad.autograd.value"):
            continue
        if not callable(member):
            section, directive = "Attributes", "autoattribute"
            if isinstance(member, property):
                directive = "autoproperty"
        else:
            directive = "automethod"
            shared = member.__module__.startswith("minigrad.ops.") or hasattr(member, "primitive")
            section = "Functions as methods" if shared else "Methods"
            if name.endswith("_"):
                section = "In place"
        base = getattr(minigrad.Tensor, name.removesuffix("_"), member)
        if not (inspect.getdoc(member) or inspect.getdoc(base) or hasattr(member, "primitive")):
            logger.warning("%s.%s is public and has no docstring", full, name)
        sections[section] += [f".. {directive}:: {full}.{name}", ""]
    lines = [f".. autoclass:: {full}", "", OPERATORS]
    for title, entries in sections.items():
        if entries:
            lines += [*heading(title, "-"), *entries]
    return lines


def text_of(page: Page) -> str:
    lines = heading(page.title, "=")
    if page.module is not None:
        # A function of the same name would be indexed under it, too.
        lines += [f".. automodule:: {page.module.__name__}", "   :no-members:", "   :no-index:", ""]
    else:
        lines += [".. py:currentmodule:: minigrad", ""]
    # Sections end what is not in one: what has some comes last.
    for full, thing in sorted(page.names.items(), key=lambda item: item[1] is minigrad.Tensor):
        lines += entry(full, thing)
        if not callable(thing):
            others = [f"``{name}``" for name, first in page.aliases.items() if first == full]
            lines += [f"   The same as {' and '.join(others)}.", ""] if others else []
    others = [
        f"``{name}`` is :py:obj:`{first}`"
        for name, first in page.aliases.items()
        if first not in page.names or callable(page.names[first])
    ]
    if others:
        described = f"{'; '.join(others)}.\n"
        lines += [*heading("Described elsewhere", "-"), described]
    return "\n".join(lines)


def contents(written: list[Page]) -> str:
    """The overview on the reference's first page: every public name, as a link."""
    lines = []
    for page in written:
        lines += [f":doc:`{page.title} <generated/{page.file}>`"]
        prefix = f"{page.module.__name__}." if page.module else "minigrad."
        names = [f":py:obj:`{name.removeprefix(prefix)} <{name}>`" for name in page.names]
        names += [
            f":py:obj:`{name.removeprefix(prefix)} <{first}>`"
            for name, first in page.aliases.items()
        ]
        lines += [f"   {', '.join(names)}", ""]
    lines += [".. toctree::", "   :hidden:", ""]
    lines += [f"   generated/{page.file}" for page in written]
    return "\n".join(lines) + "\n"


def write(app: Sphinx) -> None:
    """Writes what has changed, so that Sphinx reads no more than that, and removes what is gone."""
    folder = Path(app.srcdir) / "generated"
    written = pages()
    texts = {f"{page.file}.rst": text_of(page) for page in written}
    texts["contents.txt"] = contents(written)
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in texts:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


PARAMETER = re.compile(r"(\*{0,2}[a-z_]\w*):\s+(\S.*)")
MARKED = re.compile(r"(``.+?``|`[^`]+`|(?<![\w*])\*\w[\w -]*\*(?![\w*]))")


def plain_text(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Makes reStructuredText of a docstring, in place."""
    if not any(lines):
        lines[:] = said_of(what, name, thing)
    made: list[str] = []
    for paragraph in re.split(r"\n{2,}", "\n".join(lines).strip("\n")):
        rows = paragraph.split("\n")
        if all(PARAMETER.match(row) or row.startswith(" ") for row in rows) and rows[0][:1] != " ":
            joined: list[str] = []
            for row in rows:
                if PARAMETER.match(row):
                    joined.append(row)
                else:
                    joined[-1] += f" {row.strip()}"
            rows = [PARAMETER.sub(r":param \1: \2", row) for row in joined]
        elif rows[0][:1] not in " -":
            rows = [row.strip() for row in rows]
        made += [*(row if row.startswith(" ") else escaped(row) for row in rows), ""]
    lines[:] = made


def escaped(row: str) -> str:
    """A line in which only code and emphasised words are more than text."""
    parts = MARKED.split(row)
    parts[::2] = [re.sub(r"([*|]|_(?!\w))", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def said_of(what: str, name: str, thing: Any) -> list[str]:
    """What can be said of something that has no docstring."""
    base = name.rpartition(".")[2].removesuffix("_")
    if what == "method" and name.endswith("_") and hasattr(minigrad.Tensor, base):
        return [f"`Tensor.{base}`, written into this tensor, which is returned."]
    declared = getattr(thing, "primitive", None)
    forward = getattr(getattr(declared, "forward", None), "__name__", None)
    if not forward:
        return []
    kind = "" if any(declared.rules.values()) else "; not differentiable"
    return [f"As ``numpy.{forward}``, with torch's dtypes{kind}."]


def signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, found: str | None, returns: Any
) -> tuple[str | None, None]:
    """The signature of what is made by `in_place` or `primitive` and does not show it."""
    operands = getattr(getattr(getattr(thing, "primitive", None), "forward", None), "nin", 0)
    if operands:
        names = ["input", "other"][:operands]
        return f"({', '.join(names[what == 'method' :])})", None
    owner, _, member = name.rpartition(".")
    base = getattr(minigrad.Tensor, member.removesuffix("_"), None)
    made = getattr(thing, "__qualname__", "").startswith("in_place.")
    if not made or base is None or not owner.endswith("Tensor"):
        return found, None
    given = inspect.signature(base)
    others = [p.replace(annotation=p.empty) for p in [*given.parameters.values()][1:]]
    return str(given.replace(parameters=others, return_annotation=given.empty)), None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Writes the pages first, and reads docstrings as plain text."""
    app.connect("builder-inited", write)
    app.connect("autodoc-process-docstring", plain_text)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
