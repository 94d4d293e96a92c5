"""An autoencoder of small pictures, and a variational one."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(5)

# Bars: pictures of 8 x 8 with one bright row or column.
pictures = torch.zeros(96, 1, 8, 8)
for i in range(96):
    at = torch.randint(8, (1,)).item()
    if torch.rand(1) < 0.5:
        pictures[i, 0, at, :] = 1
    else:
        pictures[i, 0, :, at] = 1
pictures = (pictures + 0.05 * torch.randn(pictures.shape)).clamp_(0.0, 1.0)
print(pictures.mean(), pictures.min(), pictures.max())
loader = DataLoader(pictures, batch_size=32, shuffle=True, drop_last=True)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2, padding=1),
            nn.ReLU(True),
            nn.Conv2d(4, 8, 3, stride=2, padding=1),
            nn.Flatten(),
            nn.Linear(32, 6),
        )
        self.decoder = nn.Sequential(
            nn.Linear(6, 32),
            nn.Unflatten(1, (8, 2, 2)),
            nn.ConvTranspose2d(8, 4, 2, stride=2),
            nn.ReLU(True),
            nn.ConvTranspose2d(4, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = Autoencoder()
print(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)
for epoch in range(4):
    for batch in loader:
        noisy = batch + 0.1 * torch.randn_like(batch)
        loss = F.mse_loss(model(noisy), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("autoencoder epoch:{}, loss:{:.4f}".format(epoch + 1, loss.data))
codes = model.encoder(pictures[:2])
print(codes, codes.shape)


class VAE(nn.Module):
    def __init__(self, latent=2):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc_mu = nn.Linear(32, latent)
        self.fc_logvar = nn.Linear(32, latent)
        self.fc3 = nn.Linear(latent, 32)
        self.fc4 = nn.Linear(32, 64)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc_mu(h), self.fc_logvar(h)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + torch.randn_like(std) * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def vae_loss(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x.view(-1, 64), reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld, bce, kld


vae = VAE()
print(vae)
optimizer = torch.optim.Adam(vae.parameters(), lr=1e-2)
for epoch in range(1, 5):
    train_loss = 0
    for batch in loader:
        optimizer.zero_grad()
        loss, bce, kld = vae_loss(*((out := vae(batch))[0], batch, *out[1:]))
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
    per_item = train_loss / len(loader.dataset)
    print(f"====> Epoch: {epoch} loss {per_item:.3f} bce {bce / 32:.3f} kld {kld / 32:.3f}")
with torch.no_grad():
    sample = vae.decode(torch.randn(1, 2)).view(8, 8)
torch.set_printoptions(precision=2, sci_mode=False, linewidth=100)
print(sample)
