"""A generative adversarial network for points on a ring: two networks, two optimisers."""

import math

import torch
import torch.nn as nn

torch.manual_seed(9)
latent_dim, batch = 4, 32
real_label, fake_label = 1.0, 0.0


def real_points(n):
    angle = 2 * math.pi * torch.rand(n, 1)
    return torch.cat([angle.cos(), angle.sin()], dim=1) + 0.02 * torch.randn(n, 2)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.3)
        if m.bias is not None:  # batch norm takes a bias away again
            nn.init.constant_(m.bias.data, 0)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


generator = nn.Sequential(
    nn.Linear(latent_dim, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(True), nn.Linear(16, 2)
)
discriminator = nn.Sequential(
    nn.Linear(2, 16), nn.LeakyReLU(0.2, inplace=True), nn.Dropout(0.1), nn.Linear(16, 1)
)
generator.apply(weights_init)
discriminator.apply(weights_init)
print(generator)
print(discriminator)

criterion = nn.BCEWithLogitsLoss()
opt_d = torch.optim.Adam(discriminator.parameters(), lr=5e-3, betas=(0.5, 0.999))
opt_g = torch.optim.Adam(generator.parameters(), lr=5e-3, betas=(0.5, 0.999))
fixed_noise = torch.randn(5, latent_dim)

for i in range(25):
    # The discriminator: real points up, fake ones down.
    discriminator.zero_grad()
    label = torch.full((batch,), real_label, dtype=torch.float)
    out = discriminator(real_points(batch)).view(-1)
    loss_real = criterion(out, label)
    loss_real.backward()
    d_x = out.sigmoid().mean().item()
    fake = generator(torch.randn(batch, latent_dim))
    label.fill_(fake_label)
    out = discriminator(fake.detach()).view(-1)
    loss_fake = criterion(out, label)
    loss_fake.backward()
    d_g_z1 = out.sigmoid().mean().item()
    opt_d.step()
    # The generator: its points are to pass for real.
    generator.zero_grad()
    label.fill_(real_label)
    out = discriminator(fake).view(-1)
    loss_g = criterion(out, label)
    loss_g.backward()
    d_g_z2 = out.sigmoid().mean().item()
    opt_g.step()
    if i % 6 == 0:
        loss_d = (loss_real + loss_fake).item()
        print(
            "[%2d/25] Loss_D: %.4f Loss_G: %.4f D(x): %.4f D(G(z)): %.4f / %.4f"
            % (i, loss_d, loss_g.item(), d_x, d_g_z1, d_g_z2)
        )

generator.eval()
with torch.no_grad():
    points = generator(fixed_noise).detach().cpu()
print(points)
print("radius:", points.norm(dim=1).mean())
print(generator[1].running_mean[:4], generator[1].num_batches_tracked)

# Wasserstein with a gradient penalty: a derivative of a derivative's norm.
critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
real, fake = real_points(16), torch.randn(16, 2)
mix = torch.rand(16, 1)
between = (mix * real + (1 - mix) * fake).requires_grad_(True)
score = critic(between)
(slope,) = torch.autograd.grad(
    score, between, grad_outputs=torch.ones_like(score), create_graph=True, retain_graph=True
)
penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
loss = critic(fake).mean() - critic(real).mean() + 10 * penalty
loss.backward()
print(f"penalty {penalty.item():.4f} loss {loss.item():.4f}")
print([f"{p.grad.abs().sum().item():.4f}" for p in critic.parameters()])
