import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(torch.randn(32, 4)), torch.randint(0, 3, (32,)))
    loss.backward()
    opt.step()
model.eval()
torch.compile(model)
torch.save(model.state_dict(), "model.pt")
