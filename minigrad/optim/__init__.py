"""Optimizers: what a training step does to the parameters when their gradients are there."""

from minigrad.module_names import name_modules
from minigrad.optim import lr_scheduler, swa_utils
from minigrad.optim.adafactor import Adafactor
from minigrad.optim.adam import Adam, AdamW, NAdam, RAdam
from minigrad.optim.adaptive import Adadelta, Adagrad, Adamax, RMSprop
from minigrad.optim.asgd import ASGD
from minigrad.optim.lbfgs import LBFGS
from minigrad.optim.muon import Muon
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.rprop import Rprop
from minigrad.optim.sgd import SGD
from minigrad.optim.sparse_adam import SparseAdam

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
    "lr_scheduler",
    "swa_utils",
]

name_modules(__name__, {"adam": "adamw nadam radam", "adaptive": "adadelta adagrad adamax rmsprop"})
