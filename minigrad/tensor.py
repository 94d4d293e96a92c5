"""The Tensor that users hold: operators and methods around the bare Value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import dtypes, printing
from minigrad.autograd import api, graph, hooks, inference
from minigrad.autograd.backward import backward
from minigrad.autograd.value import LEAF, Array, Value, edge_of, tensor_class, wrap
from minigrad.autograd.views import View, base_of
from minigrad.errors import c_name, type_name
from minigrad.methods import Method, Methods
from minigrad.numpy_protocols import array_function, array_ufunc
from minigrad.ops import elementwise
from minigrad.ops import shape as shape_ops
from minigrad.ops.arguments import one_dim
from minigrad.size import Size


class Tensor(Methods):
    """An n-dimensional array that can be differentiated, as ``torch.Tensor``.

    Made by `tensor`, `zeros` and their like, and by every operation. A tensor that requires grad
    and was not made by an operation is a *leaf*: its gradient accumulates in ``.grad``.
    """

    __slots__ = ()
    __array_priority__ = 1000
    __hash__ = object.__hash__

    # What a tensor is.

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return Size(self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension. Raises IndexError if there is no such one."""
        return Size(self.array.shape) if dim is None else self.array.shape[self._dim(dim)]

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

    nelement = numel

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.OF_NUMPY[self.array.dtype]

    def stride(self, dim: int | None = None) -> Any:
        """Of each dimension, or one, the step in memory to the next element, in elements."""
        steps = tuple([s // self.array.itemsize for s in self.array.strides])
        return steps if dim is None else steps[self._dim(dim)]

    def _dim(self, dim: int) -> int:
        if not self.array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return one_dim(dim, self.array.ndim)

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory in order."""
        return self.array.flags.c_contiguous

    def element_size(self) -> int:
        """The size of an element in bytes."""
        return self.array.itemsize

    def is_floating_point(self) -> bool:
        """Whether the dtype is one of floating-point numbers, which alone can require grad."""
        return self.array.dtype.kind == "f"

    # Its gradient.

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are wanted here. Only a leaf's flag can be set."""
        edge = self.edge
        return edge.requires_grad() if isinstance(edge, View) else edge is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Say whether gradients are wanted here; for leaves of a floating-point dtype only."""
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

    # The getter is the slot's own, for speed.
    grad = property(
        Value.grad.__get__, _set_grad, doc="The gradient accumulated so far in a leaf, or None."
    )

    def __getattr__(self, name: str) -> Any:
        # Where the slot of `grad` is empty, the getter ends here.
        if name == "grad" and not self.is_leaf and not self.retains_grad:
            warnings.warn(graph.NOT_A_LEAF, UserWarning, stacklevel=2)
        return super().__getattr__(name)

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

        Raises RuntimeError for a tensor that requires grad, unless ``force``: what happens to the
        array is not recorded, so say ``.detach().numpy()``.
        """
        if self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self.array.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter([self[i] for i in range(self.array.shape[0])])

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
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __index__(self) -> int:
        if self.array.size != 1 or self.array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __contains__(self, element: Any) -> bool:
        return bool(
            (self.array == (element.array if isinstance(element, Tensor) else element)).any()
        )

    def __format__(self, spec: str) -> str:
        # A 0-d tensor formats as its number; a subclass, a Parameter say, only prints.
        plain = self.array.ndim == 0 and type(self) is Tensor
        return format(self.array.item(), spec) if plain else object.__format__(self, spec)

    def __repr__(self) -> str:
        return printing.tensor_text(self, "tensor" if type(self) is Tensor else type(self).__name__)

    # Dtypes.

    def to(self, *args: Any, dtype: Any = None, copy: bool = False, **ignored: Any) -> Tensor:
        """Convert to a dtype, or to another tensor's; the tensor itself if it has it already.

        A device may be named, and there is one, "cpu". The gradient is cast back.
        """
        for argument in args:
            if isinstance(argument, dtypes.dtype | np.dtype):
                dtype = argument
            elif isinstance(argument, Tensor):
                dtype = argument.dtype
        wanted = self.array.dtype if dtype is None else np.dtype(dtype)
        if wanted == self.array.dtype and not copy:
            return self
        cast = elementwise._to_copy if wanted.kind == "f" else elementwise._to_integers
        return cast(self, wanted)  # type: ignore[no-any-return]

    def float(self) -> Tensor:
        """Converted to float32; the gradient is cast back."""
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        """Converted to float64; the gradient is cast back."""
        return self.to(dtypes.float64)

    def long(self) -> Tensor:
        """Converted to int64, towards 0; carries no gradient."""
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        """Converted to int32, towards 0; carries no gradient."""
        return self.to(dtypes.int32)

    def bool(self) -> Tensor:
        """Converted to bool, False for 0; carries no gradient."""
        return self.to(dtypes.bool)

    @property
    def T(self) -> Tensor:
        """The dimensions in reverse order; a view."""
        return shape_ops.permute(self, *reversed(range(self.array.ndim)))  # type: ignore[no-any-return]

    @property
    def mT(self) -> Tensor:
        """The last two dimensions exchanged; a view."""
        return shape_ops.transpose(self, -2, -1)  # type: ignore[no-any-return]

    def view_as(self, other: Tensor) -> Tensor:
        """A view in the shape of ``other``."""
        return shape_ops.view_of(self, *other.array.shape)  # type: ignore[no-any-return]

    def reshape_as(self, other: Tensor) -> Tensor:
        """The elements in the shape of ``other``."""
        return shape_ops.reshape(self, *other.array.shape)  # type: ignore[no-any-return]

    def expand_as(self, other: Tensor) -> Tensor:
        """Expanded to the shape of ``other``; a view."""
        return shape_ops.expand(self, *other.array.shape)  # type: ignore[no-any-return]


tensor_class[0] = Tensor
