"""torch.autograd.Function: own derivatives, checked, in a network; a straight-through estimator."""

import torch
from torch import nn
from torch.autograd import Function, gradcheck

torch.manual_seed(6)


class MyReLU(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input


class LinearFunction(Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input.mm(weight.t())
        return output if bias is None else output + bias.unsqueeze(0).expand_as(output)

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


class Scaled(Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


class RoundSTE(Function):
    """Rounds forward; backward pretends that nothing happened."""

    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, g):
        return g


class Linear(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.n_in, self.n_out = n_in, n_out
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        self.bias = nn.Parameter(torch.empty(n_out))
        nn.init.uniform_(self.weight, -0.5, 0.5)
        nn.init.uniform_(self.bias, -0.5, 0.5)

    def forward(self, input):
        return LinearFunction.apply(input, self.weight, self.bias)

    def extra_repr(self):
        return f"n_in={self.n_in}, n_out={self.n_out}, bias={self.bias is not None}"


x = torch.randn(4, 3, dtype=torch.double, requires_grad=True)
w = torch.randn(2, 3, dtype=torch.double, requires_grad=True)
b = torch.randn(2, dtype=torch.double, requires_grad=True)
print("LinearFunction:", gradcheck(LinearFunction.apply, (x, w, b), eps=1e-6, atol=1e-4))
print("Scaled:", gradcheck(Scaled.apply, (x, 3.0)))
print("no bias:", LinearFunction.apply(x, w))
try:
    gradcheck(RoundSTE.apply, (x,))
except Exception as error:
    print("RoundSTE is a lie:", type(error).__name__)

relu = MyReLU.apply
y = relu(torch.tensor([-1.0, 0.0, 2.0], requires_grad=True))
print(y, y.grad_fn.name())

model = nn.Sequential(Linear(3, 8), nn.Tanh(), Linear(8, 1))
print(model)
X = torch.randn(32, 3)
target = (X[:, :1] * X[:, 1:2]).sin()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
for t in range(40):
    y_pred = relu(model(X) + 1) - 1
    loss = (y_pred - target).pow(2).mean()
    if t % 10 == 9:
        print(t, round(loss.item(), 5))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

levels = torch.tensor([0.2, 0.7, 1.4], requires_grad=True)
q = RoundSTE.apply(levels * 4) / 4
q.square().sum().backward()
print("quantised", q, "gradient", levels.grad)


class Exp(Function):
    @staticmethod
    def forward(x):
        return x.exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return g * out


z = torch.tensor([0.0, 1.0], requires_grad=True)
(g1,) = torch.autograd.grad(Exp.apply(z).sum(), z, create_graph=True)
(g2,) = torch.autograd.grad(g1.sum(), z)
print(g1, g2)
