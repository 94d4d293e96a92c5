"""Derivatives as the lesson: a differential equation as a loss, an implicit layer, sensitivity."""

import math

import torch
from torch import nn
from torch.autograd import grad
from torch.func import functional_call, jacrev, vmap

torch.manual_seed(70)
torch.set_default_dtype(torch.float64)

# u'' = -u with u(0) = 0, u'(0) = 1 has the solution sin.
net = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for step in range(20):
    t = torch.linspace(0, math.pi, 20).unsqueeze(1).requires_grad_()
    u = net(t)
    du = grad(u, t, torch.ones_like(u), create_graph=True)[0]
    ddu = grad(du, t, torch.ones_like(du), create_graph=True)[0]
    equation = (ddu + u).square().mean()
    start = u[0].square().sum() + (du[0] - 1).square().sum()
    loss = equation + start
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        print(f"step {step:2d} equation {equation.item():.6f} start {start.item():.6f}")
print(net(torch.tensor([[0.0], [1.0], [2.0]])).flatten())

# The same derivatives per sample, by transforms.
params = {name: p.detach() for name, p in net.named_parameters()}


def u_of(params, t):
    return functional_call(net, params, (t.unsqueeze(0),)).squeeze(0)


ts = torch.tensor([0.5, 1.0, 1.5])
print("u'", vmap(torch.func.grad(u_of, argnums=1), in_dims=(None, 0))(params, ts))
per_sample = vmap(torch.func.grad(lambda p, t: u_of(p, t) ** 2), in_dims=(None, 0))(params, ts)
print({k: tuple(v.shape) for k, v in per_sample.items()})
print("norms", torch.stack([v.flatten(1).norm(dim=1) for v in per_sample.values()]).norm(dim=0))

# A layer that is a solution: z = tanh(Wz + x), differentiated by the implicit function theorem.
W = 0.3 * torch.randn(3, 3)


class FixedPoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, x):
        z = torch.zeros_like(x)
        for _ in range(60):
            z = torch.tanh(W @ z + x)
        ctx.save_for_backward(W, z)
        return z

    @staticmethod
    def backward(ctx, g):
        W, z = ctx.saved_tensors
        slope = torch.diag(1 - z**2)
        adjoint = torch.linalg.solve((torch.eye(len(z)) - slope @ W).T, g)
        gx = slope @ adjoint
        return torch.outer(gx, z), gx


W.requires_grad_()
x = torch.randn(3, requires_grad=True)
z = FixedPoint.apply(W, x)
print("z", z, torch.allclose(z, torch.tanh(W @ z + x)))
print(torch.autograd.gradcheck(FixedPoint.apply, (W, x)))
z.sum().backward()
unrolled = torch.zeros(3)
for _ in range(60):
    unrolled = torch.tanh(W @ unrolled + x)
print(torch.allclose(grad(unrolled.sum(), W)[0], W.grad), W.grad)

# How far does a thrown ball fly, and what changes it?
angle = torch.tensor(math.radians(40), requires_grad=True)
speed = torch.tensor(12.0, requires_grad=True)
position = torch.zeros(2)
velocity = speed * torch.stack([angle.cos(), angle.sin()])
dt, drag = 0.02, 0.01
while True:
    new = position + dt * velocity
    if new[1] < 0:
        share = position[1] / (position[1] - new[1])
        distance = position[0] + share * (new[0] - position[0])
        break
    velocity = velocity - dt * (drag * velocity.norm() * velocity + torch.tensor([0.0, 9.81]))
    position = new
print("distance", distance, "d/d(angle, speed)", *grad(distance, (angle, speed)))


def polar(p):
    return torch.stack([p[0] * torch.cos(p[1]), p[0] * torch.sin(p[1])])


J = jacrev(polar)(torch.tensor([2.0, 0.5]))
print("Jacobian", J, "its determinant", torch.det(J))
laplace = torch.func.hessian(lambda p: p[0].exp() * p[1].sin())(torch.tensor([0.3, 0.7])).trace()
print("harmonic:", torch.isclose(laplace, torch.zeros(()), atol=1e-12))
