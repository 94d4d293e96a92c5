"""Every layer against torch: its parameters under a seed, outputs, gradients, and how it prints."""

import pytest

import minigrad
from tests.judge import data, judged
from tests.nn.plain import plain

IMAGES = (2, 4, 6, 6)
VOLUMES = (2, 4, 4, 4, 4)
SIGNALS = (2, 4, 7)
MATRIX = (3, 4)

LAYERS = [
    ("Linear(4, 3)", MATRIX),
    ("Linear(4, 3, bias=False)", (2, 3, 4)),
    ("Linear(4, 3, dtype=t.float64)", MATRIX),
    ("Identity(54, unused=True)", MATRIX),
    ("Flatten()", IMAGES),
    ("Flatten(0, 2)", IMAGES),
    ("Unflatten(1, (2, 2))", IMAGES),
    ("Conv1d(4, 3, 3)", SIGNALS),
    ("Conv1d(4, 2, 3, padding='same', dilation=2)", SIGNALS),
    ("Conv2d(4, 3, 3)", IMAGES),
    ("Conv2d(4, 6, (3, 2), stride=2, padding=(1, 0), groups=2, bias=False)", IMAGES),
    ("Conv2d(4, 4, 3, padding=1, padding_mode='circular')", IMAGES),
    ("Conv2d(4, 4, 4, padding='same', padding_mode='reflect')", IMAGES),
    ("Conv2d(4, 3, 3, padding='valid')", IMAGES[1:]),
    ("Conv3d(4, 2, 2)", VOLUMES),
    ("ConvTranspose1d(4, 3, 3, 2, output_padding=1)", SIGNALS),
    ("ConvTranspose2d(4, 2, 3, stride=2, padding=1, dilation=2)", IMAGES),
    ("ConvTranspose3d(4, 2, 2, bias=False)", VOLUMES),
    ("MaxPool1d(2)", SIGNALS),
    ("MaxPool2d(2)", IMAGES),
    ("MaxPool2d(3, stride=2, padding=1, ceil_mode=True)", IMAGES),
    ("MaxPool3d(2)", VOLUMES),
    ("AvgPool1d(2)", SIGNALS),
    ("AvgPool2d(2, 1, count_include_pad=False)", IMAGES),
    ("AvgPool3d(2)", VOLUMES),
    ("AdaptiveAvgPool1d(3)", SIGNALS),
    ("AdaptiveAvgPool2d((1, None))", IMAGES),
    ("AdaptiveAvgPool2d(1)", IMAGES),
    ("AdaptiveAvgPool3d(2)", VOLUMES),
    ("AdaptiveMaxPool1d(3)", SIGNALS),
    ("AdaptiveMaxPool2d(2)", IMAGES),
    ("AdaptiveMaxPool3d(2)", VOLUMES),
    ("LPPool1d(2, 3)", SIGNALS),
    ("LPPool2d(2, 3, stride=2)", IMAGES),
    ("LPPool3d(2, 2)", VOLUMES),
    ("BatchNorm1d(4)", MATRIX),
    ("BatchNorm1d(4, momentum=None)", SIGNALS),
    ("BatchNorm2d(4)", IMAGES),
    ("BatchNorm2d(4, track_running_stats=False)", IMAGES),
    ("BatchNorm2d(4, affine=False)", IMAGES),
    ("BatchNorm2d(4, bias=False)", IMAGES),
    ("BatchNorm3d(4)", VOLUMES),
    ("InstanceNorm1d(4)", SIGNALS),
    ("InstanceNorm1d(4, affine=True)", SIGNALS[1:]),
    ("InstanceNorm2d(4, affine=True, track_running_stats=True)", IMAGES),
    ("InstanceNorm3d(4)", VOLUMES),
    ("LayerNorm(4)", MATRIX),
    ("LayerNorm((6, 6), bias=False)", IMAGES),
    ("LayerNorm(6, elementwise_affine=False)", IMAGES),
    ("GroupNorm(2, 4)", IMAGES),
    ("GroupNorm(2, 4, affine=False)", SIGNALS),
    ("RMSNorm(4)", MATRIX),
    ("RMSNorm((6, 6), eps=1e-3)", IMAGES),
    ("LocalResponseNorm(2)", IMAGES),
    ("Dropout(0.4)", IMAGES),
    ("Dropout(0.4, inplace=False)", MATRIX),
    ("Dropout1d(0.4)", SIGNALS),
    ("Dropout2d(0.4)", IMAGES),
    ("Dropout3d(0.4)", VOLUMES),
    ("AlphaDropout(0.4)", IMAGES),
    ("FeatureAlphaDropout(0.4)", IMAGES),
    ("Softmax(1)", MATRIX),
    ("LogSoftmax(dim=-1)", MATRIX),
    ("Softmin(0)", MATRIX),
    ("Softmax2d()", IMAGES),
    ("PReLU()", MATRIX),
    ("PReLU(4, init=0.1)", MATRIX),
    ("GLU(1)", MATRIX),
    ("Threshold(0.1, 20)", MATRIX),
    ("Hardtanh(-0.5, 0.7)", MATRIX),
    ("RReLU()", MATRIX),
    ("Unfold(2, stride=2)", IMAGES),
    ("Fold((4, 4), 2)", (2, 8, 9)),
    ("PixelShuffle(2)", IMAGES),
    ("PixelUnshuffle(2)", IMAGES),
    ("ChannelShuffle(2)", IMAGES),
    ("Upsample(scale_factor=2)", IMAGES),
    ("Upsample(size=(3, 9), mode='bilinear')", IMAGES),
    ("UpsamplingNearest2d(scale_factor=2)", IMAGES),
    ("UpsamplingBilinear2d(size=(3, 9))", IMAGES),
    ("ConstantPad1d(2, 3.5)", SIGNALS),
    ("ConstantPad2d((1, 0, 2, 1), -1.0)", IMAGES),
    ("ConstantPad3d(1, 0.5)", VOLUMES),
    ("ZeroPad1d(1)", SIGNALS),
    ("ZeroPad2d((1, 2, 0, 1))", IMAGES),
    ("ZeroPad3d(1)", VOLUMES),
    ("ReflectionPad1d((1, 2))", SIGNALS),
    ("ReflectionPad2d(2)", IMAGES),
    ("ReflectionPad3d(1)", VOLUMES),
    ("ReplicationPad1d(1)", SIGNALS),
    ("ReplicationPad2d((1, 2, 3, 0))", IMAGES),
    ("ReplicationPad3d(1)", VOLUMES),
    ("CircularPad1d(2)", SIGNALS),
    ("CircularPad2d((1, 2, 0, 1))", IMAGES),
    ("CircularPad3d(1)", VOLUMES),
]
PLAIN = "ReLU ReLU6 SiLU Mish SELU CELU ELU GELU Sigmoid Tanh LogSigmoid Softsign Tanhshrink "
PLAIN += "Hardshrink Softshrink Hardsigmoid Hardswish Hardtanh LeakyReLU Softplus"
LAYERS += [(f"{name}()", MATRIX) for name in PLAIN.split()]
LAYERS += [
    ("GELU('tanh')", MATRIX),
    ("LeakyReLU(0.3)", MATRIX),
    ("ELU(alpha=0.5)", MATRIX),
    ("Softplus(beta=2, threshold=1)", MATRIX),
    ("ReLU(inplace=True)", MATRIX),
    ("LeakyReLU(0.2, True)", MATRIX),
    ("Dropout(0.3, True)", MATRIX),
]


@pytest.mark.parametrize("layer, shape", LAYERS)
@judged(ulps=64)
def test_layer(t, layer, shape):
    t.manual_seed(3)
    module = eval(f"t.nn.{layer}", {"t": t})
    seen = [repr(module), plain(module.state_dict())]
    dtype = t.float64 if "float64" in layer else t.float32
    for training in True, True, False:
        module.train(training)
        module.zero_grad()
        x = t.tensor(data(*shape), dtype=dtype, requires_grad=True)
        y = module(x + 0)
        (y * t.tensor(data(*y.shape, seed=9), dtype=dtype)).sum().backward()
        seen += [y.grad_fn.name(), plain([y, x.grad, *[p.grad for p in module.parameters()]])]
    return [*seen, plain(dict(module.named_buffers()))]


PREDICTIONS = (4, 3)
LOSSES = [
    ("L1Loss()", "numbers"),
    ("MSELoss()", "numbers"),
    ("MSELoss(reduction='sum')", "numbers"),
    ("MSELoss(reduction='none')", "numbers"),
    ("SmoothL1Loss(beta=0.5)", "numbers"),
    ("HuberLoss(delta=0.5)", "numbers"),
    ("CrossEntropyLoss()", "classes"),
    ("CrossEntropyLoss(weight=t.tensor([1.0, 2.0, 0.5]))", "classes"),
    ("CrossEntropyLoss(ignore_index=1, label_smoothing=0.1)", "classes"),
    ("CrossEntropyLoss(reduction='none')", "classes"),
    ("NLLLoss()", "classes"),
    ("NLLLoss(weight=t.tensor([1.0, 2.0, 0.5]), reduction='sum')", "classes"),
    ("BCEWithLogitsLoss()", "bits"),
    ("BCEWithLogitsLoss(pos_weight=t.tensor([1.0, 2.0, 3.0]))", "bits"),
    ("KLDivLoss(reduction='batchmean')", "bits"),
    ("PoissonNLLLoss()", "bits"),
    ("PoissonNLLLoss(full=True)", "numbers"),
    ("HingeEmbeddingLoss()", "signs"),
    ("SoftMarginLoss()", "signs"),
    ("MultiMarginLoss()", "classes"),
    ("MultiLabelSoftMarginLoss()", "bits"),
]


@pytest.mark.parametrize("loss, target", LOSSES)
@judged(ulps=64)
def test_loss(t, loss, target):
    targets = {
        "numbers": t.tensor(data(*PREDICTIONS, seed=1), dtype=t.float32),
        "classes": t.tensor([0, 2, 1, 1]),
        "bits": t.tensor([[1.0, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0]]),
        "signs": t.tensor([[1.0, -1, -1], [-1, 1, 1], [1, 1, 1], [-1, -1, -1]]),
    }
    module = eval(f"t.nn.{loss}", {"t": t})
    x = t.tensor(data(*PREDICTIONS), dtype=t.float32, requires_grad=True)
    y = module(x, targets[target])
    y.sum().backward()
    return repr(module), plain(module.state_dict()), y.grad_fn.name(), plain([y, x.grad])


@judged(ulps=64)
def test_losses_of_other_inputs(t):
    a, b, c = (t.tensor(data(4, 3, seed=i), dtype=t.float32, requires_grad=True) for i in range(3))
    signs = t.tensor([1.0, -1.0, 1.0, -1.0])
    found = [
        t.nn.BCELoss()(a.sigmoid(), t.ones(4, 3)),
        t.nn.BCELoss(weight=t.tensor([1.0, 2.0, 3.0]))(a.sigmoid(), t.zeros(4, 3)),
        t.nn.GaussianNLLLoss(full=True)(a, b, c.abs() + 0.1),
        t.nn.CosineEmbeddingLoss(margin=0.1)(a, b, signs),
        t.nn.MarginRankingLoss(0.2)(a[:, 0], b[:, 0], signs),
        t.nn.TripletMarginLoss()(a, b, c),
        t.nn.TripletMarginWithDistanceLoss(distance_function=t.nn.PairwiseDistance())(a, b, c),
        t.nn.CosineSimilarity()(a, b).sum(),
        t.nn.PairwiseDistance(p=1, keepdim=True)(a, b).sum(),
    ]
    sum(found).backward()
    return plain(found), plain([a.grad, b.grad, c.grad])


@pytest.mark.parametrize(
    "make",
    [
        "MSELoss(size_average=False)",
        "MSELoss(reduce=False)",
        "CrossEntropyLoss(None, True, -100, True)",
    ],
)
@pytest.mark.filterwarnings("ignore:size_average")
@judged
def test_the_older_reductions(t, make):
    return eval(f"t.nn.{make}", {"t": t}).reduction


@judged(ulps=64)
def test_bilinear(t):
    t.manual_seed(0)
    module = t.nn.Bilinear(3, 4, 2)
    a, b = t.randn(5, 3, requires_grad=True), t.randn(5, 4, requires_grad=True)
    y = module(a, b)
    (y * y).sum().backward()
    return repr(module), plain([y, a.grad, b.grad, *[p.grad for p in module.parameters()]])


@pytest.mark.parametrize(
    "settings",
    ["5, 3", "5, 3, padding_idx=-1", "5, 3, max_norm=1.0", "5, 3, 0, scale_grad_by_freq=True"],
)
@judged(ulps=64)
def test_embedding(t, settings):
    t.manual_seed(0)
    module = eval(f"t.nn.Embedding({settings})", {"t": t})
    first = module.weight.detach().clone()
    y = module(t.tensor([[0, 4, 4], [1, 0, 0]]))
    (y * y).sum().backward()
    return repr(module), y.grad_fn.name(), plain([first, y, module.weight.grad, module.weight])


@judged
def test_embedding_from_pretrained(t):
    rows = t.tensor(data(3, 2))
    module = t.nn.Embedding.from_pretrained(rows)
    learnt = t.nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=1)
    shared = module.weight.data_ptr() == rows.data_ptr()
    return repr(module), module.weight.requires_grad, shared, repr(learnt), learnt.weight.grad


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@judged(ulps=64)
def test_embedding_bag(t, mode):
    t.manual_seed(0)
    module = t.nn.EmbeddingBag(5, 3, mode=mode, padding_idx=0)
    y = module(t.tensor([[2, 4, 4], [1, 0, 0]]))
    z = module(t.tensor([3, 1, 2, 2]), t.tensor([0, 3, 3]))
    ((y * y).sum() + (z * z).sum()).backward()
    return repr(module), y.grad_fn.name(), plain([y, z, module.weight.grad])


@judged(ulps=64)
def test_embedding_bag_with_weights(t):
    rows = t.tensor(data(4, 2), requires_grad=True)
    factors = t.tensor(data(2, 2, seed=1), requires_grad=True)
    bag = t.nn.functional.embedding_bag
    y = bag(t.tensor([[0, 3], [3, 2]]), rows, per_sample_weights=factors, mode="sum")
    (y * y).sum().backward()
    last = bag(t.tensor([0, 1, 2]), rows, t.tensor([0, 1, 3]), include_last_offset=True)
    frozen = t.nn.EmbeddingBag.from_pretrained(rows.detach(), max_norm=0.5)
    shortened = frozen(t.tensor([[0, 1]]))
    return plain([y, last, rows.grad, factors.grad, shortened]), frozen.weight.requires_grad


@judged
@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_embedding_bag_by_frequency(t, mode):
    table = t.tensor(data(4, 3), requires_grad=True)
    bag = t.nn.functional.embedding_bag
    rows, starts = t.tensor([1, 1, 2, 1, 2, 2]), t.tensor([0, 2])
    bag(rows, table, starts, mode=mode, scale_grad_by_freq=True).pow(2).sum().backward()
    return table


def test_embedding_bag_divides_by_the_frequency_of_each_row():
    table = minigrad.zeros(4, 1, requires_grad=True)  # torch's count of row 2 is that of row 1
    rows, starts = minigrad.tensor([1, 1, 2, 1]), minigrad.tensor([0, 2])
    bag = minigrad.nn.functional.embedding_bag
    bag(rows, table, starts, mode="sum", scale_grad_by_freq=True).sum().backward()
    assert table.grad.flatten().tolist() == [0, 1, 1, 0]


@judged(raises="max mode does not support scaling")
def test_largest_rows_of_bags_by_frequency(t):
    bag = t.nn.functional.embedding_bag
    bag(t.tensor([[1]]), t.ones(3, 2), mode="max", scale_grad_by_freq=True)


@judged
def test_unpooling_puts_the_maxima_back(t):
    x = t.tensor(data(1, 1, 4, 4), requires_grad=True)
    pooled, indices = t.nn.MaxPool2d(2, return_indices=True)(x)
    module = t.nn.MaxUnpool2d(2)
    y = module(pooled, indices, output_size=(5, 5))
    (y * y).sum().backward()
    return repr(module), plain([module(pooled, indices), y, x.grad])


@judged
def test_a_transposed_convolution_of_a_size(t):
    t.manual_seed(0)
    module = t.nn.ConvTranspose2d(1, 1, 3, stride=2)
    return module(t.ones(1, 1, 3, 3), output_size=(8, 7)).shape


WRONG = [
    "Linear()",
    "Linear(3, 4, 5, 6, 7, 8)",
    "ReLU(nonsense=3)",
    "Dropout(1.5)",
    "Conv2d(3, 4, 3, groups=2)",
    "Conv2d(4, 3, 3, groups=2)",
    "Conv2d(4, 4, 3, groups=0)",
    "Conv2d(4, 4, 3, padding='some')",
    "Conv2d(4, 4, 3, stride=2, padding='same')",
    "ConvTranspose2d(4, 4, 3, padding_mode='reflect')",
    "GroupNorm(2, 3)",
    "Bilinear(0, 1, 1)",
    "MultiMarginLoss(p=3)",
    "TripletMarginLoss(margin=-1)",
    "Embedding(3, 2, padding_idx=5)",
    "Unflatten(1, (2, 'a'))",
    "RNN(2, 0)",
    "RNN(0, 2)",
    "RNN(2, 2, num_layers=0)",
    "RNN(2, 2, nonlinearity='gelu')",
    "LSTM(2, 2, dropout=2.0)",
    "LSTM(2, 2, proj_size=2)",
    "GRU(2, 3.0)",
    "MultiheadAttention(5, 2)",
    "MultiheadAttention(0, 2)",
    "BatchNorm2d(4)(t.ones(2, 4))",
    "BatchNorm1d(4)(t.ones(4))",
    "InstanceNorm2d(4)(t.ones(2, 4))",
    "Softmax2d()(t.ones(4))",
    "ConvTranspose2d(1, 1, 3, stride=2)(t.ones(1, 1, 3, 3), output_size=(9, 9))",
    "Hardtanh(2, 1)",
]


@pytest.mark.parametrize("make", WRONG)
@judged(raises="")
def test_wrong_settings(t, make):
    eval(f"t.nn.{make}", {"t": t})


def test_every_stateless_module_names_a_function():
    nn = minigrad.nn
    kinds = [kind for kind in vars(nn).values() if isinstance(kind, type)]
    named = [kind.function for kind in kinds if hasattr(kind, "function")]
    assert len(named) > 75
    assert [name for name in named if not hasattr(nn.functional, name)] == []


def test_instance_norm_of_other_channels_warns():
    with pytest.warns(UserWarning, match="input's size at dim=1 does not match num_features"):
        minigrad.nn.InstanceNorm1d(3)(minigrad.ones(2, 4, 5))
