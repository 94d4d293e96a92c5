"""The Tensor that users hold: operators and methods around the bare Value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import conversion, creation, dtypes, from_data, storage
from minigrad.autograd import api, graph, hooks, inference
from minigrad.autograd.backward import backward
from minigrad.autograd.value import LEAF, Array, Value, edge_of, mode, tensor_class, wrap
from minigrad.autograd.views import View, base_of
from minigrad.devices import CPU
from minigrad.errors import c_name, type_name, warn_once
from minigrad.later import Deferred
from minigrad.methods import Method, Methods
from minigrad.ops.arguments import need_tensor, one_dim
from minigrad.options import strided
from minigrad.promotion import plain
from minigrad.size import Size, contiguous_steps

slot = Value.grad.__get__


SCALARS = (
    "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
    "Consider using tensor.detach() first."
)


class Tensor(Methods):
    """An n-dimensional array that can be differentiated, as ``torch.Tensor``.

    Made by `tensor`, `zeros` and their like, and by every operation. A tensor that requires grad
    and was not made by an operation is a *leaf*: its gradient accumulates in ``.grad``.
    """

    __module__ = "minigrad"  # as the class is shown
    __slots__ = ()
    __array_priority__ = 1000

    __hash__ = object.__hash__

    def __init__(self, *data: Any, device: Any = None) -> None:
        """Of the default dtype: ``Tensor(2, 3)`` of a size, ``Tensor([1, 2])`` of data.

        ``Tensor(x)`` of a tensor is a view of it.

        `minigrad.tensor` is the better way: it keeps the dtype of the data.
        """
        from minigrad.legacy import legacy_tensor

        given = len(data) == 1 and isinstance(data[0], Value)
        dtype = data[0].array.dtype if given else dtypes.get_default_dtype().dtype
        made = legacy_tensor(dtype, data, device)
        self.array, self.edge, self.version = made.array, made.edge, made.version

    # What a tensor is.

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return tuple.__new__(Size, self.array.shape)  # without looking at each, as these are ints

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension. Raises IndexError if there is no such one."""
        return (
            tuple.__new__(Size, self.array.shape)
            if dim is None
            else self.array.shape[self._dim(dim)]
        )

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self.array.size

    ndimension = dim
    nelement = numel

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.OF_NUMPY[self.array.dtype]

    def stride(self, dim: int | None = None) -> Any:
        """Of each dimension, or one, the step in memory to the next element, in elements."""
        array = self.array
        steps = tuple([s // array.itemsize for s in array.strides])
        if not array.size and not any(steps):  # numpy's, of what has no element to step to
            steps = tuple(contiguous_steps([max(n, 1) for n in array.shape]))
        return steps if dim is None else steps[self._dim(dim)]

    def _dim(self, dim: int) -> int:
        if not self.array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return one_dim(dim, self.array.ndim)

    def element_size(self) -> int:
        """The size of an element in bytes."""
        return self.array.itemsize

    @property
    def itemsize(self) -> int:
        """The size of an element in bytes."""
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        """The size of all elements in bytes."""
        return self.array.nbytes

    is_contiguous: Method = storage.is_contiguous
    data_ptr: Method = storage.data_ptr
    storage_offset: Method = storage.storage_offset
    untyped_storage: Method = storage.untyped_storage
    is_set_to: Method = storage.is_set_to
    share_memory_: Method = storage.share_memory_
    pin_memory: Method = storage.pin_memory

    real = property(lambda self: self, doc="The tensor itself: there are no complex numbers.")
    device = property(lambda self: CPU, doc="Where the elements are: on the CPU.")
    layout = property(lambda self: strided, doc="How the elements are stored: strided.")
    is_cuda = property(lambda self: False, doc="Whether the tensor is on a GPU: never.")
    is_cpu = property(lambda self: True, doc="Whether the tensor is in the CPU's memory: always.")
    _cdata = property(id, doc="A number that no other tensor has as long as this one lives.")
    is_meta = property(lambda self: False, doc="Whether there are no numbers: never.")
    is_sparse = property(lambda self: False, doc="Whether zeros are left out: never.")
    is_sparse_csr = property(lambda self: False, doc="Whether zeros are left out by rows: never.")
    is_quantized = property(lambda self: False, doc="Whether the numbers are rounded: never.")
    is_nested = property(lambda self: False, doc="Whether it is a list of tensors: never.")
    is_mkldnn = property(lambda self: False, doc="Whether oneDNN lays the elements out: never.")
    is_mps = property(lambda self: False, doc="Whether the tensor is on Apple's GPU: never.")
    is_xpu = property(lambda self: False, doc="Whether the tensor is on Intel's GPU: never.")
    is_xla = property(lambda self: False, doc="Whether the tensor is on an XLA device: never.")

    def is_same_size(self, other: Value) -> bool:
        """Whether the other tensor has the same shape."""
        need_tensor("is_same_size", other, "other")
        return bool(self.array.shape == other.array.shape)

    def get_device(self) -> int:
        """The number of the GPU the tensor is on; -1, since it is on the CPU."""
        return -1

    def is_floating_point(self) -> bool:
        """Whether the dtype is one of floating-point numbers, which alone can require grad."""
        return self.array.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Whether the dtype is one of complex numbers, which minigrad does not have."""
        return False

    def is_signed(self) -> bool:
        """Whether the dtype has negative numbers."""
        return self.array.dtype.kind in "fi"

    # Its gradient.

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are wanted here. Only a leaf's flag can be set."""
        edge = self.edge
        return edge.requires_grad() if isinstance(edge, View) else edge is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, bool):
            raise RuntimeError(f"requires_grad must be a bool, not {type(wanted).__name__}")
        if wanted and not self.is_leaf:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. A computed tensor "
                "requires grad already: leave the assignment out."
            )
        if wanted and self.array.dtype.kind != "f":
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients; this one "
                f"is {self.dtype}: convert it with .float()"
            )
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say whether gradients are wanted here; for leaves of a floating-point dtype only."""
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                f"{type(requires_grad).__name__}"
            )
        # Of a view the edge it has, and not the one it would find: that may be refused.
        edge = self.edge.edge if isinstance(self.edge, View) else self.edge
        if isinstance(edge, tuple):
            if not requires_grad:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to "
                    "use a computed variable in a subgraph that doesn't require differentiation "
                    "use var_no_grad = var.detach()."
                )
            return self
        if requires_grad and self.is_inference() and not inference.is_inference_mode_enabled():
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not "
                "allowed. Make a clone() to get a normal tensor."
            )
        if requires_grad and self.array.dtype.kind != "f":
            raise RuntimeError(
                "only Tensors of floating point dtype can require gradients; this one is "
                f"{self.dtype}: convert it with .float()"
            )
        if isinstance(self.edge, View):
            self.edge.leaf = requires_grad
        else:
            self.edge = LEAF if requires_grad else None
            Value.grad.__set__(self, self.grad)  # from now on an attribute
        return self

    # A tensor has no __getattr__: with one, Python would look up each of its slots the slow way.
    def _get_grad(self) -> Any:
        try:
            grad = slot(self)
        except AttributeError:  # what an operation has made
            grad = None
        if grad is None and self.edge is not LEAF and not (self.is_leaf or self.retains_grad):
            warnings.warn(graph.NOT_A_LEAF, UserWarning, stacklevel=2)
        return grad

    def _set_grad(self, grad: Any) -> None:
        if grad is not None:
            if not isinstance(grad, Tensor):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got grad of type "
                    f"{type(grad).__name__}"
                )
            if grad is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if grad.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(grad.array.shape)}' to a "
                    f"tensor of size '{list(self.array.shape)}'. Please ensure that the gradient "
                    "and the tensor are the same size"
                )
            if grad.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype '{c_name(grad.array.dtype)}' to a "
                    f"tensor with grad_dtype '{type_name(self.array.dtype)}'. The gradient must "
                    "match the tensor's dtype."
                )
        Value.grad.__set__(self, grad)

    grad = property(
        _get_grad,
        _set_grad,
        lambda self: self._set_grad(None),
        "The gradient accumulated so far in a leaf, or None.",
    )
    _grad = grad  # torch's other name for it, by which lessons share a gradient between models

    register_hook: Method = hooks.register_hook
    register_post_accumulate_grad_hook: Method = hooks.register_post_accumulate_grad_hook
    retain_grad: Method = hooks.retain_grad
    retains_grad = property(hooks.retains_grad)

    @property
    def grad_fn(self) -> Any:
        """The node that produced this tensor; None for a leaf."""
        edge = edge_of(self)
        return None if edge is None or edge[0] is self else graph.shown(edge[0])

    @property
    def output_nr(self) -> int:
        """Which output of ``grad_fn`` this is."""
        edge = edge_of(self)
        return 0 if edge is None else edge[1]

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation produced this tensor."""
        edge = edge_of(self)
        return edge is None or edge[0] is self

    @property
    def _version(self) -> int:
        if self.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        return self.version[0]

    is_inference: Method = inference.is_inference

    @property
    def _base(self) -> Any:
        return base_of(self)

    def _is_view(self) -> bool:
        return isinstance(self.edge, View)

    backward: Method = backward

    def _backward(self, gradient: Any, retain_graph: Any, create_graph: Any, inputs: Any) -> None:
        api.backward(self, gradient, retain_graph, create_graph, inputs)

    def detach(self) -> Tensor:
        """The same memory, cut off from the graph. Not a view, but writes are seen by both."""
        result: Tensor = wrap(self.array)
        result.version = self.version
        return result

    def detach_(self) -> Tensor:
        """Cut this tensor off from the graph. Raises RuntimeError for a view."""
        if isinstance(self.edge, View):
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. A view follows its base."
            )
        self.edge = None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory outside of the graph, with a version counter of its own.

        Writes through it go unnoticed by the checks of saved values: use detach() if in doubt.
        """
        result: Tensor = wrap(self.array)
        result.version = self.version if self.is_inference() else [0]
        return result

    @data.setter
    def data(self, new: Tensor) -> None:
        if not isinstance(new, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        if self.requires_grad and new.array.dtype.kind != "f":
            raise RuntimeError(
                "data set to a tensor that requires gradients must be floating point or complex "
                f"dtype. This is {new.dtype}: convert it with .float()."
            )
        self.array = new.array

    # Out to Python and numpy.

    def item(self) -> Any:
        """The only element, as a Python number. Raises RuntimeError if there are several."""
        if self.array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self.array.size} elements cannot be converted to Scalar"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers, a number for 0-d."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> Array:
        """The elements as an array that shares memory.

        Raises RuntimeError for a tensor that requires grad, unless ``force`` or under `no_grad`:
        what happens to the array is not recorded, so say ``.detach().numpy()``.
        """
        if mode.grad and self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        return self.array.view()  # whatever is done to its shape, this tensor keeps its own

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    __array_ufunc__: Method = Deferred("minigrad.numpy_protocols", "array_ufunc")
    __array_function__: Method = Deferred("minigrad.numpy_protocols", "array_function")

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self.array.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self) -> Any:
        return self.flip(0) if self.array.ndim else self

    def __bool__(self) -> bool:
        if self.array.size != 1:
            count = "no values" if self.array.size == 0 else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {count} is ambiguous")
        return bool(self.array.item())

    def _number(self) -> Any:
        if self.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.array.item()

    def __float__(self) -> float:
        number = self._number()
        if self.requires_grad and mode.grad:
            warn_once(SCALARS)
        return float(number)

    def __int__(self) -> int:
        return int(self._number())

    def __index__(self) -> int:
        if self.array.size != 1 or self.array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __complex__(self) -> complex:
        return complex(float(self))

    def __contains__(self, element: Any) -> bool:
        if isinstance(element, Tensor):
            element = element.array
        elif plain(element) is NotImplemented or isinstance(element, np.ndarray):
            raise RuntimeError(
                "Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                f"{element.__class__}. Make it a tensor first."
            )
        return bool((self.array == element).any())

    def __format__(self, spec: str) -> str:
        # A 0-d tensor formats as its number; a subclass, a Parameter say, only prints.
        plain = self.array.ndim == 0 and type(self) is Tensor
        return format(self.array.item(), spec) if plain else object.__format__(self, spec)

    def __repr__(self) -> str:
        from minigrad.printing import tensor_text

        return tensor_text(self, "tensor" if type(self) is Tensor else type(self).__name__)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), "grad"})

    # Copies, and other libraries.

    __deepcopy__: Method = Deferred("minigrad.copying", "deepcopy")
    __reduce_ex__: Method = Deferred("minigrad.copying", "reduce")
    __dlpack__: Method = storage.dlpack
    __dlpack_device__: Method = storage.dlpack_device
    storage: Method = storage.typed_storage  # the last, as the name is the module's until here

    # Other dtypes, and new tensors of this one's dtype.

    to: Method = conversion.to
    type: Method = conversion.type_
    type_as: Method = conversion.type_as
    cpu: Method = conversion.cpu
    cuda: Method = conversion.cuda
    half: Method = conversion.to_dtype(dtypes.float16)
    float: Method = conversion.to_dtype(dtypes.float32)
    double: Method = conversion.to_dtype(dtypes.float64)
    byte: Method = conversion.to_dtype(dtypes.uint8)
    char: Method = conversion.to_dtype(dtypes.int8)
    short: Method = conversion.to_dtype(dtypes.int16)
    int: Method = conversion.to_dtype(dtypes.int32)
    long: Method = conversion.to_dtype(dtypes.int64)
    bool: Method = conversion.to_dtype(dtypes.bool)
    new: Method = Deferred("minigrad.legacy", "new")
    new_tensor: Method = from_data.new_tensor
    new_zeros: Method = creation.new_zeros
    new_ones: Method = creation.new_ones
    new_full: Method = creation.new_full
    new_empty: Method = creation.new_empty


tensor_class[0] = Tensor
