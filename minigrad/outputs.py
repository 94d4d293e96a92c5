"""``out=``: the result written into a tensor that is there already.

Most functions of torch's namespaces take one or, where they have several results, a tuple of them;
methods do not. So it is the namespaces that add it to what minigrad.ops has, by `takes_out`.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.autograd.value import mode
from minigrad.errors import c_name, type_name, users_line
from minigrad.ops.arguments import need_tensor
from minigrad.promotion import CATEGORY


def converted(made: Any, wanted: Any) -> Exception | None:
    """Refuses a kind of number that does not hold the result: integers for floats, say."""
    if CATEGORY[made.kind] <= CATEGORY[wanted.kind]:
        return None
    return RuntimeError(
        f"result type {type_name(made)} can't be cast to the desired output type "
        f"{type_name(wanted)}"
    )


def joined(made: Any, wanted: Any) -> Exception | None:
    """As `converted`, with the error of `cat`."""
    if CATEGORY[made.kind] <= CATEGORY[wanted.kind]:
        return None
    return TypeError(
        f"torch.cat(): input types can't be cast to the desired output type {type_name(wanted)}"
    )


def exact(made: Any, wanted: Any) -> Exception | None:
    """Refuses another dtype."""
    if made == wanted:
        return None
    return RuntimeError(
        f"Expected out tensor to have dtype {c_name(made)}, but got {c_name(wanted)} instead"
    )


def rounded(made: Any, wanted: Any) -> Exception | None:
    """As `exact`, with the error of `floor` and its like."""
    if made == wanted:
        return None
    return RuntimeError(f"Found dtype {type_name(wanted)} but expected {type_name(made)}")


def computed(made: Any, wanted: Any) -> Exception | None:
    """The function itself computes in the dtype of ``out``, unless it is asked for another."""
    if made == wanted:
        return None
    return RuntimeError(
        f"dtype {type_name(made)} does not match dtype of out parameter ({type_name(wanted)})"
    )


# By what is said of another dtype, the functions that take ``out=``.
NAMES = {
    converted: (
        "acos acosh add addcdiv addcmul addr angle arccos arccosh arcsin arcsinh arctan arctan2 "
        "arctanh asin asinh atan atan2 atanh bernoulli bitwise_and bitwise_left_shift bitwise_not "
        "bitwise_or bitwise_right_shift bitwise_xor cholesky cholesky_inverse cholesky_solve clamp "
        "clamp_max clamp_min clip copysign cos cosh deg2rad digamma div divide eq erf erfc erfinv "
        "exp exp2 expm1 floor_divide fmax fmin fmod gcd ge geqrf ger greater greater_equal gt "
        "hypot i0 igamma igammac kron lcm ldexp le less less_equal lgamma log log10 log1p log2 "
        "logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logit logsumexp lt "
        "lu maximum minimum mul multiply mvlgamma ne nextafter not_equal outer polygamma pow "
        "rad2deg reciprocal remainder rsqrt sigmoid sin sinc sinh sqrt square std sub subtract tan "
        "tanh true_divide var where xlogy linalg.cond linalg.householder_product linalg.lstsq "
        "linalg.matrix_rank linalg.pinv linalg.tensorinv linalg.tensorsolve "
        "special.chebyshev_polynomial_t special.chebyshev_polynomial_u "
        "special.chebyshev_polynomial_v special.chebyshev_polynomial_w special.digamma "
        "special.entr special.erf special.erfc special.erfcx special.erfinv special.exp2 "
        "special.expit special.expm1 special.gammainc special.gammaincc special.gammaln "
        "special.hermite_polynomial_h special.hermite_polynomial_he special.i0 special.i0e "
        "special.i1 special.i1e special.laguerre_polynomial_l special.legendre_polynomial_p "
        "special.log1p special.log_ndtr special.logit special.logsumexp special.modified_bessel_i0 "
        "special.modified_bessel_i1 special.modified_bessel_k0 special.modified_bessel_k1 "
        "special.multigammaln special.ndtr special.ndtri special.polygamma special.psi "
        "special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1 "
        "special.shifted_chebyshev_polynomial_t special.shifted_chebyshev_polynomial_u "
        "special.shifted_chebyshev_polynomial_v special.shifted_chebyshev_polynomial_w "
        "special.sinc special.spherical_bessel_j0 special.xlog1py special.xlogy special.zeta"
    ),
    joined: "cat column_stack concat concatenate dstack hstack row_stack stack vstack",
    exact: (
        "addbmm addmm addmv alias_copy all amax amin aminmax any argmax argmin argsort "
        "as_strided_copy baddbmm bmm bucketize chain_matmul cross cummax cummin "
        "diag diagonal_copy diff dot expand_copy float_power frexp gather heaviside histc "
        "histogram index_add index_copy index_reduce index_select inner inverse isin isneginf "
        "isposinf kthvalue log_softmax logcumsumexp lu_solve lu_unpack masked_select matmul "
        "matrix_power max median min mm mode msort multinomial mv nan_to_num nanmedian nanquantile "
        "narrow_copy nonzero nonzero_static norm normal ormqr permute_copy qr quantile renorm "
        "scatter scatter_add scatter_reduce searchsorted signbit slice_scatter softmax sort "
        "split_with_sizes_copy squeeze_copy svd t_copy take take_along_dim tensordot topk "
        "transpose_copy triangular_solve tril triu unbind_copy unfold_copy unsqueeze_copy vdot "
        "view_copy linalg.cholesky linalg.cholesky_ex linalg.cross linalg.det linalg.eigh "
        "linalg.eigvalsh "
        "linalg.inv linalg.inv_ex linalg.lu linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve "
        "linalg.matmul linalg.matrix_norm linalg.matrix_power linalg.multi_dot linalg.norm "
        "linalg.qr linalg.slogdet linalg.solve linalg.solve_ex linalg.solve_triangular linalg.svd "
        "linalg.svdvals linalg.vecdot linalg.vector_norm"
    ),
    rounded: (
        "abs absolute ceil conj_physical fix floor frac lerp neg negative round sgn sign trunc "
        "special.round"
    ),
    computed: (
        "arange cumprod cumsum empty eye full linspace logspace mean nanmean nansum ones prod rand "
        "randint randn randperm range sum zeros"
    ),
}
# They fill whatever they are given; what the others compute should have had its size.
FILLING = (
    "bernoulli empty eye full linspace logspace multinomial normal ones rand randint randn "
    "randperm range zeros"
)
REFUSALS = {name: refusal for refusal, names in NAMES.items() for name in names.split()}


def takes_out(name: str, function: Any) -> Any:
    """The function with ``out=``, if torch's function of this name (``"linalg.inv"``) has it."""
    refusal = REFUSALS.get(name)
    if refusal is None:
        return function

    @functools.wraps(function)
    def apply(*operands: Any, out: Any = None, **settings: Any) -> Any:
        if out is None:
            return function(*operands, **settings)
        if refusal is computed:
            settings.setdefault("dtype", getattr(out, "dtype", None))
        return into(out, name.replace(".", "_"), refusal, function, operands, settings)

    space, _, own = f"minigrad.{name}".rpartition(".")
    apply.__module__, apply.__name__, apply.__qualname__ = space, own, own  # so that it pickles
    return apply


def into(
    out: Any,
    name: str,
    refusal: Callable[[Any, Any], Exception | None],
    function: Callable[..., Any],
    operands: tuple[Any, ...],
    settings: dict[str, Any],
) -> Any:
    """``out``, with the result of ``function`` written into it, and resized for it.

    refusal: the error, or None, for the result's dtype and that of ``out``. Raises RuntimeError
    where a gradient is wanted of anything that takes part, TypeError where ``out`` is no tensor, or
    not as many as there are results.
    """
    outs = tuple(out) if isinstance(out, list | tuple) else (out,)
    for each in outs:
        need_tensor(name, each, "out", None)
    if mode.grad and any(wants_grad(x) for x in (*outs, *operands, *settings.values())):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            f"but one of the arguments requires grad. Write out = {name}(...), or compute under "
            "no_grad()."
        )
    with no_grad():
        result = function(*operands, **settings)
        several = isinstance(result, list | tuple)
        results = tuple(result) if several else (result,)
        if several is not isinstance(out, list | tuple):
            wanted = "tuple of Tensors" if several else "Tensor"
            raise TypeError(f"{name}(): argument 'out' must be {wanted}, not {type(out).__name__}")
        if len(outs) != len(results):
            raise TypeError(f"expected tuple of {len(results)} elements but got {len(outs)}")
        for each, made in zip(outs, results, strict=True):
            if (error := refusal(made.array.dtype, each.array.dtype)) is not None:
                raise error
        for each, made in zip(outs, results, strict=True):
            write(each, made, name)
    return type(result)(outs) if isinstance(result, tuple) else out


def wants_grad(x: Any) -> bool:
    """Whether it is a tensor that requires grad, or a sequence with one."""
    if isinstance(x, list | tuple):
        return any(wants_grad(each) for each in x)
    return getattr(x, "requires_grad", False)


def write(out: Any, made: Any, name: str) -> None:
    if out.array.shape != made.array.shape:
        if out.array.size and name not in FILLING.split():
            warnings.warn(size_differs(out, made, name), UserWarning, stacklevel=users_line())
        out.resize_(made.array.shape)
    out.copy_(made)


def size_differs(out: Any, made: Any, name: str) -> str:
    given = list(out.array.shape)
    if name == "arange":
        return (
            f"The number of elements in the out tensor of shape {given} is {out.array.size} which "
            f"does not match the computed number of elements {made.array.size}."
        )
    return (
        f"An output with one or more elements was resized since it had shape {given}, which does "
        f"not match the required output shape {list(made.array.shape)}."
    )
