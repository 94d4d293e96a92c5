"""Fails the build if a page would load anything from the network.

A link that a reader may follow is fine; a script, style sheet, font or picture that the browser
fetches by itself is not: the pages must read the same without a connection, and tell nobody.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

logger = logging.getLogger(__name__)

_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_CSS_LOAD = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^'\")\s]+", re.IGNORECASE)
# rel values of <link> that only point somewhere.
_POINTERS = {"canonical", "license", "author", "next", "prev", "search", "index"}


class _Loads(HTMLParser):
    """Collects the remote addresses that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        loads = [values[name] for name in ("src", "srcset", "poster", "data") if name in values]
        if tag == "link" and not _POINTERS & set(values.get("rel", "").split()):
            loads.append(values.get("href", ""))
        self.found += [f"<{tag}> {address}" for address in loads if _REMOTE.match(address)]


def remote_loads(path: Path) -> list[str]:
    """What the HTML or CSS file at `path` would fetch from another host."""
    text = path.read_text(encoding="utf-8")
    found = _CSS_LOAD.findall(text)
    if path.suffix == ".html":
        parser = _Loads()
        parser.feed(text)
        found += parser.found
    return found


def check(app: Sphinx, exception: Exception | None) -> None:
    """Warns of each remote load in what was built; -W makes that an error."""
    if exception or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir).rglob("*")):
        if path.suffix in {".html", ".css"}:
            for load in remote_loads(path):
                logger.warning("%s loads from the network: %s", path.name, load)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Checks once the build is done."""
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
