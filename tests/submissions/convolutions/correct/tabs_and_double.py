import torch
from torch import nn

# sums in float64 because of rounding errors
def corr2d(X, K):
	X, K = X.double(), K.double()
	h, w = K.shape
	Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=torch.float64)
	for i in range(Y.shape[0]):
		for j in range(Y.shape[1]):
			Y[i, j] = (X[i:i+h, j:j+w] * K).sum()
	return Y

class Conv2D(nn.Module):
	def __init__(self, kernel_size):
		super().__init__()
		self.weight = nn.Parameter(torch.rand(kernel_size))
		self.bias = nn.Parameter(torch.zeros(1))

	def forward(self, x):
		if x.dim() != 2:
			raise ValueError("one image only")
		else:
			return corr2d(x, self.weight) + self.bias

def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
	losses = torch.zeros(num_epochs, dtype=torch.float64)
	for epoch in range(num_epochs):
		conv.zero_grad()
		loss = ((conv(X) - Y).double() ** 2).sum()
		loss.backward()
		losses[epoch] = loss.detach()
		with torch.no_grad():
			conv.weight -= lr * conv.weight.grad
	return losses
