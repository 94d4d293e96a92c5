"""The named tuples that functions with several results return, printed as torch prints them.

    values, indices = x.max(0)
    x.max(0).values

Code that is to know such a result again asks ``isinstance(y, minigrad.return_types.max)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, ClassVar, Self


class ReturnType(tuple[Any, ...]):
    """A tuple whose parts have names. It is made from a sequence of the parts."""

    __slots__ = ()

    fields: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, parts: Iterable[Any]) -> Self:
        made = super().__new__(cls, parts)
        if len(made) != len(cls.fields):
            raise TypeError(
                f"minigrad.return_types.{cls.__name__}() takes a {len(cls.fields)}-sequence "
                f"({len(made)}-sequence given)"
            )
        return made

    def __repr__(self) -> str:
        parts = [f"{name}={part!r}" for name, part in zip(self.fields, self, strict=True)]
        return f"minigrad.return_types.{type(self).__name__}(\n" + ",\n".join(parts) + ")"


def return_type(name: str, *fields: str) -> Any:
    """A named tuple ``minigrad.return_types.<name>`` with these parts."""
    parts = {field: property(itemgetter(i)) for i, field in enumerate(fields)}
    return type(
        name,
        (ReturnType,),
        {"__slots__": (), "__module__": __name__, "fields": fields, **parts},
    )


max = return_type("max", "values", "indices")
min = return_type("min", "values", "indices")
median = return_type("median", "values", "indices")
nanmedian = return_type("nanmedian", "values", "indices")
mode = return_type("mode", "values", "indices")
kthvalue = return_type("kthvalue", "values", "indices")
sort = return_type("sort", "values", "indices")
topk = return_type("topk", "values", "indices")
cummax = return_type("cummax", "values", "indices")
cummin = return_type("cummin", "values", "indices")
histogram = return_type("histogram", "hist", "bin_edges")
aminmax = return_type("aminmax", "min", "max")
