"""A variational autoencoder in the shape of the official example: argparse, loaders, devices."""

import argparse

import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F

parser = argparse.ArgumentParser(description="VAE")
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args([])
torch.manual_seed(args.seed)
device = torch.device("cpu")
kwargs = {"num_workers": 1, "pin_memory": True} if False else {}
centres = torch.rand(4, 64) > 0.5
data = torch.stack([(centres[i % 4] ^ (torch.rand(64) > 0.9)).float() for i in range(64)]).view(
    -1, 1, 8, 8
)
train_loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(data, torch.arange(64) % 4),
    batch_size=args.batch_size,
    shuffle=True,
    **kwargs,
)


class VAE(nn.Module):
    def __init__(self):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc21 = nn.Linear(32, 5)
        self.fc22 = nn.Linear(32, 5)
        self.fc3 = nn.Linear(5, 32)
        self.fc4 = nn.Linear(32, 64)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


model = VAE().to(device)
optimizer = optim.Adam(model.parameters(), lr=1e-2)


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 64), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


def train(epoch):
    model.train()
    train_loss = 0
    for batch_idx, (data, _) in enumerate(train_loader):
        data = data.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        recon_batch, mu, logvar = model(data)
        loss = loss_function(recon_batch, data, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        optimizer.step()
        if batch_idx % 2 == 0:
            print(
                "Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.4f}".format(
                    epoch,
                    batch_idx * len(data),
                    len(train_loader.dataset),
                    100.0 * batch_idx / len(train_loader),
                    loss.item() / len(data),
                )
            )
    print(
        "====> Epoch: {} Average loss: {:.4f}".format(epoch, train_loss / len(train_loader.dataset))
    )


for epoch in range(1, args.epochs + 1):
    train(epoch)
    model.eval()
    with torch.no_grad():
        sample = torch.randn(4, 5).to(device)
        sample = model.decode(sample).cpu()
        print(sample.view(4, 1, 8, 8)[0, 0, :2], sample.mean(), sample.argmax(1))
        comparison = torch.cat([data[:2], model(data[:2])[0].view(2, 1, 8, 8)])
        print(comparison.shape, comparison.std())
