"""The operators that minigrad offers, by torch's names in its table of operators.

A suffix after a dot is a variant: with ``dim`` or without, a mode, an overload.
"""

NAMES = {
    "elementwise": """
        abs acos add clamp_max clamp_min mul sub addcmul addcdiv asin atan atan2 ceil clone clamp
        positive cos cosh div.no_rounding_mode div.trunc_rounding div.floor_rounding true_divide exp
        fmod remainder frac floor log1p log log10 log2 logaddexp maximum minimum to neg pow
        float_power round round.decimals_0 round.decimals_3 round.decimals_neg_3 sin sinh sign
        __radd__ __rdiv__ __rmul__ __rpow__ __rsub__ rsub tan tanh trunc exp2 expm1 nan_to_num
        reciprocal rsqrt sqrt square lerp double float hypot fill xlogy sigmoid digamma erf erfc
        lgamma logit where
    """,
    "reduction": """
        cdist corrcoef cov cumsum cumprod cummax cummin diff kthvalue max.reduction_with_dim
        max.reduction_no_dim median var_mean var_mean.unbiased std_mean std_mean.unbiased
        min.reduction_with_dim min.reduction_no_dim max.binary min.binary softmax softmax.with_dtype
        aminmax topk dist sort logsumexp trace logcumsumexp log_softmax log_softmax.with_dtype norm
        norm.fro norm.inf amax amin mean nanmean std std.unbiased var var.unbiased prod sum nansum
    """,
    "shape": """
        broadcast_to broadcast_tensors block_diag cartesian_prod chunk contiguous expand expand_as
        diag diag_embed diagonal flip fliplr flipud meshgrid.variadic_tensors
        meshgrid.list_of_tensors narrow permute roll rot90 split split.list_args tensor_split ravel
        reshape reshape_as view view_as atleast_1d atleast_2d atleast_3d flatten unflatten
        column_stack stack hstack cat unbind vstack movedim repeat squeeze squeeze.multiple tile
        unsqueeze transpose T mT tril triu t repeat_interleave
    """,
    "indexing": """
        diagonal_scatter masked_fill masked_scatter masked_select select select_scatter
        slice_scatter gather index_fill index_copy index_select index_add __getitem__ index_put put
        take scatter scatter_add take_along_dim scatter_reduce.sum scatter_reduce.prod
        scatter_reduce.mean scatter_reduce.amin scatter_reduce.amax
    """,
    "linalg": """
        addmm addmm.decomposed addmv baddbmm dot vdot bmm mv cross matmul mm outer __rmatmul__
        einsum kron inner tensordot logdet linalg.det linalg.cholesky linalg.eigh linalg.eigvalsh
        linalg.matrix_power linalg.norm linalg.norm.subgradients_at_zero linalg.matrix_norm
        linalg.qr linalg.slogdet linalg.vector_norm linalg.inv linalg.solve linalg.svd
        linalg.svdvals
    """,
    "nn.functional": """
        nn.functional.softmin nn.functional.softmin.with_dtype nn.functional.cross_entropy
        nn.functional.normalize nn.functional.cosine_similarity nn.functional.adaptive_avg_pool1d
        nn.functional.adaptive_avg_pool2d nn.functional.adaptive_max_pool2d nn.functional.avg_pool1d
        nn.functional.binary_cross_entropy_with_logits nn.functional.relu
        nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv1d
        nn.functional.conv2d nn.functional.group_norm nn.functional.instance_norm
        nn.functional.layer_norm nn.functional.rms_norm nn.functional.pad.constant
        nn.functional.pad.reflect nn.functional.pad.replicate nn.functional.pad.replicate_negative
        nn.functional.pad.circular nn.functional.hardswish nn.functional.unfold
        nn.functional.interpolate.nearest nn.functional.interpolate.nearest-exact
        nn.functional.interpolate.linear nn.functional.interpolate.bilinear
        nn.functional.interpolate.bicubic nn.functional.interpolate.trilinear
        nn.functional.interpolate.area nn.functional.soft_margin_loss
        nn.functional.margin_ranking_loss nn.functional.leaky_relu nn.functional.avg_pool2d
        nn.functional.max_pool1d nn.functional.max_pool2d nn.functional.linear
        nn.functional.bilinear nn.functional.glu nn.functional.elu nn.functional.prelu
        nn.functional.celu nn.functional.selu nn.functional.scaled_dot_product_attention
        nn.functional.silu nn.functional.hardsigmoid nn.functional.logsigmoid nn.functional.mish
        nn.functional.softsign nn.functional.tanhshrink nn.functional.threshold
        nn.functional.triplet_margin_loss nn.functional.batch_norm
        nn.functional.binary_cross_entropy nn.functional.softshrink nn.functional.hardshrink
        nn.functional.hardtanh nn.functional.gelu nn.functional.relu6 nn.functional.smooth_l1_loss
        nn.functional.l1_loss nn.functional.embedding nn.functional.softplus nn.functional.mse_loss
        nn.functional.cosine_embedding_loss nn.functional.nll_loss nn.functional.gaussian_nll_loss
        nn.functional.hinge_embedding_loss nn.functional.huber_loss nn.functional.poisson_nll_loss
        nn.functional.pairwise_distance nn.functional.pixel_shuffle nn.functional.kl_div
    """,
}
FAMILIES = {family: names.split() for family, names in NAMES.items()}

# Those without a derivative, and the rarer ones.
FURTHER_NAMES = """
    item arange cauchy exponential geometric log_normal normal.in_place uniform addbmm addr
    allclose broadcast_shapes bitwise_not bitwise_left_shift bitwise_right_shift
    combinations cholesky cholesky_solve unsafe_chunk copysign deg2rad equal eq fmax fmin
    floor_divide ge gt isin le linspace linspace.tensor_overload logspace
    logspace.tensor_overload logaddexp2 logical_not lt matrix_exp nanmedian quantile
    nanquantile logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor
    isclose as_strided as_strided.partial_views nn.functional.adaptive_avg_pool3d
    nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool3d
    nn.functional.avg_pool3d nn.functional.conv_transpose3d nn.functional.conv3d
    nn.functional.fractional_max_pool2d nn.functional.fractional_max_pool3d
    nn.functional.local_response_norm constant_pad_nd nn.functional.upsample_bilinear
    nn.functional.upsample_nearest nn.functional.multi_margin_loss
    nn.functional.multilabel_margin_loss nn.functional.multilabel_soft_margin_loss
    nn.functional.max_pool3d nn.functional.max_unpool1d nn.functional.max_unpool2d
    nn.functional.max_unpool3d nn.functional.rrelu
    mode ne qr rad2deg sinc sgn unsafe_split split_with_sizes __rmod__ signbit hsplit vsplit
    dsplit isfinite isinf isposinf isneginf isreal isnan svd pinverse unique
    unique_consecutive bool byte char half int long short zeros_like ones_like randn
    randn_like rand_like randint randint_like full_like new_zeros new_ones ones zeros full
    eye scalar_tensor new_full multinomial normal normal.number_mean bernoulli histc
    bincount bucketize searchsorted dstack unfold msort resize_ H mH triu_indices
    tril_indices erfinv nonzero norm.nuc nn.functional.dropout nn.functional.dropout2d
    nn.functional.dropout3d nn.functional.alpha_dropout
    nn.functional.feature_alpha_dropout.with_train
    nn.functional.feature_alpha_dropout.without_train nn.functional.one_hot
    nn.functional.embedding_bag nn.functional.multi_head_attention_forward
    nn.functional.grid_sample argwhere all any argmax argmin count_nonzero
    nn.functional.pdist nn.functional.pixel_unshuffle nn.functional.channel_shuffle diagflat
    view_copy expand_copy diagonal_copy permute_copy t_copy transpose_copy squeeze_copy
    unsqueeze_copy unbind_copy unfold_copy as_strided_copy split_with_sizes_copy alias_copy
    nonzero_static nn.functional.linear_cross_entropy cholesky_inverse geqrf ormqr
    linalg.householder_product linalg.cross
    linalg.vecdot linalg.cond linalg.lstsq linalg.lstsq.grad_oriented
    linalg.multi_dot linalg.solve_triangular linalg.matrix_rank linalg.matrix_rank.hermitian
    linalg.pinv linalg.pinv.singular linalg.pinv.hermitian
"""
FURTHER = FURTHER_NAMES.split()
