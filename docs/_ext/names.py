"""Which of torch's public names minigrad has: found by looking at both modules."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# Each namespace of torch that lessons touch, as a module or as a class in one.
NAMESPACES = (
    "torch",
    "torch.Tensor",
    "torch.autograd",
    "torch.autograd.functional",
    "torch.autograd.forward_ad",
    "torch.autograd.graph",
    "torch.func",
    "torch.linalg",
    "torch.signal.windows",
    "torch.special",
    "torch.nn",
    "torch.nn.Module",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils",
    "torch.nn.utils.rnn",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.utils.data",
    "torch.utils.checkpoint",
    "torch.random",
)


@dataclass
class Namespace:
    """The names of one of torch's namespaces, by whether minigrad has them."""

    name: str
    offered: list[str]
    missing: list[str]

    @property
    def total(self) -> int:
        return len(self.offered) + len(self.missing)


def resolve(path: str) -> Any:
    """A module or a class by its full name; None if there is none."""
    try:
        return importlib.import_module(path)
    except ImportError:
        outer, _, name = path.rpartition(".")
        return getattr(resolve(outer), name, None) if outer else None


def public_names(path: str) -> list[str]:
    """What a namespace offers: its ``__all__`` where it has one, and no modules."""
    thing = resolve(path)
    names = getattr(thing, "__all__", None) or [n for n in dir(thing) if n[0] != "_"]
    return sorted(
        {
            name
            for name in names
            if not name.startswith("_") and not isinstance(getattr(thing, name, None), ModuleType)
        }
    )


def compared() -> list[Namespace]:
    """Every namespace, as the two modules are now."""
    found = []
    for path in NAMESPACES:
        ours = resolve("minigrad" + path.removeprefix("torch"))
        names = public_names(path)
        offered = [name for name in names if hasattr(ours, name)]
        found.append(Namespace(path, offered, [n for n in names if n not in set(offered)]))
    return found


def summary() -> str:
    """A Markdown table: how many names of each namespace there are."""
    lines = ["| namespace | torch's public names | of these in minigrad |", "| --- | --: | --: |"]
    lines += [f"| `{each.name}` | {each.total} | {len(each.offered)} |" for each in compared()]
    total = sum(each.total for each in compared()), sum(len(each.offered) for each in compared())
    return "\n".join([*lines, f"| together | {total[0]} | {total[1]} |"])


def listing() -> str:
    """The names that are there, by namespace, in Markdown."""
    parts = []
    for each in compared():
        names = " ".join(f"`{name}`" for name in each.offered) or "none"
        parts.append(f"## {each.name}\n\n{names}")
    return "\n\n".join(parts)
