"""Lessons written for several processes, run as the only one, against torch."""

import importlib
import warnings

import pytest

import minigrad
from tests.judge import both, both_raise, judged


@pytest.fixture(autouse=True)
def addresses(monkeypatch):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "0")
    monkeypatch.delenv("RANK", raising=False)


def of_one(t):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        t.distributed.init_process_group("gloo", rank=0, world_size=1)


OPERATIONS = {
    "all_reduce": lambda nn, x: nn.all_reduce(x),
    "all_gather": lambda nn, x: nn.all_gather(x)[0],
    "broadcast": lambda nn, x: nn.broadcast(x, 0),
    "gather": lambda nn, x: nn.functional.gather(x)[0],
    "reduce": lambda nn, x: nn.functional.reduce(x, 0),
}


@judged
@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_go_through_operations_of_a_group(t, name):
    nn = importlib.import_module(f"{t.__name__}.distributed.nn")
    x = t.tensor([1.0, 2.0], requires_grad=True)
    of_one(t)
    try:
        y = OPERATIONS[name](nn, x)
        (y * t.tensor([3.0, 4.0])).sum().backward()
    finally:
        t.distributed.destroy_process_group()
    return y.grad_fn.name(), y.detach().clone(), x


@judged(raises="has not been initialized")
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_without_a_group(t, name):
    OPERATIONS[name](importlib.import_module(f"{t.__name__}.distributed.nn"), t.ones(2))


@judged
def test_a_training_step_in_a_group_of_one(t):
    dist = t.distributed
    of_one(t)
    try:
        known = dist.is_initialized(), dist.get_rank(), dist.get_world_size(), dist.get_backend()
        t.manual_seed(0)
        module = t.nn.Linear(2, 1)
        model = t.nn.parallel.DistributedDataParallel(module)
        loss = model(t.ones(3, 2)).sum()
        loss.backward()
        with model.no_sync():
            model(t.ones(1, 2)).sum().backward()
        x = loss.detach()
        waited = dist.all_reduce(x, op=dist.ReduceOp.AVG, async_op=True).wait()
        dist.broadcast(x, src=0)
        dist.reduce(x, 0)
        gathered, objects = [t.zeros(())], [None]
        dist.all_gather(gathered, x)
        dist.all_gather_object(objects, {"a": 1})
        dist.barrier()
        shown = list(model.state_dict()), str(model), known, waited
        return shown, module.weight.grad.clone(), x.clone(), gathered[0].clone(), objects
    finally:
        dist.destroy_process_group()


@judged(raises="must be string-ish")
def test_a_backend_has_a_name(t):
    t.distributed.Backend(3)


@judged
def test_names_of_backends(t):
    kinds = t.distributed.Backend
    return kinds("GLOO"), kinds.GLOO, kinds.NCCL, kinds.MPI, isinstance(kinds("mpi"), str)


@judged
def test_guards_without_a_group(t):
    dist = t.distributed
    return dist.is_available(), dist.is_initialized(), dist.is_torchelastic_launched()


@pytest.mark.torch
def test_errors_without_a_group():
    both_raise(lambda t: t.distributed.get_rank(), "not been initialized")
    both_raise(lambda t: t.distributed.all_reduce(t.ones(1)), "not been initialized")
    both_raise(lambda t: t.distributed.destroy_process_group(), "cannot be None")
    both_raise(lambda t: t.distributed.init_process_group("gloo"), "RANK expected")
    both_raise(lambda t: t.nn.parallel.DistributedDataParallel(t.nn.Linear(1, 1)), "not been init")


@judged(raises="twice")
def test_there_is_one_group(t):
    of_one(t)
    try:
        of_one(t)
    finally:
        t.distributed.destroy_process_group()


@judged(raises="not needed")
def test_a_module_without_parameters_needs_no_group(t):
    of_one(t)
    try:
        t.nn.parallel.DistributedDataParallel(t.nn.ReLU())
    finally:
        t.distributed.destroy_process_group()


def test_a_larger_group_cannot_be_had():
    with pytest.raises(NotImplementedError, match="one process"):
        minigrad.distributed.init_process_group("gloo", rank=0, world_size=2)
    assert not minigrad.distributed.is_initialized()


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("drop_last", [False, True])
@judged
def test_shares_of_samples(t, shuffle, drop_last):
    found = []
    for n, size in ((1, 5), (2, 7), (3, 10), (4, 8), (5, 2)):
        for rank in range(n):
            sampler = t.utils.data.distributed.DistributedSampler(
                range(size), n, rank, shuffle=shuffle, seed=3, drop_last=drop_last
            )
            sampler.set_epoch(2)
            found.append((len(sampler), list(sampler)))
    return found


@pytest.mark.torch
def test_a_share_that_does_not_exist():
    both_raise(lambda t: t.utils.data.DistributedSampler(range(3), 2, 2), "Invalid rank 2")


@pytest.mark.torch
def test_settings_of_multiprocessing():
    def strategies(t):
        before = t.multiprocessing.get_sharing_strategy()
        t.multiprocessing.set_sharing_strategy("file_system")
        try:
            return before, t.multiprocessing.get_sharing_strategy()
        finally:
            t.multiprocessing.set_sharing_strategy(before)

    both(strategies)
    assert minigrad.multiprocessing.get_context("spawn").Process


def test_what_is_spawned_is_awaited():
    spawn = minigrad.multiprocessing.spawn
    assert spawn(divmod, (1,), nprocs=2, start_method="fork") is None  # divmod(i, 1)
    running = spawn(divmod, (1,), nprocs=2, join=False, start_method="fork")
    assert running.join()
    assert [process.exitcode for process in running.processes] == [0, 0]
    with pytest.raises(RuntimeError, match="process 0 terminated"):
        spawn(divmod, (0,), nprocs=1)


@judged
def test_groups_of_a_group_of_one(t):
    dist = t.distributed
    before = dist.group.WORLD, dist.GroupMember.WORLD, dist.GroupMember.NON_GROUP_MEMBER
    of_one(t)
    try:
        groups = [dist.group.WORLD, dist.GroupMember.WORLD, dist.new_group(), dist.new_group([0])]
        sizes = [(group.size(), group.rank()) for group in groups]
        x = t.ones(2)
        for group in groups:
            dist.all_reduce(x, group=group)
    finally:
        dist.destroy_process_group()
    return before, sizes, x.tolist(), dist.group.WORLD


@judged(raises="has not been initialized")
def test_a_new_group_without_a_group(t):
    t.distributed.new_group([0])


@judged(raises="world size should be less|is out of range|duplicate entries")
@pytest.mark.parametrize("ranks", [[0, 1], [1], [-1], [0, 0]])
def test_a_new_group_of_processes_that_are_not_there(t, ranks):
    of_one(t)
    try:
        t.distributed.new_group(ranks)
    finally:
        t.distributed.destroy_process_group()


@judged
def test_no_tensor_is_spread_over_processes(t):
    tensor = importlib.import_module(f"{t.__name__}.distributed.tensor")
    return isinstance(t.ones(1), tensor.DTensor), issubclass(tensor.DTensor, t.Tensor)


def test_a_spread_tensor_cannot_be_made() -> None:
    from minigrad.distributed.tensor import DTensor

    with pytest.raises(NotImplementedError, match="one process"):
        DTensor(minigrad.ones(1))
