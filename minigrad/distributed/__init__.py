"""Training in several processes, for a program that runs as the only one.

Lessons ask ``is_initialized()`` before anything else, or start a group of one process: then what
would be summed, sent or awaited is there already. A larger group is a NotImplementedError.
"""

from __future__ import annotations

import copy
import enum
import os
from typing import Any

__all__ = [
    "Backend",
    "GroupMember",
    "ProcessGroup",
    "ReduceOp",
    "all_gather",
    "all_gather_object",
    "all_reduce",
    "barrier",
    "broadcast",
    "broadcast_object_list",
    "destroy_process_group",
    "get_backend",
    "get_rank",
    "get_world_size",
    "group",
    "init_process_group",
    "is_available",
    "is_gloo_available",
    "is_initialized",
    "is_mpi_available",
    "is_nccl_available",
    "is_torchelastic_launched",
    "new_group",
    "reduce",
]

_backend: str | None = None  # of the group, if there is one


class Backend(str):
    """The name of a library that processes talk by, in small letters: ``Backend("GLOO")``."""

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    MPI = "mpi"
    UCC = "ucc"
    XCCL = "xccl"

    def __new__(cls, name: str) -> Backend:
        """The backend of a name. Raises ValueError for anything but a str."""
        if not isinstance(name, str):
            raise ValueError(f"Backend constructor parameter must be string-ish, not {name!r}")
        return super().__new__(cls, name.lower())


class ReduceOp(enum.Enum):
    """How the tensors of all processes become one."""

    SUM = 0
    AVG = 1
    PRODUCT = 2
    MIN = 3
    MAX = 4
    BAND = 5
    BOR = 6
    BXOR = 7


class ProcessGroup:
    """A group of this process alone; that it is given changes nothing."""

    def size(self) -> int:
        """1."""
        return 1

    def rank(self) -> int:
        """0."""
        return 0


class _World(type):
    @property
    def WORLD(cls) -> ProcessGroup | None:
        """The default group, or None before `init_process_group`."""
        return _world if is_initialized() else None


class group(metaclass=_World):
    """``group.WORLD`` is the default group, or None before `init_process_group`."""


class GroupMember(metaclass=_World):
    """``GroupMember.WORLD`` as of `group`; NON_GROUP_MEMBER stands for a group of others."""

    NON_GROUP_MEMBER = -100


_world = ProcessGroup()


class _Done:
    """What ``async_op=True`` gives."""

    def wait(self, timeout: Any = None) -> bool:
        """True: it is done."""
        return True

    def is_completed(self) -> bool:
        """True."""
        return True


def is_available() -> bool:
    """True: a group of one process can be had."""
    return True


def is_initialized() -> bool:
    """Whether there is a group."""
    return _backend is not None


def is_gloo_available() -> bool:
    """True."""
    return True


def is_nccl_available() -> bool:
    """False: there is no GPU."""
    return False


def is_mpi_available() -> bool:
    """False."""
    return False


def is_torchelastic_launched() -> bool:
    """Whether torchrun started the program."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Any = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
) -> None:
    """Start a group of this process alone.

    Raises ValueError where there is one, or where neither the arguments nor the environment say
    what a group needs; RuntimeError for "nccl"; NotImplementedError for more than one process.
    """
    global _backend
    if _backend is not None:
        raise ValueError("trying to initialize the default process group twice!")
    if backend == "nccl":
        raise RuntimeError("Distributed package doesn't have NCCL built in. There is gloo.")
    if store is None and init_method in (None, "env://"):
        needed = {"RANK": rank, "WORLD_SIZE": world_size, "MASTER_ADDR": -1, "MASTER_PORT": -1}
        for name, given in needed.items():
            if given == -1 and name not in os.environ:
                raise ValueError(
                    "Error initializing torch.distributed using env:// rendezvous: environment "
                    f"variable {name} expected, but not set"
                )
        world_size = world_size if world_size != -1 else int(os.environ["WORLD_SIZE"])
        rank = rank if rank != -1 else int(os.environ["RANK"])
    for name, given in (("rank", rank), ("world_size", world_size)):
        if given == -1:
            raise ValueError(f"Error initializing torch.distributed: {name} is missing. Give it.")
    if world_size != 1 or rank != 0:
        raise NotImplementedError(
            f"Process {rank} of {world_size} cannot be had: minigrad computes in one process. "
            "Give world_size=1 and rank=0, or leave the group out."
        )
    _backend = backend or "gloo"


def destroy_process_group(group: Any = None) -> None:
    """End the group; AssertionError where there is none."""
    global _backend
    if _backend is None:
        raise AssertionError("Process group cannot be None")
    _backend = None


def get_backend(group: Any = None) -> str:
    """The name that the group was started with; ValueError where there is none."""
    if _backend is None:
        raise ValueError(
            "Default process group has not been initialized, please make sure to call "
            "init_process_group."
        )
    return _backend


def get_rank(group: Any = None) -> int:
    """0; ValueError where there is no group."""
    get_backend()
    return 0


def get_world_size(group: Any = None) -> int:
    """1; ValueError where there is no group."""
    get_backend()
    return 1


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None) -> Any:
    """Wait for nobody; ValueError where there is no group."""
    get_backend()
    return _Done() if async_op else None


def new_group(ranks: Any = None, *args: Any, **settings: Any) -> ProcessGroup:
    """A group of this process, the only one.

    Raises ValueError without a default group and for ranks that do not exist, TypeError for none.
    """
    get_backend()
    ranks = [0] if ranks is None else list(ranks)
    if not ranks:
        raise TypeError("new_group(): ranks are empty. Give [0], the one process, or leave it out.")
    if len(ranks) > len(set(ranks)):
        raise ValueError(f"ranks list must not contain duplicate entries, got {ranks}")
    if len(ranks) > 1:
        raise ValueError(
            "the new group's world size should be less or equal to the world size set by "
            "init_process_group"
        )
    if ranks != [0]:
        raise ValueError(f"Rank {ranks[0]} is out of range. Valid ranks are 0 to 0 (world_size=1)")
    return ProcessGroup()


def all_reduce(
    tensor: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Any:
    """Leave the tensor: it is the sum, or what ``op`` says, of one. ValueError without a group."""
    return barrier(group, async_op)


def reduce(
    tensor: Any, dst: Any = None, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Any:
    """Leave the tensor, as `all_reduce`."""
    return barrier(group, async_op)


def broadcast(tensor: Any, src: Any = None, group: Any = None, async_op: bool = False) -> Any:
    """Leave the tensor: it is that of process 0. ValueError without a group."""
    return barrier(group, async_op)


def broadcast_object_list(object_list: list[Any], src: Any = None, group: Any = None) -> None:
    """Leave the list, as `broadcast`."""
    get_backend()


def all_gather(
    tensor_list: list[Any], tensor: Any, group: Any = None, async_op: bool = False
) -> Any:
    """Copy the tensor to the one in the list. ValueError without a group."""
    done = barrier(group, async_op)
    if len(tensor_list) != 1:
        raise ValueError(
            f"The list must have one tensor for the one process, not {len(tensor_list)}"
        )
    tensor_list[0].detach().copy_(tensor.detach())
    return done


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """Make a copy of ``obj`` the one in the list. ValueError without a group."""
    get_backend()
    object_list[0] = copy.deepcopy(obj)
