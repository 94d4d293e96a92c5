"""``torch.hub`` without a network: names that programs import, and may not call."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["download_url_to_file", "help", "list", "load", "load_state_dict_from_url"]


def not_downloaded(what: str) -> NotImplementedError:
    return NotImplementedError(
        f"{what} is not downloaded: minigrad uses no network. Fetch the file, and convert it where "
        "torch is installed: minigrad.load() says how."
    )


def load_state_dict_from_url(url: str, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise not_downloaded(url)


def download_url_to_file(url: str, dst: str, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise not_downloaded(url)


def load(repo_or_dir: str, model: str, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise not_downloaded(f"{model} of {repo_or_dir}")


def list(github: str, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise not_downloaded(github)


def help(github: str, model: str, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise not_downloaded(f"{model} of {github}")
