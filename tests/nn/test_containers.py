"""Sequential, ModuleList, ModuleDict, ParameterList and ParameterDict."""

from collections import OrderedDict

import pytest

from tests.judge import judged


@judged
def test_sequential(t):
    nn = t.nn
    s = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    named = nn.Sequential(OrderedDict(first=nn.Tanh(), last=nn.Identity()))
    seen = [len(s), repr(s[0]), repr(s[-1]), repr(s[1:]), repr(named[:1]), named.last is named[1]]
    s.append(nn.Sigmoid())
    s.insert(1, nn.Dropout())
    s.extend([nn.Tanh()])
    s[0] = nn.Identity()
    del s[2]
    seen += [repr(s), repr(s.pop(0)), repr(s), repr(s + named), repr(named * 2), repr(2 * named)]
    s += named
    s *= 2
    del s[1:3]
    return [*seen, repr(s), repr(named), [type(m).__name__ for m in s], list(s.state_dict())]


@judged
def test_module_list(t):
    nn = t.nn
    layers = nn.ModuleList([nn.Linear(1, 1) for _ in range(3)])
    layers.append(nn.ReLU())
    layers.extend(nn.ReLU() for _ in range(2))
    layers.insert(0, nn.Tanh())
    seen = [
        repr(layers),
        len(layers),
        repr(layers[1:3]),
        repr(layers[-1]),
        list(layers.state_dict()),
    ]
    del layers[2]
    layers += [nn.Linear(2, 2)]
    layers[0] = nn.GELU()
    seen += [
        repr(layers),
        repr(layers.pop(-1)),
        repr(layers + nn.ModuleList([nn.ReLU()])),
        repr(nn.ModuleList()),
    ]
    return [*seen, [type(m).__name__ for m in layers], layers[0] in layers]


@judged
def test_module_dict(t):
    nn = t.nn
    d = nn.ModuleDict({"a": nn.Linear(1, 2), "b": nn.ReLU()})
    d["c"] = nn.Tanh()
    d.update([("d", nn.ReLU())])
    d.update(nn.ModuleDict({"e": nn.ReLU()}))
    seen = [repr(d), list(d), "a" in d, len(d), list(d.keys()), repr(d.pop("b"))]
    del d["c"]
    seen += [repr(d), [repr(m) for m in d.values()], [name for name, _ in d.items()]]
    d.clear()
    return [*seen, repr(d), repr(nn.ModuleDict([("z", nn.ReLU())]))]


@judged
def test_parameter_list(t):
    values = [t.ones(2), t.nn.Parameter(t.zeros(1, 3)), 3, "a"]
    p = t.nn.ParameterList(values)
    p.append(t.ones(1))
    p += [t.ones(2, 2)]
    p[0] = t.zeros(4)
    names = [name for name, _ in p.named_parameters()]
    return (
        repr(p),
        len(p),
        names,
        repr(p[1:3]),
        p[2],
        p[-1].requires_grad,
        repr(t.nn.ParameterList()),
    )


@judged
def test_parameter_dict(t):
    p = t.nn.ParameterDict({"a": t.ones(2), "b": 3})
    p["c"] = t.nn.Parameter(t.ones(1, 2))
    p.update({"d": t.ones(1)})
    seen = [repr(p), list(p), [name for name, _ in p.named_parameters()], "a" in p, len(p)]
    seen += [p.get("z", 5), p.get("b"), p.pop("b"), repr(p.copy()), p.popitem()[0], list(p.keys())]
    seen += [p.setdefault("e", t.ones(1)).requires_grad, repr(p | {"f": t.ones(1)})]
    del p["a"]
    p.clear()
    return [*seen, repr(p), len(p)]


REFUSED = [
    "nn.Sequential(3)",
    "nn.Sequential(nn.ReLU())[1]",
    "nn.Sequential(nn.ReLU())['a']",
    "nn.Sequential(nn.ReLU()) + nn.ReLU()",
    "nn.Sequential(nn.ReLU()) * 0",
    "nn.Sequential(nn.ReLU()) * 1.5",
    "nn.Sequential().insert(0, 3)",
    "nn.Sequential().insert(3, nn.ReLU())",
    "nn.ModuleList([3])",
    "nn.ModuleList(3)",
    "nn.ModuleList([nn.ReLU()])[1]",
    "nn.ModuleList([nn.ReLU()])(3)",
    "nn.ModuleDict({3: nn.ReLU()})",
    "nn.ModuleDict({'a': 3})",
    "nn.ModuleDict(3)",
    "nn.ModuleDict()['a']",
    "nn.ModuleDict({'update': nn.ReLU()})",
    "nn.ModuleDict().update([('a', nn.ReLU()), ('b', nn.ReLU(), 1)])",
    "nn.ParameterList([t.ones(1)])[1]",
    "nn.ParameterList(3)",
    "nn.ParameterList(t.ones(2))",
    "nn.ParameterList()()",
    "nn.ParameterDict({3: t.ones(1)})",
    "nn.ParameterDict(3)",
    "nn.ParameterDict()(3)",
]


@pytest.mark.parametrize("statement", REFUSED)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(statement, {"t": t, "nn": t.nn})


@judged
def test_the_order_of_parameters_from_dictionaries(t):
    pairs = [("b", t.ones(1)), ("c", t.ones(1)), ("a", t.ones(1))]
    of_a_dict = t.nn.ParameterDict(dict(pairs))
    of_a_dict.update({"z": t.ones(1), "y": t.ones(1)})
    ordered = [t.nn.ParameterDict(OrderedDict(pairs)), t.nn.ParameterDict(pairs)]
    ordered.append(t.nn.ParameterDict(ordered[0]))
    return [list(d.keys()) for d in (of_a_dict, *ordered)]


@judged
def test_names_lose_a_prefix(t):
    model = t.nn.Module()
    model.module = t.nn.Sequential(t.nn.Linear(1, 1))
    state = model.state_dict()
    state["other"] = t.ones(1)
    t.nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
    return list(state), list(state._metadata)


@judged(raises="update sequence element #1")
@pytest.mark.parametrize("kind", ["ModuleDict", "ParameterDict"])
@pytest.mark.parametrize("pair", [1, ("b", None, None)])
def test_updates_that_are_no_pairs(t, kind, pair):
    getattr(t.nn, kind)().update([("a", t.nn.ReLU() if kind == "ModuleDict" else t.ones(1)), pair])
