"""A mistake, as a change of minigrad's own source: the right lines, and the wrong ones.

Nothing else is declared: what a page shows as the wrong line is what the wrong engine runs. To
change a function, its code is exchanged; to change a rule, the plans of the operators that
have it::

    with GALLERY["relu-one-at-zero"].made():
        ...                       # here relu'(0) is 1
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
import re
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from importlib import import_module
from types import CodeType
from typing import Any

from minigrad.autograd.node import Plan
from minigrad.autograd.value import mode

Undo = Callable[[], None]

# One wrong engine at a time: code is exchanged for the whole process.
lock = threading.RLock()


@dataclass(frozen=True)
class Edit:
    """One place of the source, and what a mistake writes there instead.

    where: "autograd.backward:run", a function or method; or "ops.bounds:_relu", an operator, or
           several of them that are declared by the same lines: then the lines are its rules.
    also:  more lines of the same function.
    """

    where: str
    right: str
    wrong: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def module(self) -> Any:
        return import_module(f"minigrad.{self.where.partition(':')[0]}")

    @property
    def targets(self) -> list[Any]:
        paths = self.where.partition(":")[2].split()
        found = [reduce(getattr, path.split("."), self.module) for path in paths]
        return [inspect.unwrap(target) for target in found]  # without its decorators

    @property
    def operators(self) -> list[Any]:
        """The operators whose rules are changed; none where it is a function's code."""
        return [target for target in self.targets if hasattr(target, "primitive")]

    def make(self) -> Undo:
        """Change the engine. Returns what changes it back."""
        if self.operators:
            undone = ExitStack()
            for operator in self.operators:
                undone.callback(exchange_rules(operator.primitive, self.rules))
            return undone.close
        (function,) = self.targets
        before, function.__code__ = function.__code__, self.code
        return partial(setattr, function, "__code__", before)

    @cached_property
    def rules(self) -> dict[str, Any]:
        """The wrong rules, by the names of their operands."""
        return self.declared(self.wrong)

    def declared(self, lines: str) -> dict[str, Any]:
        """Rules as functions, from the lines of a declaration."""
        code = compile(f"dict(\n{lines}\n)", self.module.__file__, "eval", FLAGS, True)
        found: dict[str, Any] = eval(code, vars(self.module))
        return found

    @cached_property
    def code(self) -> CodeType:
        """The code of the function with the wrong lines in it."""
        (function,) = self.targets
        source = textwrap.dedent(inspect.getsource(function))
        for right, wrong in ((self.right, self.wrong), *self.also):
            if source.count(right) != 1:
                raise LookupError(f"{self.where} has not once the lines\n{right}")
            source = source.replace(right, wrong)
        lines = "\n" * (function.__code__.co_firstlineno - 1) + source  # errors show their numbers
        made: dict[str, Any] = {}
        code = compile(lines, self.module.__file__, "exec", FLAGS, True)
        exec(code, vars(self.module), made)
        found: CodeType = inspect.unwrap(made[function.__name__]).__code__
        return found


FLAGS = __future__.annotations.compiler_flag


def exchange_rules(declared: Any, rules: dict[str, Any]) -> Undo:
    """Give an operator other rules. Its plans are changed, not replaced: there are references."""
    rules_before = dict(declared.rules)
    plans_before = {
        needs: (plan, {name: getattr(plan, name) for name in Plan.__slots__})
        for needs, plan in declared.plans.items()
    }

    def undo() -> None:
        declared.rules.clear()
        declared.rules.update(rules_before)
        declared.plans.clear()
        for needs, (plan, fields) in plans_before.items():
            declared.plans[needs] = plan
            set_fields(plan, fields)

    declared.rules.update(rules)
    for needs, (plan, _) in plans_before.items():
        del declared.plans[needs]
        made = declared.plan(needs)
        set_fields(plan, {name: getattr(made, name) for name in Plan.__slots__})
        declared.plans[needs] = plan
    return undo


def set_fields(plan: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(plan, name, value)


@dataclass(frozen=True)
class Mistake:
    """A wrong engine: minigrad with one mistake, that learners make.

    name:     what it is called.
    question: what learners ask whose answer this is.
    what:     what the engine does wrong, in one sentence that goes on from "an engine that ...".
    why:      why one does so, and why it is wrong.
    edits:    the wrong lines.
    program:  three lines that expose it; the last is an expression, the answer.
    tests:    tests of the public suite that fail for it.
    words:    expressions from which a search builds programs (counterexamples.py).
    shapes:   the shapes that the leaves of such programs may have.
    """

    name: str
    question: str
    what: str
    why: str
    edits: tuple[Edit, ...]
    program: str
    tests: tuple[str, ...]
    words: tuple[str, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ((), (2,), (1, 2), (2, 1), (2, 2))

    @contextmanager
    def made(self) -> Iterator[None]:
        """A block in which minigrad has this mistake, in all threads; another thread waits."""
        with lock, ExitStack() as stack:
            stack.callback(setattr, mode, "grad", mode.grad)  # some mistakes leave it changed
            for edit in self.edits:
                stack.callback(edit.make())
            yield

    def answers(self) -> tuple[str, str]:
        """What the program answers with the right engine, and with the wrong one."""
        import minigrad

        right = answer(self.program, minigrad)
        with self.made():
            return right, answer(self.program, minigrad)


def answer(program: str, library: Any) -> str:
    """What the last line of a program shows, or the error that ends it; `torch` is the library."""
    *statements, last = ast.parse(textwrap.dedent(program)).body
    assert isinstance(last, ast.Expr)
    scope: dict[str, Any] = {"torch": library, "contextlib": contextlib}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(ast.Module(statements, []), "<program>", "exec"), scope)
            return repr(eval(compile(ast.Expression(last.value), "<program>", "eval"), scope))
    except Exception as error:
        return f"{type(error).__name__}: " + re.split(r"\. |\n|: | \(", str(error))[0]
