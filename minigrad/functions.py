"""The functions of minigrad.ops that are torch's too, gathered from the files they are defined in.

Each of those files lists them in its ``__all__``; later.py has those of the files that are imported
when they are first needed.
"""

from typing import TYPE_CHECKING

from minigrad.ops import (
    arithmetic,
    bounds,
    comparison,
    dims,
    elementwise,
    gathering,
    linalg,
    operators,
    reduction,
    shape,
)
from minigrad.ops.arithmetic import *
from minigrad.ops.bounds import *
from minigrad.ops.comparison import *
from minigrad.ops.dims import *
from minigrad.ops.elementwise import *
from minigrad.ops.gathering import *
from minigrad.ops.linalg import *
from minigrad.ops.operators import *
from minigrad.ops.reduction import *
from minigrad.ops.shape import *

if TYPE_CHECKING:  # a type checker goes by the imports
    from minigrad.ops.aliases import *
    from minigrad.ops.bits import *
    from minigrad.ops.blends import *
    from minigrad.ops.choice import *
    from minigrad.ops.complexes import *
    from minigrad.ops.copies import *
    from minigrad.ops.counting import *
    from minigrad.ops.decompositions import *
    from minigrad.ops.diagonals import *
    from minigrad.ops.differences import *
    from minigrad.ops.distances import *
    from minigrad.ops.einstein import *
    from minigrad.ops.histograms import *
    from minigrad.ops.householder import *
    from minigrad.ops.indexing import *
    from minigrad.ops.integrals import *
    from minigrad.ops.joining import *
    from minigrad.ops.layouts import *
    from minigrad.ops.least_squares import *
    from minigrad.ops.low_rank import *
    from minigrad.ops.lu import *
    from minigrad.ops.masks import *
    from minigrad.ops.matrix_exponential import *
    from minigrad.ops.norms import *
    from minigrad.ops.padding import *
    from minigrad.ops.pixels import *
    from minigrad.ops.products import *
    from minigrad.ops.quantiles import *
    from minigrad.ops.rarer import *
    from minigrad.ops.repetition import *
    from minigrad.ops.rounding import *
    from minigrad.ops.rows import *
    from minigrad.ops.sampling import *
    from minigrad.ops.scans import *
    from minigrad.ops.scatter_reduction import *
    from minigrad.ops.scattering import *
    from minigrad.ops.searching import *
    from minigrad.ops.signs import *
    from minigrad.ops.slicing import *
    from minigrad.ops.softmax import *
    from minigrad.ops.solving import *
    from minigrad.ops.sorting import *
    from minigrad.ops.special import *
    from minigrad.ops.splitting import *
    from minigrad.ops.statistics import *
    from minigrad.ops.striding import *
    from minigrad.ops.trigonometry import *
else:
    __all__ = [
        *arithmetic.__all__,
        *bounds.__all__,
        *comparison.__all__,
        *dims.__all__,
        *elementwise.__all__,
        *gathering.__all__,
        *linalg.__all__,
        *operators.__all__,
        *reduction.__all__,
        *shape.__all__,
    ]
