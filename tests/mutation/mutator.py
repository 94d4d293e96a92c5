"""Small faults, put into a module one at a time: what the tests are for is to notice each.

A mutant is the source with one piece replaced by another. ``a * b`` becomes ``a / b``, ``a`` or
``b``; ``<`` becomes ``<=``; a sign, a ``not``, a branch or a statement is lost; a constant is one
more; two arguments change places; ``np.minimum`` stands for ``np.maximum``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DECLARES = ("primitive", "wide_primitive", "view")
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
# Where either operand alone is a plausible slip.
DROPPED = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.BitAnd, ast.BitOr)
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
PAIRS = [
    ("maximum", "minimum"),
    ("sin", "cos"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("cumsum", "cumprod"),
    ("floor", "ceil"),
    ("argmax", "argmin"),
    ("any", "all"),
    ("isnan", "isinf"),
]
# Where the order says nothing, or where the other order is an error that any test meets.
NOT_SWAPPED = ("isinstance", "getattr", "hasattr", "setattr", "min", "max")
NAMES = dict(PAIRS) | {b: a for a, b in PAIRS}


@dataclass(frozen=True)
class Mutant:
    """One fault. ``start`` and ``end`` are offsets into the file's bytes."""

    path: str
    line: int
    start: int
    end: int
    text: str
    scope: str  # the top-level name that it is in
    kind: str
    in_rule: bool  # in what a primitive is declared with, and not in another function
    was: str
    context: str  # the line of code that it is in
    column: int

    def apply(self, source: bytes) -> bytes:
        lines = source[self.start : self.end].count(b"\n")  # those that follow keep their numbers
        new = "(" + self.text + "\n" * lines + ")"
        return source[: self.start] + new.encode() + source[self.end :]

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    @property
    def name(self) -> str:
        """The fault without its line, which other edits move."""
        now, was = (" ".join(text.split()) for text in (self.text, self.was))
        change = f"{self.path} {self.scope}: [{self.kind}] {was}  ->  {now}"
        return f"{change}  at {self.column} of {self.context}"

    def __str__(self) -> str:
        return self.name.replace(" ", f":{self.line} ", 1)


def mutants(path: Path, root: Path) -> list[Mutant]:
    """All mutants of a file's functions, and of the lambdas its primitives are declared with."""
    source = path.read_bytes()
    tree = ast.parse(source)
    texts = source.decode().splitlines()
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    rules = {name for name, node in top_level(tree) for name in declared_with(node)}
    found: dict[tuple[int, int, str], Mutant] = {}
    for name, node in top_level(tree):
        declares = bool(declared_with(node)) or declares_here(node)
        in_rule = name in rules or declares
        parts = [node] if isinstance(node, ast.FunctionDef | ast.ClassDef) else lambdas(node)
        for part in parts:
            for place, kind, new in sites(part):
                start = lines[place.lineno - 1] + place.col_offset
                end = lines[place.end_lineno - 1] + place.end_col_offset
                was, text = source[start:end].decode(), ast.unparse(new)
                if ast.unparse(place) == text:
                    continue
                where = str(path.relative_to(root))
                line = texts[place.lineno - 1]
                context, column = line.strip(), place.col_offset - len(line) + len(line.lstrip())
                mutant = Mutant(
                    where, place.lineno, start, end, text, name, kind, in_rule, was, context, column
                )
                found.setdefault((start, end, text), mutant)
    return list(found.values())


def top_level(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """The statements of a module that define something, with the name they define."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id != "__all__":
                yield target.id, node


def declarations(node: ast.AST) -> Iterator[ast.Call]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and is_name(part.func, *DECLARES):
            yield part


def declares_here(node: ast.stmt) -> bool:
    return not isinstance(node, ast.ClassDef) and any(True for _ in declarations(node))


def declared_with(node: ast.stmt) -> set[str]:
    """The functions that the primitives declared here are given, or that their lambdas call."""
    names = set()
    for call in declarations(node):
        for argument in [*call.args, *[keyword.value for keyword in call.keywords]]:
            names |= {part.id for part in ast.walk(argument) if isinstance(part, ast.Name)}
    return names


def lambdas(node: ast.AST) -> list[ast.Lambda]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Lambda)]


def sites(node: Any) -> Iterator[tuple[Any, str, ast.AST]]:
    """(piece, sort of fault, expression in its place), for all that is in a definition.

    Not in what nothing computes with: annotations, decorators, texts, what is raised, and the
    ``strict`` of zip, which asserts what holds.
    """
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
        return
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return
    if isinstance(node, ast.expr):
        for kind, new in replacements(node):
            yield node, kind, new
    if isinstance(node, ast.If):
        yield node.test, "branch removed", ast.Constant(False)
    if isinstance(node, ast.stmt) and can_be_left_out(node):
        yield node, "left out", ast.Constant(None)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from sites(part)


def replacements(node: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.BinOp):
        other = OPERATORS.get(type(node.op))
        if other is not None:
            yield "operator", ast.BinOp(node.left, other(), node.right)
        if isinstance(node.op, DROPPED):
            yield "dropped", node.left
            yield "dropped", node.right
        elif isinstance(node.op, ast.MatMult):
            yield "swapped", ast.BinOp(node.right, ast.MatMult(), node.left)
    elif isinstance(node, ast.UnaryOp):
        yield "sign", node.operand
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            other_op = COMPARISONS[type(op)]
            yield "comparison", with_item(node, "ops", i, other_op())
    elif isinstance(node, ast.BoolOp):
        op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "operator", ast.BoolOp(op, node.values)
    elif isinstance(node, ast.IfExp):
        yield "branch removed", node.body
        yield "branch removed", node.orelse
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "constant", ast.Constant(not node.value)
        elif isinstance(node.value, int | float):
            yield "constant", ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call):
        plain = len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args[:2])
        if plain and not is_name(node.func, *NOT_SWAPPED):
            swapped = [node.args[1], node.args[0], *node.args[2:]]
            yield "swapped", ast.Call(node.func, swapped, node.keywords)
    elif isinstance(node, ast.Attribute) and is_name(node.value, "np") and node.attr in NAMES:
        yield "function", ast.Attribute(node.value, NAMES[node.attr])


def can_be_left_out(node: ast.stmt) -> bool:
    """Whether the statements that follow run without it: it calls, writes into, or updates."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Yield)
    if isinstance(node, ast.Assign):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        read = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
        return names <= read and not isinstance(node.targets[0], ast.Tuple)
    return isinstance(node, ast.AugAssign | ast.Delete)


def is_name(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def with_item(node: Any, field: str, i: int, value: Any) -> Any:
    """A copy of a node with one item of a list of it replaced."""
    new = copy.copy(node)
    items = list(getattr(node, field))
    items[i] = value
    setattr(new, field, items)
    return new
