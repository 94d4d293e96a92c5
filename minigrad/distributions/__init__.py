"""Probability distributions to sample from and to take log-probabilities of."""

from minigrad.distributions import (  # noqa: F401 -- the rules of divergences register themselves
    constraint_registry,
    constraints,
    kl,
    kl_of_low_rank,
    kl_of_one_kind,
    kl_of_two_kinds,
    transforms,
    utils,
)
from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.categorical import Categorical
from minigrad.distributions.constraint_registry import biject_to, transform_to
from minigrad.distributions.continuous_bernoulli import ContinuousBernoulli
from minigrad.distributions.counts import Binomial, Multinomial, NegativeBinomial
from minigrad.distributions.distribution import Distribution
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.distributions.fisher_snedecor import FisherSnedecor
from minigrad.distributions.gamma import Beta, Chi2, Dirichlet, Gamma, StudentT
from minigrad.distributions.generalized_pareto import GeneralizedPareto
from minigrad.distributions.independent import Independent
from minigrad.distributions.kl import kl_divergence, register_kl
from minigrad.distributions.lkj_cholesky import LKJCholesky
from minigrad.distributions.location_scale import Cauchy, Laplace
from minigrad.distributions.logistic_normal import LogisticNormal
from minigrad.distributions.low_rank_multivariate_normal import LowRankMultivariateNormal
from minigrad.distributions.mixture import MixtureSameFamily, OneHotCategorical
from minigrad.distributions.multivariate_normal import MultivariateNormal
from minigrad.distributions.normal import Normal
from minigrad.distributions.power_laws import HalfCauchy, InverseGamma, Kumaraswamy, Pareto, Weibull
from minigrad.distributions.relaxed import (
    OneHotCategoricalStraightThrough,
    RelaxedBernoulli,
    RelaxedOneHotCategorical,
)
from minigrad.distributions.transformed import (
    Gumbel,
    HalfNormal,
    LogNormal,
    TransformedDistribution,
)
from minigrad.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    CatTransform,
    ComposeTransform,
    CorrCholeskyTransform,
    CumulativeDistributionTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    PowerTransform,
    ReshapeTransform,
    SigmoidTransform,
    SoftmaxTransform,
    SoftplusTransform,
    StackTransform,
    StickBreakingTransform,
    TanhTransform,
    Transform,
    identity_transform,
)
from minigrad.distributions.uniform import Uniform
from minigrad.distributions.von_mises import VonMises
from minigrad.distributions.waiting import Exponential, Geometric, Poisson
from minigrad.distributions.wishart import Wishart
from minigrad.module_names import name_modules

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "Bernoulli",
    "Beta",
    "Binomial",
    "CatTransform",
    "Categorical",
    "Cauchy",
    "Chi2",
    "ComposeTransform",
    "ContinuousBernoulli",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "Dirichlet",
    "Distribution",
    "ExpTransform",
    "Exponential",
    "ExponentialFamily",
    "FisherSnedecor",
    "Gamma",
    "GeneralizedPareto",
    "Geometric",
    "Gumbel",
    "HalfCauchy",
    "HalfNormal",
    "Independent",
    "IndependentTransform",
    "InverseGamma",
    "Kumaraswamy",
    "LKJCholesky",
    "Laplace",
    "LogNormal",
    "LogisticNormal",
    "LowRankMultivariateNormal",
    "LowerCholeskyTransform",
    "MixtureSameFamily",
    "Multinomial",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "OneHotCategorical",
    "OneHotCategoricalStraightThrough",
    "Pareto",
    "Poisson",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "RelaxedBernoulli",
    "RelaxedOneHotCategorical",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "StudentT",
    "TanhTransform",
    "Transform",
    "TransformedDistribution",
    "Uniform",
    "VonMises",
    "Weibull",
    "Wishart",
    "biject_to",
    "constraint_registry",
    "constraints",
    "identity_transform",
    "kl",
    "kl_divergence",
    "register_kl",
    "transform_to",
    "transforms",
]

name_modules(
    __name__,
    {
        "counts": "binomial multinomial negative_binomial",
        "exponential_family": "exp_family",
        "fisher_snedecor": "fishersnedecor",
        "gamma": "beta chi2 dirichlet studentT",
        "location_scale": "cauchy laplace",
        "low_rank_multivariate_normal": "lowrank_multivariate_normal",
        "mixture": "mixture_same_family",
        "power_laws": "half_cauchy inverse_gamma kumaraswamy pareto weibull",
        "relaxed": "one_hot_categorical relaxed_bernoulli relaxed_categorical",
        "transformed": "gumbel half_normal log_normal transformed_distribution",
        "waiting": "exponential geometric poisson",
    },
)
