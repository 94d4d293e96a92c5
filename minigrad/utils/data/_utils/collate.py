"""The functions of `minigrad.utils.data` that make batches, by torch's other path to them."""

from minigrad.utils.data.collate import default_collate, default_convert

__all__ = ["default_collate", "default_convert"]
