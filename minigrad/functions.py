"""The functions of minigrad.ops that are torch's too, gathered from the files they are defined in.

Each of those files lists them in its ``__all__``.
"""

from minigrad.ops import arithmetic, elementwise, linalg, operators, reduction, shape
from minigrad.ops.arithmetic import *
from minigrad.ops.elementwise import *
from minigrad.ops.linalg import *
from minigrad.ops.operators import *
from minigrad.ops.reduction import *
from minigrad.ops.shape import *

__all__: list[str] = []
__all__ += arithmetic.__all__
__all__ += elementwise.__all__
__all__ += linalg.__all__
__all__ += operators.__all__
__all__ += reduction.__all__
__all__ += shape.__all__
