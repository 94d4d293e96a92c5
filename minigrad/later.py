"""What is imported when it is first used: most programs need few of the operators.

`LATER` says where a name of minigrad's own is defined, so that nothing is imported to find it. For
the methods of a tensor, this module's attributes stand in for modules of minigrad.ops::

    from minigrad.later import solving

    det: Method = solving.det       # the first x.det imports minigrad.ops.solving
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

# The operators' modules, each with what it has for minigrad's own namespace: its ``__all__``.
OPERATORS = {
    "aliases": (
        "alpha_dropout batch_norm detach dropout embedding feature_alpha_dropout get_device "
        "instance_norm is_signed set_flush_denormal"
    ),
    "bits": "bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor",
    "blends": "addcdiv addcmul fill lerp",
    "calls": "",
    "choice": "where",
    "complexes": "angle conj conj_physical imag is_conj is_neg real resolve_conj resolve_neg",
    "copies": (
        "alias_copy as_strided_copy diagonal_copy expand_copy permute_copy select_copy "
        "slice_copy split_copy split_with_sizes_copy squeeze_copy t_copy transpose_copy "
        "unbind_copy unfold_copy unsqueeze_copy view_copy"
    ),
    "counting": "all any bincount count_nonzero histc histogram",
    "decompositions": "cholesky qr svd",
    "diagonals": "diag diag_embed diagflat diagonal diagonal_scatter tril triu",
    "differences": "diff gradient",
    "distances": "cdist",
    "einstein": "einsum",
    "filling": "",
    "histograms": "histogramdd",
    "householder": "geqrf orgqr ormqr",
    "in_place_functions": (
        "abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ "
        "as_strided_ asin_ asinh_ atan_ atanh_ ceil_ clamp_ clamp_max_ clamp_min_ clip_ cos_ "
        "cosh_ deg2rad_ detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_ gcd_ i0_ "
        "index_put_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ "
        "rad2deg_ reciprocal_ resize_as_ round_ rsqrt_ sigmoid_ sin_ sinc_ sinh_ sqrt_ "
        "square_ tan_ tanh_ trunc_ xlogy_ zero_"
    ),
    "indexing": "index_put",
    "integrals": "cumulative_trapezoid trapezoid trapz",
    "joining": (
        "block_diag cartesian_prod cat column_stack combinations concat concatenate dstack "
        "hstack meshgrid row_stack stack vstack"
    ),
    "layouts": "empty_permuted empty_strided",
    "least_squares": "cholesky_inverse cholesky_solve triangular_solve",
    "low_rank": "pca_lowrank svd_lowrank",
    "lu": "lu lu_solve lu_unpack",
    "masks": "argwhere masked_fill masked_scatter masked_select nonzero nonzero_static",
    "matrix_exponential": "matrix_exp",
    "norms": "dist norm renorm",
    "padding": "constant_pad_nd",
    "pixels": "channel_shuffle pixel_shuffle pixel_unshuffle",
    "products": "addbmm addmv addr baddbmm chain_matmul cross ger inner kron outer tensordot vdot",
    "quantiles": "nanquantile quantile",
    "rarer": "frexp gcd heaviside lcm ldexp nextafter unravel_index vander",
    "repetition": "flip fliplr flipud repeat_interleave roll rot90 tile",
    "rounding": "ceil fix floor floor_divide fmod frac remainder round trunc",
    "rows": "index_add index_copy index_fill index_select",
    "sampling": "bernoulli binomial multinomial poisson",
    "scans": "cummax cummin cumprod cumsum logcumsumexp prod",
    "scatter_reduction": "index_reduce scatter_reduce",
    "scattering": "put scatter scatter_add",
    "searching": "bucketize isin searchsorted unique unique_consecutive",
    "signs": "abs absolute copysign positive sgn sign signbit",
    "slicing": "narrow narrow_copy select select_scatter slice_scatter",
    "softmax": "log_softmax logsumexp softmax",
    "solving": "det inverse logdet matrix_power pinverse slogdet",
    "sorting": "argsort kthvalue median mode msort nanmedian sort topk",
    "special": "digamma erf erfc erfinv i0 igamma igammac lgamma mvlgamma polygamma",
    "splitting": (
        "chunk dsplit hsplit split split_with_sizes tensor_split unbind unsafe_chunk "
        "unsafe_split unsafe_split_with_sizes vsplit"
    ),
    "statistics": "corrcoef cov nanmean nansum std std_mean trace var var_mean",
    "striding": "as_strided",
    "trigonometry": (
        "acos acosh arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan "
        "atan2 atanh cos cosh deg2rad hypot rad2deg sin sinc sinh tan tanh"
    ),
}

# The same of other modules.
MODULES = {
    "amp": "GradScaler autocast is_autocast_enabled",
    "autograd.anomaly_mode": "is_anomaly_check_nan_enabled is_anomaly_enabled set_anomaly_enabled",
    "func": "vmap",
    "legacy": (
        "BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor "
        "LongTensor ShortTensor"
    ),
    "nn.functional": (
        "adaptive_avg_pool1d avg_pool1d bilinear celu celu_ conv1d conv2d conv3d "
        "conv_transpose1d conv_transpose2d conv_transpose3d cosine_similarity group_norm "
        "hardshrink layer_norm max_pool1d max_pool1d_with_indices max_pool2d max_pool3d "
        "pairwise_distance pdist prelu relu_ rms_norm rrelu rrelu_ selu selu_ threshold "
        "threshold_"
    ),
    "printing": "set_printoptions",
    "random": (
        "Generator default_generator get_rng_state initial_seed manual_seed normal rand "
        "rand_like randint randint_like randn randn_like randperm seed set_rng_state"
    ),
    "serialization": "load save",
    "shared_functions": "adaptive_max_pool1d",
    "typeinfo": (
        "can_cast finfo iinfo is_complex is_floating_point is_nonzero is_same_size is_storage "
        "is_tensor numel promote_types result_type set_default_tensor_type typename"
    ),
    "windows": "bartlett_window blackman_window hamming_window hann_window kaiser_window",
}

PACKAGES = (
    "accelerator amp backends compiler cuda distributed distributions fft func functional futures "
    "fx hub jit library linalg multiprocessing nn optim profiler random return_types signal "
    "special testing types utils version"
)

# The module to import for each name.
LATER = {
    **{name: f"minigrad.{name}" for name in PACKAGES.split()},
    **{
        name: f"minigrad.{path}{module}"
        for path, family in (("ops.", OPERATORS), ("", MODULES))
        for module, names in family.items()
        for name in names.split()
    },
}


class Deferred:
    """A function whose module is imported when it is called, or looked up as a method."""

    __slots__ = ("__name__", "function", "module", "place")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.__name__ = name
        self.function: Callable[..., Any] | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.place = owner, name

    def find(self) -> Any:
        return getattr(importlib.import_module(self.module), self.__name__)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if self.function is None:
            self.function = self.find()
        return self.function(*args, **settings)

    def __get__(self, instance: Any, owner: type) -> Any:
        method = self.find()
        setattr(*self.place, method)  # what this has stood in for
        return method.__get__(instance, owner)


class Family:
    """Stands in for a module: its attributes are deferred."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Deferred:
        return Deferred(self.module, name)


def __getattr__(name: str) -> Any:
    if name not in OPERATORS:
        raise AttributeError(f"module 'minigrad.later' has no attribute '{name}'")
    return Family(f"minigrad.ops.{name}")
