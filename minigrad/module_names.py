"""torch's names of modules, for a package whose files here have other names, or hold more each.

With them ``from minigrad.distributions.beta import Beta`` finds what is in gamma.py.
"""

import sys
from importlib import import_module

__all__ = ["name_modules"]


def name_modules(package: str, names: dict[str, str]) -> None:
    """Let a package's modules, the keys, be imported under the words of the values as well."""
    for name, others in names.items():
        module = import_module(f"{package}.{name}")
        for other in others.split():
            sys.modules[f"{package}.{other}"] = module
            setattr(sys.modules[package], other, module)
