"""Segmentation by a very small U-Net: discs in noise, transposed convolutions, dice loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(31)


def make_discs(n, size=16):
    yy, xx = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    centre = torch.randint(4, size - 4, (n, 2)).float()
    radius = 2 + 2 * torch.rand(n)
    squared = (yy - centre[:, 0, None, None]) ** 2 + (xx - centre[:, 1, None, None]) ** 2
    mask = (squared < radius[:, None, None] ** 2).float().unsqueeze(1)
    return mask + 0.4 * torch.randn_like(mask), mask


class DoubleConv(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding="same", bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.LeakyReLU(0.1),
        )

    def forward(self, x):
        return self.block(x)


class UNet(nn.Module):
    def __init__(self, bilinear=False, width=4):
        super().__init__()
        self.down1 = DoubleConv(1, width)
        self.down2 = DoubleConv(width, 2 * width)
        self.bottom = DoubleConv(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        if bilinear:
            self.up2 = nn.Sequential(
                nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
                nn.Conv2d(4 * width, 2 * width, kernel_size=1),
            )
        else:
            self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, kernel_size=2, stride=2)
        self.conv2 = DoubleConv(4 * width, 2 * width)
        self.conv1 = DoubleConv(3 * width, width)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        c = self.bottom(self.pool(b))
        b = self.conv2(torch.cat([b, self.up2(c)], dim=1))
        a = self.conv1(torch.cat([a, F.interpolate(b, scale_factor=2, mode="nearest")], dim=1))
        return self.out(a)


def dice_loss(logits, mask, eps=1.0):
    p = torch.sigmoid(logits)
    overlap = (p * mask).sum(dim=(1, 2, 3))
    total = p.sum(dim=(1, 2, 3)) + mask.sum(dim=(1, 2, 3))
    return (1 - (2 * overlap + eps) / (total + eps)).mean()


images, masks = make_discs(8)
print(images.shape, masks.mean())
for bilinear in (False, True):
    torch.manual_seed(0)
    net = UNet(bilinear)
    if not bilinear:
        print(net)
    print("parameters:", sum(p.numel() for p in net.parameters()))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for step in range(8):
        logits = net(images)
        weight = torch.tensor([3.0])
        bce = F.binary_cross_entropy_with_logits(logits, masks, pos_weight=weight)
        loss = bce + dice_loss(logits, masks)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 3 == 0:
            with torch.no_grad():
                guess = (logits > 0).float()
                iou = (guess * masks).sum() / ((guess + masks) > 0).sum()
            print(f"step {step} loss {loss.item():.4f} bce {bce.item():.4f} iou {iou.item():.3f}")

x = torch.arange(1.0, 5.0).view(1, 1, 2, 2)
print(nn.Upsample(scale_factor=2, mode="nearest")(x))
print(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)(x))
print(F.interpolate(x, size=(3, 3), mode="bilinear", align_corners=False))
print(F.conv_transpose2d(x, torch.ones(1, 1, 2, 2), stride=2))
print(F.pad(x, (1, 1, 1, 1)).shape, F.pad(x[0], (1, 1), mode="reflect"))
print(F.max_pool2d(x, 2, return_indices=True), F.unfold(x, 2).squeeze())
print(nn.PixelShuffle(2)(torch.arange(8.0).view(1, 4, 1, 2)))
