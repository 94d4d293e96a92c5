"""Programs on which minigrad and torch once disagreed, as short as they could be made.

Each is run by both libraries, statement by statement; everything that `machine.py` compares
must be the same after every statement, or both raise the same type of exception.
"""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("torch")

from tests.agreement import state_machine
from tests.agreement.machine import replay

pytestmark = pytest.mark.torch


def both(source: str) -> None:
    """Run the program with minigrad and torch, looking at the graph at each step and at the end."""
    program = state_machine.parse(source)
    assert program
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for watch in (True, False):
            found = replay(program, watch)
            assert found is None, state_machine.report(program, found, watch)


# Gradients.


def test_a_0d_leaf_used_twice_has_a_tensor_for_gradient() -> None:
    both("""
        v0 = T.tensor(0.5, requires_grad=True)
        v1 = T.autograd.grad(v0 * v0, v0)[0]
        v2 = v1.detach()
    """)


@pytest.mark.parametrize("f", ["(v0**3).sum(0)", "v0.prod(0)", "v0.pow(3).norm(dim=0)"])
def test_a_cotangent_that_was_written_to_is_noticed_by_the_second_pass(f) -> None:
    both(f"""
        v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        v1 = T.tensor([2.0, 5.0])
        v2 = T.autograd.grad({f}, v0, v1, create_graph=True)[0]
        v1.mul_(3)
        v3 = T.autograd.grad(v2.sum(), v0)[0]
    """)


def test_a_function_that_writes_to_a_0d_view_receives_a_tensor() -> None:
    both("""
        v0 = T.tensor([2.0], requires_grad=True)
        v1 = v0 * 3
        v2 = v1.squeeze()
        v3 = F.Double.apply(v2)
        v3.backward()
    """)


def test_the_divisor_of_addcdiv_is_saved_for_whichever_derivative() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.tensor([3.0, 4.0])
        v2 = v0.addcdiv(v1.detach().clone(), v1)
        v1.mul_(2)
        v2.sum().backward()
    """)


@pytest.mark.parametrize("how", ["amax", "amin"])
@pytest.mark.parametrize("include_self", [True, False])
def test_an_extreme_that_is_nan_has_nan_for_gradient(how, include_self) -> None:
    both(f"""
        v0 = T.tensor([0.25, -0.75], requires_grad=True)
        v1 = T.tensor([nan, 1.0], requires_grad=True)
        v2 = v0.scatter_reduce(0, T.tensor([1, 0]), v1, "{how}", include_self={include_self})
        v3 = T.autograd.grad(v2.sum(), [v0, v1], create_graph=True)[1]
        v2.sum().backward()
    """)


def test_an_operand_given_by_its_name_counts_when_a_write_is_refused() -> None:
    both("""
        v0 = T.tensor([2.0, 0.25], requires_grad=True)
        v1 = F.Same.apply(T.tensor([1.5, 0.0]))
        v1.clamp_(min=v0)
    """)


@pytest.mark.parametrize("call", ["logaddexp", "fmod", "remainder", "hypot", "atan2"])
def test_shapes_that_do_not_broadcast_are_refused_before_the_dtype(call) -> None:
    both(f"""
        v0 = T.tensor([True, False])
        v1 = T.tensor([[True, False, True]])
        v2 = T.{call}(v0, v1)
    """)


def test_resize_to_the_same_shape_keeps_the_elements_that_are_not_adjacent() -> None:
    both("""
        v0 = T.tensor([[0.25, 0.25, 1.5], [0.0, 2.0, 2.0]])
        v1 = v0.diagonal().data
        v1.resize_(2)
    """)


def test_the_gradient_of_diag_embed_may_be_expanded() -> None:
    both("""
        v0 = T.tensor([3.0], requires_grad=True)
        v1 = v0.diag_embed().mean()
        v2 = v1.mean()
        v2.backward()
    """)


def test_silu_saves_for_its_second_derivative_what_torch_saves() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.nn.functional.silu(v0)
        v2 = T.autograd.grad(v1.sum(), v0, create_graph=True)[0]
        v0.data = T.tensor([3.0, -1.0])
        v3 = T.autograd.grad(v2.sum(), v0)[0]
    """)


@pytest.mark.parametrize("a", ["v0", "1.5", "-3.0"])
def test_a_remainder_of_0_has_the_sign_of_the_dividend(a) -> None:
    both(f"""
        v0 = T.tensor([0.0, -0.0, 1.5, -1.5, 3.0, -3.0, inf, -inf], dtype=T.float64)
        v1 = T.remainder({a}, v0)
        v2 = T.exp(1 / v1)
        v3 = T.exp(1 / T.remainder(v0, 1.5))
        v4 = T.exp(1 / T.remainder(v0, -0.75))
    """)


@pytest.mark.parametrize("dtype", ["int64", "bool", "uint8"])
def test_the_softmax_of_no_integers_is_nothing(dtype) -> None:
    both(f"""
        v0 = T.zeros(2, 0, dtype=T.{dtype})
        v1 = v0.softmax(0)
        v2 = v0.log_softmax(-1)
    """)


def test_a_view_that_leads_nowhere_runs_no_hook_on_its_gradient() -> None:
    """Its base came to require grad after it was taken."""
    both("""
        v0 = T.tensor([1.0, 2.0])
        v1 = v0.view(1, 2)
        v0.requires_grad_()
        v2 = v1 * 2
        v1.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(0.5))
        v2.sum().backward()
    """)


def test_a_function_comes_after_the_view_that_it_takes() -> None:
    """The view's new node is made when the function asks for it."""
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.tensor([3.0, 4.0], requires_grad=True) * 1
        v2 = v0 * 2
        v3 = v2.view(2)
        v2.mul_(v1)
        v4 = F.Cube.apply(v3)
        v4.sum().backward(inputs=[v1])
    """)


def test_a_write_that_reads_what_it_overwrites_packs_what_it_read() -> None:
    both("""
        v0 = T.tensor([3.0, -1.0, 0.5], requires_grad=True)
        with T.autograd.graph.saved_tensors_hooks(lambda x: x.detach() * 1, lambda x: x):
            v1 = v0.square()
            v1.fmod_(v1)
        v1.sum().backward()
    """)


def test_max_along_a_dimension_is_differentiable_twice() -> None:
    both("""
        v0 = T.tensor([1.0, 3.0], requires_grad=True)
        v1 = T.autograd.grad(v0.max(0)[0] ** 3, v0, create_graph=True)[0]
        v2 = T.autograd.grad(v1.sum(), v0)[0]
    """)


def test_a_power_of_two_tensors_is_differentiable_twice() -> None:
    both("""
        v0 = T.tensor([1.5, 0.25], requires_grad=True)
        v1 = T.autograd.grad((v0**v0).sum(), v0, create_graph=True)[0]
        v2 = T.autograd.grad(v1.sum(), v0)[0]
    """)


def test_gradient_of_the_maximum_after_its_data_have_changed_unnoticed() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0.max()
        v1.data.mul_(2)
        v1.backward()
    """)


def test_a_leaf_that_no_longer_requires_grad_gets_none() -> None:
    both("""
        v0 = T.tensor([0.25, 0.5], requires_grad=True)
        v1 = v0 * 2
        v0.requires_grad = False
        v1.sum().backward()
    """)


def test_a_leaf_detached_after_the_forward_gets_no_gradient() -> None:
    both("""
        v0 = T.tensor([0.25, 0.5], requires_grad=True)
        v1 = v0 * 2
        v0.detach_()
        v1.sum().backward()
    """)


def test_cat_and_stack_save_nothing_that_a_second_backward_would_miss() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.cat([v0, v0])
        v2 = T.stack([v1, v1])
        v2.sum().backward()
        v2.sum().backward()
    """)


def test_a_scaled_sum_saves_nothing_that_a_second_backward_would_miss() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.add(v0, v0, alpha=0.5).sub(v0, alpha=2)
        v1.sum().backward()
        v1.sum().backward()
    """)


def test_backward_to_a_freed_node_itself_raises() -> None:
    both("""
        v0 = T.tensor([1.0], requires_grad=True)
        v1 = v0 @ v0
        v1.backward()
        v1.backward(inputs=[v1])
    """)


def test_the_seed_is_the_gradient_of_the_root_itself() -> None:
    both("""
        v0 = T.tensor([1.0], requires_grad=True)
        v1 = T.autograd.grad(v0, v0, v0.clone())[0]
    """)


def test_materialized_zeros_require_grad_under_create_graph() -> None:
    both("""
        v0 = T.tensor([1.0], requires_grad=True)
        v1 = T.tensor([1.0], requires_grad=True)
        v2 = T.autograd.grad(v0 * 2, v1, create_graph=True, materialize_grads=True)[0]
        v3 = T.autograd.grad(v0 * 2, v1, materialize_grads=True)[0]
    """)


def test_a_gradient_that_was_expanded_can_be_written_and_accumulates() -> None:
    both("""
        v0 = T.tensor(2.0, requires_grad=True)
        v0.mean().backward()
        v0.grad += 1
        v0.mean().backward()
        v1 = T.tensor([[1.0], [3.0]], requires_grad=True)
        v2 = v1.sum(1, keepdim=True)
        v2.backward(v2.detach().clone())
        v2.backward(v2.detach().clone())
        v1.grad.mul_(2)
    """)


def test_a_retained_gradient_goes_when_a_custom_function_writes_in_place() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 3
        v1.retain_grad()
        v1.sum().backward(retain_graph=True)
        v2 = F.Double.apply(v1)
        v1.sum().backward()
    """)


def test_the_hooks_of_a_single_root_run_where_nothing_wanted_lies_behind_it() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = T.tensor([1.0, 2.0], requires_grad=True)
        v2 = v0 * 2
        v2.retain_grad()
        v3 = T.autograd.grad(v2, v1, T.ones(2), allow_unused=True)[0]
        v4 = v1 * 3
        v5 = T.autograd.grad([v2, v4], v1, [T.ones(2), T.ones(2)], allow_unused=True)[0]
    """)


def test_sgn_keeps_its_operand_and_its_result() -> None:
    both("""
        v0 = T.tensor([1.0, -2.0], requires_grad=True)
        v1 = v0 * 2
        v2 = v1.sgn()
        v1.mul_(2)
        v2.sum().backward()
    """)
    both("""
        v0 = T.tensor([1.0, -2.0], requires_grad=True)
        v2 = v0.sgn()
        v2.mul_(2)
        v2.sum().backward()
    """)


@pytest.mark.parametrize(
    "activation",
    ["leaky_relu(v0, 0.1)", "hardtanh(v0)", "relu6(v0)", "softshrink(v0)", "hardshrink(v0)"],
)
def test_a_function_of_straight_lines_has_a_second_derivative_of_0(activation: str) -> None:
    both(f"""
        v0 = T.tensor([0.25, -0.75, 4.0], requires_grad=True)
        v1 = T.nn.functional.{activation}
        v2 = T.autograd.grad(v1.sum(), v0, create_graph=True)[0]
        v3 = T.autograd.grad(v2.sum(), v0)[0]
    """)


@pytest.mark.parametrize(
    "function",
    [
        "elu(v0 * 1, inplace=True)",
        "selu(v0 * 1, inplace=True)",
        "softplus(v0)",
        "smooth_l1_loss(v0, T.zeros_like(v0), reduction='none')",
        "huber_loss(v0, T.zeros_like(v0), reduction='none')",
    ],
)
def test_where_a_second_derivative_is_0_an_infinite_cotangent_gives_nan(function: str) -> None:
    both(f"""
        v0 = T.tensor([0.25, -0.75, 4.0, -4.0, 30.0, 1.0], dtype=T.float64, requires_grad=True)
        v1 = T.nn.functional.{function}
        v2 = T.autograd.grad(v1, v0, T.ones_like(v1), create_graph=True)[0]
        v3 = T.autograd.grad(v2, v0, T.full_like(v2, float("inf")))[0]
    """)


def test_nested_transforms_of_a_tensor_whose_history_leads_nowhere() -> None:
    both("""
        v0 = T.tensor([0.0, -1.0, -1.0], dtype=T.float64, requires_grad=True)
        v2 = v0.scatter(0, T.tensor([1, 0, 0]), 0.5)
        v3 = v2.unsqueeze(0)
        v2.detach_()
        v2[::2] = 0
        v7 = v3 @ v2
        v11 = T.func.grad(lambda x: T.func.grad(lambda x: (x * x).sum())(x).sum())(v7)
    """)


# Writing in place.


def test_a_write_without_a_derivative_through_a_view() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 3
        v2 = v1[1:]
        v2.floor_divide_(2)
    """)


def test_resize_counts_as_a_write_where_it_changes_the_shape() -> None:
    both("""
        v0 = T.zeros(4)
        v0.resize_(4)
        v0.resize_(2, 2)
        v0.resize_(3)
    """)


def test_one_element_of_a_vector_can_be_written() -> None:
    both("""
        v0 = T.tensor([1.5, 2.5])
        v0[-1] = -0.25
        v0[0] += 3
    """)


def test_an_empty_tensor_can_be_written() -> None:
    both("""
        v0 = T.tensor([[], []])
        v0.T.mul_(2)
        v0 **= 2
        v0[v0 > 0.5] += 3
        v1 = v0.expand(3, 2, 0)
        v1.fill_(1.5)
    """)


def test_integers_and_booleans_can_be_written() -> None:
    both("""
        v0 = T.tensor([[False, True]])
        v0[::2, -1] = 1
        v1 = T.tensor([[1, 2], [3, 4]], dtype=T.int32)
        v1[0, -2] = 0.5
        v1[1] = T.tensor(2.7)
    """)


def test_index_put_does_not_convert_a_tensor() -> None:
    both("""
        v0 = T.ones(3)
        v1 = T.tensor(2, dtype=T.int32)
        v0[[-2]] = v1
        v0[[-2]] = 2
        v0[v0 > 0.5] = v1
        v0[v0 > 0.5] = T.stack([v1, v1, v1])
    """)


def test_a_mask_of_one_element_is_a_mask() -> None:
    both("""
        v0 = T.tensor([True])
        v0[v0] = False
        v1 = T.tensor([1.5], requires_grad=True)
        v2 = v1 * 1
        v2[v2 > 0.5] += v1
        v2.backward()
    """)


def test_a_whole_slice_is_written_without_a_view() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 2
        v1[:] = 0
        v2 = v0 * 2
        v2[:5] = v0
        v3 = v0 * 2
        v3[...] = T.tensor(3.0)
        v4 = v0 * 2
        v4[-2:] = 0
        v5 = v0[:2]
        v6 = v0[:, None]
    """)


def test_fill_and_copy_take_what_torch_takes() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 2
        v1.fill_(None)
        v1.fill_(2)
        v2 = v0 * 2
        v2.fill_(T.tensor(3.0, requires_grad=True))
        v3 = v0 * 2
        v3.copy_(2)
        v3[0] = [1, 2]
        v3[0] = None
        v4 = v1 + v2 + v3
        v4.sum().backward()
    """)


def test_fill_and_zero_write_to_expanded_memory_and_others_do_not() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0]).expand(2, 2)
        v0.fill_(2)
        v0.zero_()
        v0.mul_(2)
        v0[:1] = v0[0, 0]
    """)


def test_operands_that_overlap_what_is_written_are_refused() -> None:
    both("""
        v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
        v0.add_(v0.T)
        v0.add_(v0)
        v1 = T.tensor([1.0, 2.0, 3.0])
        v1[1:].mul_(v1[:-1])
        v2 = T.tensor(1.0)
        v2.view(1).add_(v2)
    """)


def test_writing_what_does_not_broadcast() -> None:
    both("""
        v0 = T.zeros(3)
        v0.add_(T.zeros(2))
        v0.div_(T.zeros(2, dtype=T.float64))
        v1 = v0 * T.zeros(2)
        v2 = T.where(v0 > 0, T.zeros(2), 0.0)
    """)


# What errors say.


def test_a_view_of_a_view_made_under_no_grad() -> None:
    both("""
        v0 = T.ones(2, 2, requires_grad=True)
        with T.no_grad():
            v1 = v0.T
        v2 = v1.view(-1) if v1.is_contiguous() else v1.permute(0, 1)
        v2[::2] *= 2
        v1.mul_(2)
    """)


def test_the_dimension_without_elements_is_named_as_it_was_given() -> None:
    both("""
        v0 = T.ones(2, 0)
        v1 = v0.amin(-1)
        v1 = v0.amax((0, -1))
        v1 = v0.argmax(-1)
    """)


def test_a_tensor_without_dimensions_is_not_concatenated() -> None:
    both("""
        v0 = T.cat([T.ones(2), T.tensor(1.0)])
        v1 = T.cat([T.ones(2, 2), T.ones(2), T.tensor(2.0)])
    """)


def test_backward_accumulates_into_nothing_that_requires_no_grad() -> None:
    both("""
        v0 = T.tensor(2.0, requires_grad=True)
        v1 = T.ones(2)
        v2 = v0 * 2
        v2.backward(inputs=[v1])
        v2.backward(inputs=[v0, v1.cumsum(0)])
    """)


def test_a_changed_index_is_no_output_of_the_graph() -> None:
    both("""
        v0 = T.tensor([1.0, 3.0, 2.0], requires_grad=True)
        v1, v2 = v0.median(0)
        v2.fill_(0)
        v1.backward()
    """)


def test_the_view_of_a_custom_function_outside_the_graph() -> None:
    both("""
        v0 = F.View.apply(T.ones(3))
        v0.mul_(T.tensor(0.5, requires_grad=True))
    """)


def test_a_leaf_is_refused_before_the_dtype_of_what_is_written() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v0[T.tensor([0])] = T.ones(1, dtype=T.float64)
    """)


# Views under no_grad.


def test_a_custom_function_does_not_ask_for_the_edge_of_a_view_under_no_grad() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 1
        v2, v3 = v1.chunk(2)
        v1 **= 2
        with T.no_grad():
            v4 = F.Cube.apply(v2)
        v5 = F.Cube.apply(v2)
    """)


def test_a_view_made_under_no_grad_and_written_there() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        with T.no_grad():
            v1 = v0.view(-1)
            v1.backward(T.ones(2))
            v1[0] = 5
            v2 = v1[[0]]
        v3 = v1 * 2
    """)


# Values, dtypes, layouts and names.


def test_the_cardinal_sine_of_whole_numbers_in_float16() -> None:
    both("""
        v0 = T.tensor([2.0, 3.0, 0.0], dtype=T.float16, requires_grad=True)
        v1 = v0.sinc()
        v1.sum().backward()
    """)


def test_subtraction_refuses_booleans() -> None:
    both("""
        v0 = T.tensor([True, False])
        v1 = v0 - 1
        v2 = T.ones(2) - v0
        v3 = T.ones(2).sub(v0, alpha=2)
        v4 = 1 - v0
    """)


def test_the_factor_of_a_scaled_sum() -> None:
    both("""
        v0 = T.tensor([True, False])
        v1 = v0.add(v0, alpha=2)
        v2 = v0.add(v0, alpha=0.5)
        v3 = T.tensor([[-1, -1], [0, 3]])
        v4 = T.add(v3, 2, alpha=0.5)
        v5 = T.add(v3, 1.5, alpha=1.5)
        v6 = T.add(T.tensor(2.0, dtype=T.float64), v3, alpha=0.5)
    """)


def test_functions_of_booleans() -> None:
    both("""
        v0 = T.tensor([True, False])
        v1 = v0.sign()
        v2 = v0.abs()
        v3 = v0.relu()
        v4 = (v0 & ~v0) | (v0 ^ v0)
        v5 = T.ones(2) & v0
    """)


def test_clamp_by_one_tensor() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0.clamp(min=T.tensor([1.5, 1.5]))
        v1.sum().backward()
    """)


def test_empty_tensors_in_cat_take_part_in_promotion() -> None:
    both("""
        v0 = T.tensor([], dtype=T.float64, requires_grad=True)
        v1 = T.tensor([1.0, 2.0], requires_grad=True)
        v2 = T.cat([v0, v1])
        v3 = T.cat([v1.detach()[:0], v0])
        v2.sum().backward()
    """)


def test_results_are_laid_out_so_that_they_can_be_viewed() -> None:
    both("""
        v0 = T.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
        v1 = v0[:, [0, 0]].view(-1)
        v2 = v0[..., [0, 1]].view(-1)
        v3 = T.tensor([1, 2]).expand(2, 2).div(2).view(-1)
        v4 = T.tensor([1.0, 2.0]).expand(2, 2).clone().view(-1)
        v5 = T.tensor([1.0, 2.0]).expand(2, 2).double().view(-1)
        v6 = T.ones(2, 3, 4).permute(2, 0, 1)
        v7 = v6.sum(1).view(-1)
        v8 = v6.mean(1).view(-1)
        v9 = T.cat([v6, v6]).view(-1)
        v10 = T.stack([v6, v6]).view(-1)
        v11 = v6.exp().view(-1)
    """)


def test_reshape_of_what_is_not_contiguous_is_an_alias_where_it_can_be() -> None:
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0.expand(3, 2).reshape(3, 2)
        v2 = v0.expand(3, 2).reshape(6)
        v3 = v0.reshape(2, 1)
    """)


@pytest.mark.parametrize("a", ["(3,)", "(2, 3)", "(1, 2, 3)", "(2, 2, 3)"])
@pytest.mark.parametrize("b", ["(3,)", "(3, 2)", "(1, 3, 2)", "(2, 3, 2)"])
@pytest.mark.parametrize("grad", ["a", "b", "ab"])
def test_the_matrix_product_is_composed_as_torch_composes_it(a: str, b: str, grad: str) -> None:
    both(f"""
        v0 = T.full({a}, 2.0, requires_grad={"a" in grad})
        v1 = T.full({b}, 3.0, requires_grad={"b" in grad})
        v2 = v0 @ v1
        v2.sum().backward(retain_graph=True)
        v3 = v2.exp_()
        v3.sum().backward()
    """)


def test_a_product_with_one_element_keeps_nan() -> None:
    both("""
        v0 = T.tensor([[1.0], [nan], [inf]], requires_grad=True)
        v1 = T.tensor([[0.0]], requires_grad=True)
        v2 = v0 @ v1
        v3 = v0 @ v1[0]
        v4 = v1 @ v0.T
        v2.sum().backward()
        v3.backward(T.tensor([0.0, 1.0, nan]))
    """)


def test_the_saved_result_of_a_write_through_a_view_depends_on_the_base() -> None:
    both("""
        v1 = T.tensor([[1.5, 2.0, 1.5], [3.0, 1.5, 2.0]], requires_grad=True)
        v2 = v1 + 0.25
        v3 = v2.squeeze()
        v3.tanh_()
        v4 = T.autograd.grad(v3.sum(), v1, create_graph=True)[0]
        v5 = T.autograd.grad(v4.sum(), v2, allow_unused=True)[0]
    """)


# What errors say, and which of two comes first.


def test_the_last_dimension_that_does_not_fit_is_named() -> None:
    both("""
        v0 = T.ones(2, 3)
        v1 = v0.T + v0
        v0 += T.ones(6, 2)
    """)


def test_what_topk_returns_has_memory_of_its_own() -> None:
    both("""
        v0 = T.tensor([[2.0, 0.5]])
        v1, v2 = v0.topk(1, -1)
        v3 = v1.as_strided((2, 1), (1, 1))
        v4 = v2.as_strided((2, 1), (1, 1))
    """)


def test_a_write_is_refused_for_the_leaf_before_its_operands_are_looked_at() -> None:
    both("""
        v0 = T.tensor([[[0.0, -0.75]], [[0.0, -1.0]]], requires_grad=True)
        v1 = v0.view(2, 1, 2)
        v1.div_(v0.chunk(2, 0)[0])
        v1.t_()
        v2 = T.ones(2, 2)[:, 1:]
        v2.requires_grad_()
        v3 = F.Double.apply(v2)
    """)


@pytest.mark.parametrize("write", ["v1.floor_divide_(v0)", "v1 //= v0", "v1 = v1.floor_divide(v0)"])
def test_the_quotient_without_a_derivative_is_named_as_it_was_called(write) -> None:
    both(f"""
        v0 = T.tensor([3.0], requires_grad=True)
        v1 = v0 * 2
        {write}
        v1.backward()
    """)


def test_a_value_that_does_not_fit_is_refused_before_an_index_out_of_bounds() -> None:
    both("""
        v0 = T.tensor([2.0, 1.0])
        v0[T.tensor([3])] = v0.clone()
        v0[T.tensor([3])] = v0[:1]
        v0[T.tensor([1, 3])] = v0[None, :1]
        v0.index_put_((T.tensor([3]),), v0.clone())
    """)


def test_retain_grad_of_a_view_that_has_not_been_used_does_nothing() -> None:
    """torch takes it for a leaf."""
    both("""
        v0 = T.tensor([1.0, 2.0], requires_grad=True)
        v1 = v0 * 2
        with T.no_grad():
            v2 = v1.view(2)
            v1 *= 3
            v2.retain_grad()
        v3 = T.tensor([1.0, 2.0])
        v4 = v3.view(2)
        v3.requires_grad_()
        v4.retain_grad()
    """)


def test_the_bits_of_a_float_may_be_those_of_another_nan() -> None:
    both("""
        v0 = T.tensor([-1.0])
        v1 = v0.tanh()
        v2 = v1.view(T.int32)
        v3 = v1.unbind(0)[0]
        v3.sqrt_()
    """)


def test_a_tensor_reshaped_in_place_outside_of_the_graph_is_no_root() -> None:
    both("""
        v0 = T.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
        v1 = v0 * 2
        v2 = T.tensor([1.0])
        with T.no_grad():
            v1.t_()
        v1.backward(T.ones_like(v1), inputs=[v2])
        v1.backward(T.ones_like(v1))
        T.autograd.backward([v0, v1], [T.ones_like(v0), T.ones_like(v1)])
        v3 = T.autograd.grad(v1, v0, T.ones_like(v1))
    """)


def test_a_root_of_several_elements_is_refused_before_its_history_is_looked_for() -> None:
    both("""
        v0 = T.tensor([[0.5], [-1.0]], requires_grad=True)
        v1 = v0.clone()
        with T.no_grad():
            v2 = v1[:]
            v1 *= 2
        v2.backward()
    """)


def test_what_a_post_accumulate_hook_returns_goes_to_the_next() -> None:
    both("""
        v0 = T.tensor([0.25], requires_grad=True)
        v0.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(0.5))
        v0.backward()
        v0.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(0.5))
        v0.backward()
    """)


def test_a_cumulative_sum_starts_from_0() -> None:
    both("""
        v0 = T.tensor([[-0.0, -0.0, 1.0], [0.0, -0.0, -0.0]])
        v1 = T.exp(1 / v0.cumsum(0))
        v2 = T.exp(1 / v0.cumsum(1))
        v3 = T.exp(1 / v0[:, 0].logcumsumexp(0))
        v4 = T.exp(1 / T.tensor(-0.0).cumsum(0))
    """)


@pytest.mark.parametrize("call", ["remainder", "fmod", "floor_divide"])
def test_no_integers_may_be_divided_by_0(call) -> None:
    both(f"""
        v0 = T.tensor([0])
        v1 = T.{call}(v0[:0], v0)
        v2 = T.{call}(v0, v0[:0])
        v3 = T.{call}(v0, v0)
    """)


def test_a_write_that_cannot_be_is_refused_for_that_and_not_for_inference() -> None:
    both("""
        v0 = T.tensor([2.0])
        with T.inference_mode():
            v1 = v0 <= 0.5
            v2 = v0 * 2
        v1.cos_()
        v1.add_(v0, alpha=2)
        v2.add_(T.ones(2, 3))
    """)


@pytest.mark.parametrize("p", ["1", "inf", "0.5", "1.5", "3"])
def test_the_derivative_of_a_norm_needs_its_operand_as_it_was(p) -> None:
    both(f"""
        v0 = T.tensor([0.5, -2.0], requires_grad=True)
        v1 = T.autograd.grad(v0.norm({p}), v0, create_graph=True)[0]
        v0.detach().mul_(2)
        v1.sum().backward()
    """)


@pytest.mark.parametrize("cut", ["unbind(0)", "split(1)", "chunk(3)"])
def test_a_prehook_sees_the_gradients_of_all_pieces(cut) -> None:
    both(f"""
        v0 = T.tensor([[0.5], [0.0], [2.0]], requires_grad=True)
        v1, v2 = v0.{cut}[:2]
        v2.grad_fn.register_prehook(lambda gs: tuple(None if g is None else g * 3 for g in gs))
        v2.sum().backward()
    """)


def test_logsigmoid_saves_what_it_has_computed() -> None:
    both("""
        v0 = T.tensor([-0.75, 0.25, 2.0], requires_grad=True)
        v1 = T.nn.functional.logsigmoid(v0)
        v0.data.mul_(2)
        v2 = T.autograd.grad(v1.sum(), v0, create_graph=True)[0]
        v2.sum().backward()
    """)


@pytest.mark.parametrize("size", [(3, 1), (1,)])
def test_the_norm_of_one_element_is_its_absolute_value(size) -> None:
    both(f"""
        v0 = T.full({size}, 1e-30, requires_grad=True)
        v1 = T.full({size}, -3e38, requires_grad=True)
        v2 = v0.norm(2, -1) + v1.norm(dim=-1)
        v2.sum().backward()
    """)


@pytest.mark.parametrize("f", ["v0.prod()", "v0.prod(0)", "v0.prod(-1, keepdim=True).sum()"])
@pytest.mark.parametrize(
    "values", ["[2.0, 3.0, 0.5]", "[0.0, 3.0]", "[0.0, 0.0, 3.0]", "[0.0]", "[]"]
)
def test_the_derivative_of_a_product_leads_to_the_product(f, values) -> None:
    both(f"""
        v0 = T.tensor({values}, requires_grad=True)
        v1 = {f}
        v2 = T.autograd.grad(v1, v0, create_graph=True)[0]
        v1.retain_grad()
        v3, v4 = T.autograd.grad(v2.sum(), [v0, v1], retain_graph=True, allow_unused=True)
        v2.sum().backward()
    """)


def test_a_hook_sees_the_gradients_of_a_stack_of_numbers_as_tensors() -> None:
    both("""
        v0 = T.tensor([1.5, 0.0], dtype=T.float64, requires_grad=True)
        v1 = v0.prod(-1)
        v2 = T.stack([v1, T.tensor(0.375), v1], 0)
        v2.grad_fn.register_hook(lambda gi, go: tuple([g if g is None else g * 2 for g in gi]))
        v3 = T.zeros(3)
        v3 -= v2
        v3.sum().backward()
    """)


def test_the_derivative_of_addcdiv_saves_what_torch_saves() -> None:
    both("""
        v0 = T.tensor([1e30, 0.5, -2.0], requires_grad=True)
        with T.autograd.graph.saved_tensors_hooks(lambda x: x.detach() * 1, lambda x: x * 2):
            v1 = v0.addcdiv(T.ones(3), v0, value=-2)
            v2 = T.autograd.grad(v1.sum(), v0, create_graph=True)[0]
        v2.sum().backward()
    """)


@pytest.mark.parametrize(
    "f",
    [
        "T.func.jvp(T.func.grad(lambda x: (x.sin() * v1).sum()), (v1,), (v1,))[1]",
        "T.func.jvp(lambda x: T.func.jvp(lambda x: x.sin() * v1, (x,), (v1,))[1], (v1,), (v1,))[1]",
        "T.func.hessian(lambda x: (x.sin() * v1).sum())(v1)",
    ],
)
def test_transforms_at_a_tensor_whose_history_ends_nowhere(f) -> None:
    both(f"""
        v0 = T.tensor([0.5, 2.0], requires_grad=True)
        v1 = v0.view(2)
        v0.requires_grad = False
        v0.mul_(1.5)
        v2 = ({f}).detach()
    """)


def test_the_third_derivative_of_a_product_of_two_is_0_whatever_comes_in() -> None:
    first = "T.func.grad(lambda x: T.stack([x, x]).prod(0).sum())"
    both(f"""
        v0 = T.tensor([-1.0, 1.5], requires_grad=True)
        v1 = T.func.grad(lambda x: {first}(x).sum())(v0)
        v1.backward(T.full_like(v1, nan))
    """)


def test_a_checkpoint_may_be_computed_again_after_what_it_reads_has_got_its_result() -> None:
    both("""
        v0 = T.tensor([0.5, 2.0], requires_grad=True)
        v1 = v0 * 2
        v2 = T.utils.checkpoint.checkpoint(lambda x, v1=v1.clone(): x * v1, v0, use_reentrant=False)
        v1.mul_(v2)
        v1.sum().backward()
    """)


def test_a_tangent_without_use_must_be_a_tensor_of_use() -> None:
    both("""
        v0 = T.tensor([0.5, 2.0], requires_grad=True)
        v1 = F.Same.apply(v0)
        v2 = v0.detach()
        v2.mul_(2)
        with T.no_grad():
            v0.mul_(2)
        v3 = T.tensor([1.0, 3.0])
        v4 = T.func.jvp(T.func.grad(lambda x: x.sum()), (v3,), (v1,))[1]
    """)


def test_hooks_copy_what_is_about_to_be_overwritten_also_behind_data() -> None:
    both("""
        with T.autograd.graph.saved_tensors_hooks(lambda x: x.clone(), lambda x: x):
            v0 = T.tensor([1.5, -1.0, 0.25], requires_grad=True)
            v1 = v0 * 2
            v2 = v1.data
            v1.mul_(v2)
            v1.sum().backward()
    """)


def test_the_gradient_of_a_view_that_was_written_to_in_a_graph_of_gradients() -> None:
    both("""
        v1 = T.tensor([1.5], requires_grad=True)
        v2 = v1 * 1
        v3 = v2[0]
        v3.exp_()
        v4 = T.autograd.grad(v3.sum(), v1, create_graph=True, allow_unused=True)[0]
        v3.retain_grad()
        v4.backward(retain_graph=True, inputs=[v3])
    """)


def test_the_largest_of_a_norm_that_has_been_changed_unnoticed() -> None:
    both("""
        v1 = T.tensor([-1.0, 3.0], dtype=T.float64, requires_grad=True)
        v2 = v1.flip(-1)
        v3 = v2.norm(float("inf"), -1)
        v4 = v1.max()
        v3.data.mul_(2)
        v4.data.mul_(2)
        v5 = T.autograd.grad(v3, v2, create_graph=True)[0]
        v4.backward()
    """)


def test_the_gradient_behind_a_squeeze_of_nothing_is_the_same_tensor() -> None:
    both("""
        v1 = T.tensor([0.25, 1.0, -1.0], dtype=T.float64, requires_grad=True)
        v3 = v1.squeeze(0)
        v4 = v3 @ v3
        v5, v6 = T.autograd.grad(v4, [v3, v1], T.ones_like(v4), create_graph=True)
        v7 = v5 * v5 + 2 * v6
        v8 = T.autograd.grad(v7, v6, v7.clone(), retain_graph=True)[0]
        v9 = T.autograd.grad(v7, v5, v7.clone())[0]
    """)


def test_a_view_that_has_been_given_to_what_failed_is_no_leaf() -> None:
    both("""
        v0 = T.tensor(0.25, requires_grad=True)
        v1 = T.tensor([[-0.75, 3.0]])
        v2 = v1.diagonal(-1)
        v1[0, :] = v0
        v3 = v2.amax()
        v2 /= v0
    """)
