"""Which primitives each oracle covers, by module: what it covers may grow, and not shrink."""


def names(text: str) -> set[str]:
    """``module: name name ...``, a module on one or more lines, as full names."""
    found, module = set(), ""
    for word in text.split():
        if word.endswith(":"):
            module = word[:-1]
        else:
            found.add(f"{module}.{word}")
    return found


# Rational numbers: equality.
EXACT = names(
    """
    activations: _hardshrink _hardsigmoid _hardswish _hardtanh _leaky_relu
        _leaky_relu_in_place _prelu _rrelu _rrelu_in_place _rrelu_noise
        _rrelu_noise_in_place _softshrink _threshold _threshold_in_place prelu_slopes
    arithmetic: add div expand mm mul neg pow_number sub sum_all sum_dims twice
    bags: _max_bags _sum_bags
    blends: _addcdiv _addcmul _fill _fill_tensor _lerp _lerp_number
    bounds: _clamp _clamp_max _clamp_max_tensor _clamp_min _clamp_min_tensor _clamp_tensor
        _fmax _fmin _maximum _minimum
    choice: _where
    convolution: convolve correlate spread
    diagonals: _diag_embed _diagonal _diagonal_copy _diagonal_scatter _tril _triu
        clear_diagonal put_diagonal
    distances: _cdist
    elementwise: _clone
    embedding: _embedding add_rows taken_rows
    filling: _copy _fill _fill_number _zero
    gathering: _gather _take add_along add_at_flat
    grids: _affine_grid _sample2 _sample3 offsets put_points take_points
    indexing: _index _index_put add_at clear_at
    joining: _block_diag _cat _stack
    linalg: _addmm _bmm _dot _mv _the_row
    losses: _huber_loss _mse_loss _nll_loss _nll_loss_2d _smooth_l1_loss at_class div_number
        put_class
    margins: _multi_margin _multilabel_margin
    masks: _masked_fill _masked_fill_number _masked_scatter _masked_select lengthened
        put_chosen
    norms: _dist _vector_norm
    operators: _add_scaled _rsub_scaled _sub_scaled
    padding: _constant_pad
    pairwise: _norm_of_rows _pdist
    pixels: _channel_shuffle _pixel_shuffle _pixel_unshuffle
    pooling: _unpool2 _unpool3 add_into_planes put_into_planes take_from_planes
    powers: reciprocal rsub rsub_tensor
    products: _addbmm _addmv _addr _baddbmm _cross _vdot
    quantiles: _arranged
    reduction: _amax _amin _aminmax _max_all _max_dim _mean_all _mean_dims _min_all _min_dim
        put_along take_along
    repetition: _flip _repeat _roll _rot90
    resampling: _bicubic _bilinear _circular _exact1 _exact2 _exact3 _linear _nearest1
        _nearest2 _nearest3 _reflect1 _reflect2 _reflect3 _replicate1 _replicate2
        _replicate3 _trilinear put_back resample
    rounding: _fmod _fmod_number _frac _remainder _remainder_number _round_decimals
        div_floor
    rows: _index_add _index_copy _index_fill _index_fill_number _index_select add_rows
    sampling: _bernoulli _bernoulli_number _bernoulli_tensor _cauchy _exponential _geometric
        _log_normal _normal _normal_both _normal_mean _normal_std _poisson _random
        _random_from _random_to _uniform
    scans: _cummax _cummin _cumprod _cumsum _prod_all _prod_dim recurrence
    scatter_reduction: _scatter_reduce only_once refused
    scattering: _put _scatter _scatter_add _scatter_number clear_flat
    shape: _alias _contiguous _expand _permute _reshape_alias _squeeze_all _squeeze_one
        _squeeze_some _t _transpose _unsafe_view _unsqueeze _view
    signs: _abs _sgn _sign
    slicing: _narrow_copy _select _select_scatter _slice _slice_scatter clear_part
        put_region
    sorting: _kthvalue _median_all _median_dim _mode _nanmedian_all _nanmedian_dim _sort
        _stable_sort _topk
    splitting: _split _split_with_sizes _unbind _unsafe_split _unsafe_split_with_sizes
    statistics: _nansum _trace _var _var_mean
    striding: _as_strided _unfold fold put_at_layout take_layout
    trigonometry: _atan2 _deg2rad _hypot _rad2deg
    views: clear_region put_region take_region
    windows: _col2im _im2col
    """
)

# The complex step, for at least one sample; for the other primitives, differences.
COMPLEX_STEP = names(
    """
    activations: _celu _celu_in_place _elu _elu_in_place _gelu_tanh _glu _hardshrink
        _hardsigmoid _hardswish _hardtanh _leaky_relu _leaky_relu_in_place _logsigmoid _mish
        _prelu _rrelu _rrelu_in_place _rrelu_noise _rrelu_noise_in_place _silu _softplus
        _softshrink _threshold _threshold_in_place exponential_slope gelu_tanh_slope
        prelu_slopes softplus_slope
    arithmetic: add div expand mm mul neg pow_number sub sum_all sum_dims twice
    attention: _attention _safe_softmax attend_backward weights
    bags: _max_bags _sum_bags
    blends: _addcdiv _addcmul _fill _fill_tensor _lerp _lerp_number
    bounds: _clamp _clamp_max _clamp_max_tensor _clamp_min _clamp_min_tensor _clamp_tensor
        _fmax _fmin _maximum _minimum _nan_to_num _relu
    choice: _where
    convolution: convolve correlate spread
    diagonals: _diag_embed _diagonal _diagonal_copy _diagonal_scatter _tril _triu
        clear_diagonal put_diagonal
    distances: _cdist _euclidean_dist
    elementwise: _clone _exp _exp2 _expm1 _log _log10 _log1p _log2 _logit _number_times_log
        _rsqrt _sigmoid _sqrt _times_log_of_number _xlogy
    embedding: _embedding add_rows taken_rows
    filling: _copy _fill _fill_number _zero
    gathering: _gather _take add_along add_at_flat
    grids: _affine_grid put_points take_points
    indexing: _index _index_put add_at clear_at
    joining: _block_diag _cat _stack
    least_squares: _cholesky_solve
    linalg: _addmm _bmm _dot _mv _the_row
    losses: _binary_cross_entropy _mse_loss _nll_loss _nll_loss_2d _soft_margin_loss
        at_class bernoulli_slope div_number put_class
    margins: _multi_margin _multilabel_margin
    masks: _masked_fill _masked_fill_number _masked_scatter _masked_select lengthened
        put_chosen
    normalization: _batch_norm _batch_norm_by _group_norm _layer_norm normalize_backward
    norms: _dist _vector_norm
    operators: _add_scaled _rsub_scaled _sub_scaled
    padding: _constant_pad
    pairwise: _norm_of_rows _pdist
    pixels: _channel_shuffle _pixel_shuffle _pixel_unshuffle
    pooling: _unpool2 _unpool3 add_into_planes put_into_planes take_from_planes
    powers: reciprocal rsub rsub_tensor
    products: _addbmm _addmv _addr _baddbmm _cross _vdot
    quantiles: _arranged
    recurrence: _lstm_layer
    reduction: _amax _amin _aminmax _max_all _max_dim _mean_all _mean_dims _min_all _min_dim
        put_along take_along
    repetition: _flip _repeat _roll _rot90
    resampling: _bicubic _bilinear _circular _exact1 _exact2 _exact3 _linear _nearest1
        _nearest2 _nearest3 _reflect1 _reflect2 _reflect3 _replicate1 _replicate2
        _replicate3 _trilinear put_back resample
    rounding: _ceil _floor _round _round_decimals _trunc
    rows: _index_add _index_copy _index_fill _index_fill_number _index_select add_rows
    sampling: _bernoulli _bernoulli_number _bernoulli_tensor _cauchy _exponential _geometric
        _log_normal _normal _normal_mean _normal_std _poisson _random _random_from
        _random_to _uniform
    scans: _cummax _cummin _cumprod _cumsum _logcumsumexp _prod_all _prod_dim recurrence
    scatter_reduction: _scatter_reduce only_once refused
    scattering: _put _scatter _scatter_add _scatter_number clear_flat
    shape: _alias _contiguous _expand _permute _reshape_alias _squeeze_all _squeeze_one
        _squeeze_some _t _transpose _unsafe_view _unsqueeze _view
    signs: _sgn _sign
    slicing: _narrow_copy _select _select_scatter _slice _slice_scatter clear_part
        put_region
    softmax: _log_softmax _logsumexp _softmax
    solving: _cofactor_matrix _det _inv _pinv _solve _solve_right _solve_triangular
        _solve_triangular_right _solve_vector
    sorting: _kthvalue _median_all _median_dim _mode _nanmedian_all _nanmedian_dim _sort
        _stable_sort _topk
    splitting: _split _split_with_sizes _unbind _unsafe_split _unsafe_split_with_sizes
    statistics: _nansum _std _std_mean _trace _var _var_mean
    striding: _as_strided _unfold fold put_at_layout take_layout
    trigonometry: _acos _acosh _asin _asinh _atan _atanh _cos _cosh _deg2rad _rad2deg _sin
        _sinc _sinh _tan _tanh
    views: clear_region put_region take_region
    windows: _col2im _im2col
    """
)
