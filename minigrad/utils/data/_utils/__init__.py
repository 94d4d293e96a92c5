"""Where torch keeps what its DataLoader is made of; programs take `default_collate` from here."""

from minigrad.utils.data._utils import collate

__all__ = ["collate"]
