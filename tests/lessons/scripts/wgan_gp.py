"""A Wasserstein GAN whose critic pays for the norm of its gradient."""

import torch
import torch.autograd as autograd
import torch.nn as nn
from torch.autograd import Variable

torch.manual_seed(5)
Tensor = torch.cuda.FloatTensor if torch.cuda.is_available() else torch.FloatTensor
latent_dim, lambda_gp, n_critic = 4, 10, 2


class Generator(nn.Module):
    def __init__(self):
        super().__init__()

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent_dim, 16, normalize=False), *block(16, 32), nn.Linear(32, 2), nn.Tanh()
        )

    def forward(self, z):
        return self.model(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(2, 32),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(32, 16),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(16, 1),
        )

    def forward(self, x):
        return self.model(x.view(x.shape[0], -1))


def compute_gradient_penalty(D, real_samples, fake_samples):
    alpha = Tensor(torch.rand(real_samples.size(0), 1).numpy())
    interpolates = (alpha * real_samples + ((1 - alpha) * fake_samples)).requires_grad_(True)
    d_interpolates = D(interpolates)
    fake = Variable(Tensor(real_samples.shape[0], 1).fill_(1.0), requires_grad=False)
    gradients = autograd.grad(
        outputs=d_interpolates,
        inputs=interpolates,
        grad_outputs=fake,
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


G, D = Generator(), Discriminator()


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.1)
        nn.init.constant_(m.bias.data, 0)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)


G.apply(weights_init)
D.apply(weights_init)
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9))
for i in range(12):
    theta = torch.rand(16) * 6.2831853
    real = Variable(torch.stack([theta.cos(), theta.sin()], 1).type(Tensor))
    opt_d.zero_grad()
    z = Variable(torch.randn(16, latent_dim))
    fake = G(z)
    gp = compute_gradient_penalty(D, real.data, fake.data)
    d_loss = -torch.mean(D(real)) + torch.mean(D(fake)) + lambda_gp * gp
    d_loss.backward()
    opt_d.step()
    opt_g.zero_grad()
    if i % n_critic == 0:
        fake = G(z)
        g_loss = -torch.mean(D(fake))
        g_loss.backward()
        opt_g.step()
        print(
            "[Batch %d/%d] [D loss: %f] [G loss: %f] gp %.4f"
            % (i, 12, d_loss.item(), g_loss.item(), gp)
        )
print(G.model[3].running_var[:4], D.model[0].weight.grad.abs().sum())
