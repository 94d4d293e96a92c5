"""The operators and methods of a Tensor that are operations of minigrad.ops, a line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.inplace import in_place, in_place_apart, update_in_place
from minigrad.autograd.value import Value
from minigrad.later import (
    aliases,
    bits,
    blends,
    calls,
    choice,
    complexes,
    counting,
    decompositions,
    diagonals,
    differences,
    filling,
    householder,
    indexing,
    layouts,
    least_squares,
    masks,
    matrix_exponential,
    norms,
    products,
    quantiles,
    rarer,
    repetition,
    rounding,
    rows,
    sampling,
    scans,
    scatter_reduction,
    scattering,
    searching,
    signs,
    slicing,
    solving,
    sorting,
    special,
    splitting,
    statistics,
    striding,
    trigonometry,
)
from minigrad.later import lu as lu_ops
from minigrad.later import softmax as softmax_ops
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
)
from minigrad.ops import shape as shape_ops

Method = Callable[..., Any]


class Operators(Value):
    """What Python's operators call."""

    __slots__ = ()

    __add__: Method = arithmetic.add
    __radd__: Method = arithmetic.add
    __sub__: Method = arithmetic.sub
    __rsub__: Method = operators.reversed_sub
    __mul__: Method = arithmetic.mul
    __rmul__: Method = arithmetic.mul
    __truediv__: Method = arithmetic.div
    __rtruediv__: Method = operators.rdiv
    __rdiv__: Method = operators.rdiv
    __floordiv__: Method = rounding.quotient
    __rfloordiv__: Method = rounding.reversed_quotient
    __mod__: Method = rounding.modulo
    __rmod__: Method = rounding.reversed_modulo
    __lshift__: Method = bits._left_shift
    __rlshift__: Method = bits.reversed_left_shift
    __rshift__: Method = bits._right_shift
    __rrshift__: Method = bits.reversed_right_shift
    __neg__: Method = operators.neg
    __pos__: Method = signs.positive
    __pow__: Method = operators.power
    __eq__: Method = comparison._eq
    __ne__: Method = comparison._ne
    __lt__: Method = comparison._lt
    __le__: Method = comparison._le
    __gt__: Method = comparison._gt
    __ge__: Method = comparison._ge
    __abs__: Method = signs.abs
    __and__: Method = bits._and
    __rand__: Method = bits._and
    __or__: Method = bits._or
    __ror__: Method = bits._or
    __xor__: Method = bits._xor
    __rxor__: Method = bits._xor
    __invert__: Method = bits.inverted
    __getitem__: Method = indexing.get_item
    __setitem__: Method = indexing.set_item
    __delitem__: Method = indexing.delete_item

    def __rpow__(self, base: Any) -> Any:
        return operators.power(base, self)

    def __matmul__(self, other: Any) -> Any:
        return linalg.matmul(self, other) if isinstance(other, Value) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        return linalg.matmul(other, self) if isinstance(other, Value) else NotImplemented


class InPlace(Operators):
    """The operations that write into the tensor, and return it."""

    __slots__ = ()

    apply_: Method = calls.apply_
    map_: Method = calls.map_
    map2_: Method = calls.map2_
    exp_: Method = in_place(elementwise.exp)
    exp2_: Method = in_place(elementwise.exp2)
    expm1_: Method = in_place(elementwise.expm1)
    log_: Method = in_place(elementwise.log)
    log1p_: Method = in_place(elementwise.log1p)
    log2_: Method = in_place(elementwise.log2)
    log10_: Method = in_place(elementwise.log10)
    logit_: Method = in_place(elementwise.logit)
    rsqrt_: Method = in_place(elementwise.rsqrt)
    sigmoid_: Method = in_place(elementwise.sigmoid)
    sqrt_: Method = in_place(elementwise.sqrt)
    xlogy_: Method = in_place(elementwise.xlogy)
    acos_: Method = in_place(trigonometry.acos)
    acosh_: Method = in_place(trigonometry.acosh)
    arccos_: Method = in_place(trigonometry.arccos)
    arccosh_: Method = in_place(trigonometry.arccosh)
    arcsin_: Method = in_place(trigonometry.arcsin)
    arcsinh_: Method = in_place(trigonometry.arcsinh)
    arctan_: Method = in_place(trigonometry.arctan)
    arctan2_: Method = in_place(trigonometry.arctan2)
    arctanh_: Method = in_place(trigonometry.arctanh)
    asin_: Method = in_place(trigonometry.asin)
    asinh_: Method = in_place(trigonometry.asinh)
    atan_: Method = in_place(trigonometry.atan)
    atan2_: Method = in_place(trigonometry.atan2)
    atanh_: Method = in_place(trigonometry.atanh)
    cos_: Method = in_place(trigonometry.cos)
    cosh_: Method = in_place(trigonometry.cosh)
    deg2rad_: Method = in_place(trigonometry.deg2rad)
    hypot_: Method = in_place(trigonometry.hypot)
    rad2deg_: Method = in_place(trigonometry.rad2deg)
    sin_: Method = in_place(trigonometry.sin)
    sinc_: Method = in_place(trigonometry.sinc)
    sinh_: Method = in_place(trigonometry.sinh)
    tan_: Method = in_place(trigonometry.tan)
    tanh_: Method = in_place(trigonometry.tanh)
    digamma_: Method = in_place(special.digamma)
    erf_: Method = in_place(special.erf)
    erfc_: Method = in_place(special.erfc)
    erfinv_: Method = in_place(special.erfinv)
    lgamma_: Method = in_place(special.lgamma)
    polygamma_: Method = in_place(special.polygamma_method)
    ceil_: Method = in_place(rounding.ceil)
    fix_: Method = in_place(rounding.fix)
    floor_: Method = in_place(rounding.floor)
    floor_divide_: Method = in_place(rounding.quotient_in_place)
    fmod_: Method = in_place(rounding.fmod)
    frac_: Method = in_place(rounding.frac)
    remainder_: Method = in_place(rounding.remainder)
    round_: Method = in_place(rounding.round)
    trunc_: Method = in_place(rounding.trunc)
    clamp_: Method = in_place(bounds.clamp)
    clamp_max_: Method = in_place(bounds.clamp_max)
    clamp_min_: Method = in_place(bounds.clamp_min)
    clip_: Method = in_place(bounds.clip)
    nan_to_num_: Method = in_place(bounds.nan_to_num)
    relu_: Method = in_place(bounds.relu)
    abs_: Method = in_place(signs.abs)
    absolute_: Method = in_place(signs.absolute)
    copysign_: Method = in_place(signs.copysign)
    sgn_: Method = in_place(signs.sgn)
    sign_: Method = in_place(signs.sign)
    eq_: Method = comparison.eq_
    ge_: Method = comparison.ge_
    greater_: Method = comparison.gt_
    greater_equal_: Method = comparison.ge_
    gt_: Method = comparison.gt_
    le_: Method = comparison.le_
    less_: Method = comparison.lt_
    less_equal_: Method = comparison.le_
    logical_and_: Method = in_place(comparison.logical_and, leaves=True)
    logical_not_: Method = in_place(comparison.logical_not, leaves=True)
    logical_or_: Method = in_place(comparison.logical_or, leaves=True)
    logical_xor_: Method = in_place(comparison.logical_xor, leaves=True)
    lt_: Method = comparison.lt_
    ne_: Method = comparison.ne_
    not_equal_: Method = comparison.ne_
    bitwise_and_: Method = in_place(bits.bitwise_and)
    bitwise_left_shift_: Method = in_place(bits.bitwise_left_shift)
    bitwise_not_: Method = in_place(bits.bitwise_not)
    bitwise_or_: Method = in_place(bits.bitwise_or)
    bitwise_right_shift_: Method = in_place(bits.bitwise_right_shift)
    bitwise_xor_: Method = in_place(bits.bitwise_xor)
    add_: Method = update_in_place(operators.add, np.add)
    div_: Method = update_in_place(operators.div, np.true_divide)
    divide_: Method = in_place(operators.divide)
    float_power_: Method = operators.float_power_
    mul_: Method = update_in_place(operators.mul, np.multiply)
    multiply_: Method = in_place(operators.multiply)
    neg_: Method = in_place(operators.neg)
    negative_: Method = in_place(operators.negative)
    pow_: Method = in_place(operators.pow)
    reciprocal_: Method = in_place(operators.reciprocal)
    square_: Method = in_place(operators.square)
    sub_: Method = update_in_place(operators.sub, np.subtract)
    subtract_: Method = in_place(operators.subtract)
    true_divide_: Method = in_place(operators.true_divide)
    addcdiv_: Method = in_place(blends.addcdiv)
    addcmul_: Method = in_place(blends.addcmul)
    lerp_: Method = in_place(blends.lerp)
    __ifloordiv__: Method = in_place(rounding.quotient_in_place)
    __imod__: Method = in_place(rounding.modulo)
    __iand__: Method = in_place(bits._and)
    __ior__: Method = in_place(bits._or)
    __ixor__: Method = in_place(bits._xor)
    __ilshift__: Method = in_place(bits._left_shift)
    __irshift__: Method = in_place(bits._right_shift)
    __iadd__: Method = update_in_place(arithmetic.add, np.add)
    __isub__: Method = update_in_place(arithmetic.sub, np.subtract)
    __imul__: Method = update_in_place(arithmetic.mul, np.multiply)
    __itruediv__: Method = update_in_place(arithmetic.div, np.true_divide)
    __ipow__: Method = in_place(operators.power)
    cumsum_: Method = in_place(scans.cumsum)
    cumprod_: Method = in_place(scans.cumprod)
    tril_: Method = in_place(diagonals.tril)
    triu_: Method = in_place(diagonals.triu)
    fill_diagonal_: Method = diagonals.fill_diagonal_
    masked_fill_: Method = in_place(masks.masked_fill)
    masked_scatter_: Method = in_place_apart(masks.masked_scatter)
    index_fill_: Method = in_place_apart(rows.index_fill)
    index_copy_: Method = in_place_apart(rows.index_copy)
    index_put_: Method = in_place_apart(indexing.index_put)
    index_add_: Method = in_place_apart(rows.index_add)
    put_: Method = in_place_apart(scattering.put)
    scatter_: Method = in_place_apart(scattering.scatter)
    scatter_reduce_: Method = in_place_apart(scatter_reduction.scatter_reduce)
    scatter_add_: Method = in_place_apart(scattering.scatter_add)
    transpose_: Method = striding.transpose_
    swapaxes_: Method = striding.swapaxes_
    swapdims_: Method = striding.transpose_
    t_: Method = striding.t_
    squeeze_: Method = striding.squeeze_
    unsqueeze_: Method = striding.unsqueeze_
    as_strided_: Method = striding.as_strided_
    resize_: Method = striding.resize_
    resize_as_: Method = striding.resize_as_
    copy_: Method = filling.copy_
    fill_: Method = filling.fill_
    zero_: Method = filling.zero_
    normal_: Method = sampling.normal_
    uniform_: Method = sampling.uniform_
    random_: Method = sampling.random_
    bernoulli_: Method = sampling.bernoulli_
    exponential_: Method = sampling.exponential_
    geometric_: Method = sampling.geometric_
    cauchy_: Method = sampling.cauchy_
    log_normal_: Method = sampling.log_normal_
    addmm_: Method = in_place(linalg.addmm)
    addmv_: Method = in_place(products.addmv)
    addr_: Method = in_place(products.addr)
    addbmm_: Method = in_place(products.addbmm)
    baddbmm_: Method = in_place(products.baddbmm)
    i0_: Method = in_place(special.i0)
    igamma_: Method = in_place(special.igamma)
    igammac_: Method = in_place(special.igammac)
    index_reduce_: Method = in_place_apart(scatter_reduction.index_reduce)
    mvlgamma_: Method = in_place(special.mvlgamma)
    nextafter_: Method = in_place(rarer.nextafter)


class Methods(InPlace):
    """The functions of minigrad.ops as methods."""

    __slots__ = ()

    clone: Method = elementwise.clone
    exp: Method = elementwise.exp
    exp2: Method = elementwise.exp2
    expm1: Method = elementwise.expm1
    log: Method = elementwise.log
    log1p: Method = elementwise.log1p
    log2: Method = elementwise.log2
    log10: Method = elementwise.log10
    logaddexp: Method = elementwise.logaddexp
    logaddexp2: Method = elementwise.logaddexp2
    logit: Method = elementwise.logit
    rsqrt: Method = elementwise.rsqrt
    sigmoid: Method = elementwise.sigmoid
    sqrt: Method = elementwise.sqrt
    xlogy: Method = elementwise.xlogy
    acos: Method = trigonometry.acos
    acosh: Method = trigonometry.acosh
    arccos: Method = trigonometry.arccos
    arccosh: Method = trigonometry.arccosh
    arcsin: Method = trigonometry.arcsin
    arcsinh: Method = trigonometry.arcsinh
    arctan: Method = trigonometry.arctan
    arctan2: Method = trigonometry.arctan2
    arctanh: Method = trigonometry.arctanh
    asin: Method = trigonometry.asin
    asinh: Method = trigonometry.asinh
    atan: Method = trigonometry.atan
    atan2: Method = trigonometry.atan2
    atanh: Method = trigonometry.atanh
    cos: Method = trigonometry.cos
    cosh: Method = trigonometry.cosh
    deg2rad: Method = trigonometry.deg2rad
    hypot: Method = trigonometry.hypot
    rad2deg: Method = trigonometry.rad2deg
    sin: Method = trigonometry.sin
    sinc: Method = trigonometry.sinc
    sinh: Method = trigonometry.sinh
    tan: Method = trigonometry.tan
    tanh: Method = trigonometry.tanh
    digamma: Method = special.digamma
    erf: Method = special.erf
    erfc: Method = special.erfc
    erfinv: Method = special.erfinv
    lgamma: Method = special.lgamma
    polygamma: Method = special.polygamma_method
    ceil: Method = rounding.ceil
    fix: Method = rounding.fix
    floor: Method = rounding.floor
    floor_divide: Method = rounding.floor_divide
    fmod: Method = rounding.fmod
    frac: Method = rounding.frac
    remainder: Method = rounding.remainder
    round: Method = rounding.round
    trunc: Method = rounding.trunc
    clamp: Method = bounds.clamp
    clamp_max: Method = bounds.clamp_max
    clamp_min: Method = bounds.clamp_min
    clip: Method = bounds.clip
    fmax: Method = bounds.fmax
    fmin: Method = bounds.fmin
    maximum: Method = bounds.maximum
    minimum: Method = bounds.minimum
    nan_to_num: Method = bounds.nan_to_num
    relu: Method = bounds.relu
    where: Method = choice.where_method
    abs: Method = signs.abs
    absolute: Method = signs.absolute
    copysign: Method = signs.copysign
    angle: Method = complexes.angle
    conj: Method = complexes.conj
    conj_physical: Method = complexes.conj_physical
    conj_physical_: Method = complexes.conj_physical
    is_conj: Method = complexes.is_conj
    is_neg: Method = complexes.is_neg
    resolve_conj: Method = complexes.resolve_conj
    resolve_neg: Method = complexes.resolve_neg
    imag = property(complexes.imag)
    positive: Method = signs.positive
    sgn: Method = signs.sgn
    sign: Method = signs.sign
    signbit: Method = signs.signbit
    allclose: Method = comparison.allclose
    eq: Method = comparison.eq
    equal: Method = comparison.equal
    ge: Method = comparison.ge
    greater: Method = comparison.greater
    greater_equal: Method = comparison.greater_equal
    gt: Method = comparison.gt
    isclose: Method = comparison.isclose
    isfinite: Method = comparison.isfinite
    isinf: Method = comparison.isinf
    isnan: Method = comparison.isnan
    isneginf: Method = comparison.isneginf
    isposinf: Method = comparison.isposinf
    isreal: Method = comparison.isreal
    le: Method = comparison.le
    less: Method = comparison.less
    less_equal: Method = comparison.less_equal
    logical_and: Method = comparison.logical_and
    logical_not: Method = comparison.logical_not
    logical_or: Method = comparison.logical_or
    logical_xor: Method = comparison.logical_xor
    lt: Method = comparison.lt
    ne: Method = comparison.ne
    not_equal: Method = comparison.not_equal
    bitwise_and: Method = bits.bitwise_and
    bitwise_left_shift: Method = bits.bitwise_left_shift
    bitwise_not: Method = bits.bitwise_not
    bitwise_or: Method = bits.bitwise_or
    bitwise_right_shift: Method = bits.bitwise_right_shift
    bitwise_xor: Method = bits.bitwise_xor
    add: Method = operators.add
    div: Method = operators.div
    divide: Method = operators.divide
    float_power: Method = operators.float_power
    mul: Method = operators.mul
    multiply: Method = operators.multiply
    neg: Method = operators.neg
    negative: Method = operators.negative
    pow: Method = operators.pow
    reciprocal: Method = operators.reciprocal
    square: Method = operators.square
    sub: Method = operators.sub
    subtract: Method = operators.subtract
    true_divide: Method = operators.true_divide
    addcdiv: Method = blends.addcdiv
    addcmul: Method = blends.addcmul
    lerp: Method = blends.lerp
    sum: Method = arithmetic.sum
    mean: Method = reduction.mean
    max: Method = reduction.max
    min: Method = reduction.min
    amax: Method = reduction.amax
    amin: Method = reduction.amin
    aminmax: Method = reduction.aminmax
    argmax: Method = reduction.argmax
    argmin: Method = reduction.argmin
    softmax: Method = softmax_ops.softmax
    log_softmax: Method = softmax_ops.log_softmax
    logsumexp: Method = softmax_ops.logsumexp
    cumsum: Method = scans.cumsum
    cumprod: Method = scans.cumprod
    cummax: Method = scans.cummax
    cummin: Method = scans.cummin
    logcumsumexp: Method = scans.logcumsumexp
    prod: Method = scans.prod
    nansum: Method = statistics.nansum
    diff: Method = differences.diff
    nanmean: Method = statistics.nanmean
    var: Method = statistics.var
    std: Method = statistics.std
    cov: Method = statistics.cov
    corrcoef: Method = statistics.corrcoef
    trace: Method = statistics.trace
    sort: Method = sorting.sort
    argsort: Method = sorting.argsort
    msort: Method = sorting.msort
    topk: Method = sorting.topk
    kthvalue: Method = sorting.kthvalue
    median: Method = sorting.median
    nanmedian: Method = sorting.nanmedian
    mode: Method = sorting.mode
    quantile: Method = quantiles.quantile
    nanquantile: Method = quantiles.nanquantile
    sum_to_size: Method = rarer.sum_to_size
    gcd: Method = rarer.gcd
    gcd_: Method = in_place(rarer.gcd)
    lcm: Method = rarer.lcm
    lcm_: Method = in_place(rarer.lcm)
    heaviside: Method = rarer.heaviside
    heaviside_: Method = in_place(rarer.heaviside)
    ldexp: Method = rarer.ldexp
    ldexp_: Method = in_place(rarer.ldexp)
    any: Method = counting.any
    all: Method = counting.all
    count_nonzero: Method = counting.count_nonzero
    bincount: Method = counting.bincount
    histc: Method = counting.histc
    histogram: Method = counting.histogram
    unique: Method = searching.unique
    unique_consecutive: Method = searching.unique_consecutive
    norm: Method = norms.norm
    renorm: Method = norms.renorm
    renorm_: Method = in_place(norms.renorm)
    dist: Method = norms.dist
    bernoulli: Method = sampling.bernoulli
    multinomial: Method = sampling.multinomial
    mm: Method = linalg.mm
    mv: Method = linalg.mv
    dot: Method = linalg.dot
    bmm: Method = linalg.bmm
    matmul: Method = linalg.matmul
    addmm: Method = linalg.addmm
    addmv: Method = products.addmv
    addr: Method = products.addr
    addbmm: Method = products.addbmm
    baddbmm: Method = products.baddbmm
    outer: Method = products.outer
    ger: Method = products.ger
    inner: Method = products.inner
    vdot: Method = products.vdot
    kron: Method = products.kron
    cross: Method = products.cross
    det: Method = solving.det
    logdet: Method = solving.logdet
    slogdet: Method = solving.slogdet
    inverse: Method = solving.inverse
    pinverse: Method = solving.pinverse
    cholesky_inverse: Method = least_squares.cholesky_inverse
    cholesky_solve: Method = least_squares.cholesky_solve
    triangular_solve: Method = least_squares.triangular_solve
    geqrf: Method = householder.geqrf
    orgqr: Method = householder.orgqr
    ormqr: Method = householder.ormqr
    matrix_exp: Method = matrix_exponential.matrix_exp
    matrix_power: Method = solving.matrix_power
    cholesky: Method = decompositions.cholesky
    qr: Method = decompositions.qr
    svd: Method = decompositions.svd
    view: Method = shape_ops.view_of
    reshape: Method = shape_ops.reshape
    flatten: Method = shape_ops.flatten
    contiguous: Method = shape_ops.contiguous
    transpose: Method = shape_ops.transpose
    t: Method = shape_ops.t
    permute: Method = shape_ops.permute
    squeeze: Method = shape_ops.squeeze
    unsqueeze: Method = shape_ops.unsqueeze
    expand: Method = shape_ops.expand
    expand_as: Method = shape_ops.expand_as
    broadcast_to: Method = shape_ops.broadcast_to
    view_as: Method = shape_ops.view_as
    reshape_as: Method = shape_ops.reshape_as
    ravel: Method = shape_ops.ravel
    unflatten: Method = shape_ops.unflatten
    T = property(dims.reversed_dims)
    mT = property(dims.matrix_transpose)
    H = property(dims.conjugate_transpose)
    mH = property(dims.batched_conjugate_transpose)
    adjoint: Method = dims.adjoint
    movedim: Method = dims.movedim
    moveaxis: Method = dims.movedim
    swapaxes: Method = dims.swapaxes
    swapdims: Method = dims.swapdims
    select: Method = slicing.select
    narrow: Method = slicing.narrow
    narrow_copy: Method = slicing.narrow_copy
    select_scatter: Method = slicing.select_scatter
    slice_scatter: Method = slicing.slice_scatter
    diagonal: Method = diagonals.diagonal
    diag: Method = diagonals.diag
    diag_embed: Method = diagonals.diag_embed
    diagflat: Method = diagonals.diagflat
    diagonal_scatter: Method = diagonals.diagonal_scatter
    tril: Method = diagonals.tril
    triu: Method = diagonals.triu
    repeat: Method = repetition.repeat
    tile: Method = repetition.tile
    repeat_interleave: Method = repetition.repeat_interleave
    flip: Method = repetition.flip
    fliplr: Method = repetition.fliplr
    flipud: Method = repetition.flipud
    roll: Method = repetition.roll
    rot90: Method = repetition.rot90
    gather: Method = gathering.gather
    take: Method = gathering.take
    take_along_dim: Method = gathering.take_along_dim
    index_select: Method = rows.index_select
    index_fill: Method = rows.index_fill
    index_copy: Method = rows.index_copy
    index_put: Method = indexing.index_put
    index_add: Method = rows.index_add
    put: Method = scattering.put
    scatter: Method = scattering.scatter
    scatter_reduce: Method = scatter_reduction.scatter_reduce
    is_nonzero: Method = masks.is_nonzero
    scatter_add: Method = scattering.scatter_add
    masked_fill: Method = masks.masked_fill
    masked_scatter: Method = masks.masked_scatter
    masked_select: Method = masks.masked_select
    nonzero: Method = masks.nonzero
    new_empty_strided: Method = layouts.new_empty_strided
    nonzero_static: Method = masks.nonzero_static
    argwhere: Method = masks.argwhere
    as_strided: Method = striding.as_strided
    unfold: Method = striding.unfold
    unbind: Method = splitting.unbind
    split: Method = splitting.split
    split_with_sizes: Method = splitting.split_with_sizes
    chunk: Method = splitting.chunk
    tensor_split: Method = splitting.tensor_split
    hsplit: Method = splitting.hsplit
    vsplit: Method = splitting.vsplit
    dsplit: Method = splitting.dsplit
    unsafe_chunk: Method = splitting.unsafe_chunk
    unsafe_split: Method = splitting.unsafe_split
    unsafe_split_with_sizes: Method = splitting.unsafe_split_with_sizes
    frexp: Method = rarer.frexp
    hardshrink: Method = aliases.hardshrink
    i0: Method = special.i0
    igamma: Method = special.igamma
    igammac: Method = special.igammac
    index_reduce: Method = scatter_reduction.index_reduce
    is_pinned: Method = aliases.is_never
    is_shared: Method = aliases.is_never
    lu: Method = lu_ops.lu
    lu_solve: Method = lu_ops.lu_solve
    mvlgamma: Method = special.mvlgamma
    nextafter: Method = rarer.nextafter
    prelu: Method = aliases.prelu
    to_dense: Method = aliases.to_dense
