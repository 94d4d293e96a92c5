"""torch's helpers for sizes that are one number or one for each dimension."""

from functools import partial

from minigrad.nn.modules.sizes import repeated

_single, _pair, _triple, _quadruple = [partial(repeated, n=n) for n in (1, 2, 3, 4)]
