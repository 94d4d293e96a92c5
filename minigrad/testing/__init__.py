"""Testing gradients, of minigrad and of any other engine: what its own tests are made with.

`assert_gradients_agree` compares engines on a function that is written once; `diagnose` compares a
derivative written by hand with the true one. The module `oracles` knows derivatives exactly,
`strategies` draws random functions and programs for hypothesis, `gallery` has wrong engines that
tests must catch. torch, TensorFlow and hypothesis are imported only where they are used.
"""

from minigrad.testing.agreement import assert_gradients_agree
from minigrad.testing.closeness import assert_allclose, assert_close
from minigrad.testing.creation import make_tensor
from minigrad.testing.diagnose import Diagnosis, diagnose
from minigrad.testing.engines import Engine, Names, NotApplicable, TensorFlow, TorchLike
from minigrad.testing.ledger import Ledger

__all__ = [
    "Diagnosis",
    "Engine",
    "Ledger",
    "Names",
    "NotApplicable",
    "TensorFlow",
    "TorchLike",
    "assert_allclose",
    "assert_close",
    "assert_gradients_agree",
    "diagnose",
    "make_tensor",
]
