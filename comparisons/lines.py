"""How many lines of code an engine asks of its reader, counted and not judged."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

_NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def training_lines(path: Path) -> int:
    """The lines in the body of `train` in the file at `path` that hold code.

    Blank lines and comments do not count, nor the docstring, nor the `yield`, which reports to the
    comparison and does not train. The files are formatted by one formatter, so a line is a line.

    Raises:
        ValueError: the file defines no `train`.
    """
    source = path.read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == "train":
            break
    else:
        raise ValueError(f"{path.name} defines no function train")
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NOT_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    lines = {line for part in body for line in _span(part)} & code
    for part in ast.walk(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Yield):
            lines -= set(_span(part))
    return len(lines)


def _span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
