"""Spellings of older lessons, which still run: Variable, .data, FloatTensor, .type(), .cuda()."""

import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable
from torch.nn import init
from torch.nn.parameter import Parameter
from torch.utils.data.dataloader import DataLoader
from torch.utils.data.dataset import random_split
from torch.utils.data.sampler import SubsetRandomSampler

warnings.filterwarnings("ignore")
torch.manual_seed(1)
use_cuda = torch.cuda.is_available()
print("cuda:", use_cuda, torch.cuda.device_count(), torch.backends.mps.is_available())
if use_cuda:
    torch.cuda.manual_seed_all(1)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
dtype = torch.FloatTensor

x = Variable(torch.randn(8, 4).type(dtype), requires_grad=False)
y = Variable(torch.randn(8, 2).type(dtype), requires_grad=False)
w1 = Variable(torch.randn(4, 6).type(dtype), requires_grad=True)
w2 = Variable(torch.randn(6, 2).type(dtype), requires_grad=True)
for t in range(6):
    y_pred = x.mm(w1).clamp(min=0).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.data.item())
    loss.backward()
    w1.data -= 1e-3 * w1.grad.data
    w2.data -= 1e-3 * w2.grad.data
    w1.grad.data.zero_()
    w2.grad.data.zero_()
print(x.type(), x.data.type(), w1.grad.size(), isinstance(x, torch.Tensor), type(Parameter(x)))

print(torch.Tensor(2, 3).size(), torch.FloatTensor([1, 2]), torch.LongTensor([[1], [2]]))
print(torch.ByteTensor([0, 1]), torch.DoubleTensor(2).zero_(), torch.IntTensor([3]).type())
print(torch.tensor([1.9]).type(torch.LongTensor), torch.tensor([1]).type_as(torch.tensor([1.0])))
print(torch.tensor([1, 0]).byte(), torch.tensor([1.5]).half(), torch.tensor([1.5]).short())
print(
    x.new(2, 2).fill_(1), x.new_zeros(2), x.new_tensor([1]), x.new_ones(1, 2), x.new_full((2,), 3)
)
print(torch.range(0, 3), x.nelement(), x.element_size(), x.is_cuda, x.is_contiguous())
print(torch.ones(2, 2).resize_(4), torch.zeros(3).random_(5).size(), torch.eye(2).storage_offset())
z = torch.ones(2, 1, 2)
print(z.squeeze_().unsqueeze_(0).size(), z.t_ is not None, z.view_as(torch.ones(4)).shape)
a = torch.ones(2, 2)
a.add_(1).mul_(2).div_(4).sub_(0.5)
print(
    a, torch.add(a, 2), torch.add(a, a, alpha=3), torch.mul(a, 2), torch.div(a, 2), torch.pow(a, 2)
)
print(
    torch.clamp(a, 0, 0.25),
    torch.addcmul(a, a, a, value=2),
    torch.lerp(a, a + 1, 0.5),
    a.ne(0.5).any(),
)
print(torch.max(torch.tensor([[1.0, 3], [4, 2]]), 1)[1], torch.gt(a, 0).sum(), torch.ge(a, 1).all())
print(torch.transpose(torch.ones(2, 3), 0, 1).size(), torch.t(torch.ones(2, 3)).size())
print(
    torch.split(torch.arange(5), 2),
    torch.index_select(torch.arange(6).view(3, 2), 0, torch.tensor([0, 2])),
)
print(torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0, 0], [1, 0]])))
print(
    torch.masked_select(torch.arange(4), torch.arange(4) > 1),
    torch.zeros(2, 3).scatter_(1, torch.tensor([[1], [2]]), 1.0),
)
print(torch.is_tensor(a), torch.numel(a), torch.get_default_dtype(), torch.Size([2, 3]).numel())
print(
    torch.from_numpy(np.arange(3)).float(),
    a.numpy().shape,
    a.cpu() is a,
    a.to("cpu") is a,
    a.device,
)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.l1 = nn.Linear(4, 8)
        self.l2 = nn.Linear(8, 3)
        init.xavier_uniform_(self.l1.weight)

    def forward(self, x):
        x = F.tanh(self.l1(x))
        x = F.dropout(x, training=self.training)
        return F.log_softmax(self.l2(x))


net = Net()
net = torch.nn.DataParallel(net) if torch.cuda.device_count() > 1 else net
if use_cuda:
    net.cuda()
print(net)
data = [(torch.randn(4), i % 3) for i in range(12)]
train, test = random_split(data, [9, 3])
loader = DataLoader(train, batch_size=3, shuffle=True)
optimizer = torch.optim.Adadelta(net.parameters(), lr=1.0, rho=0.9)
for epoch in range(2):
    net.train()
    for batch_idx, (data_, target) in enumerate(loader):
        data_, target = Variable(data_), Variable(target)
        optimizer.zero_grad()
        output = net(data_)
        loss = F.nll_loss(output, target, size_average=True)
        loss.backward()
        nn.utils.clip_grad_norm(net.parameters(), 0.5)
        optimizer.step()
        print(
            "Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}".format(
                epoch, batch_idx * 3, len(train), 100.0 * batch_idx / len(loader), loss.item()
            )
        )
net.eval()
correct = 0
with torch.no_grad():
    for data_, target in DataLoader(test, batch_size=3):
        output = net(data_)
        pred = output.data.max(1, keepdim=True)[1]
        correct += pred.eq(target.data.view_as(pred)).long().cpu().sum()
print(f"correct {correct} of {len(test)}, {output.data.numpy().shape}")
print(nn.Softmax()(torch.zeros(1, 3)), F.sigmoid(torch.zeros(2)), F.softmax(torch.ones(2)))
print(
    len(SubsetRandomSampler([1, 2])), nn.MSELoss(size_average=False)(torch.ones(3), torch.zeros(3))
)
for p in net.parameters():
    p.data.copy_(torch.zeros_like(p.data))
print(sum(p.abs().sum().item() for p in net.parameters()), list(net.l1._parameters))
print(torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0) > 0, torch.get_num_threads() > 0)
