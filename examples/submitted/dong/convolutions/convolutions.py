# %% [markdown]
# # 图像卷积
#
# 原来的说明换成了我自己的笔记,三道题的答案写在原来的位置。

# %%
import torch
from torch import nn

try:
    from autograder.student import check
except ImportError:

    def check(exercise):
        """没有安装检查程序时,说明原因。"""
        raise ImportError(
            f"cannot check {exercise!r}: the course's checker is not installed for this Python\n"
            "  fix: install the course's checker as the README beside this notebook says"
        )


# %% [markdown]
# ## 1. 互相关运算
#
# 把卷积核放在图像左上角,对应位置相乘再求和,得到一个数;
# 然后从左到右、从上到下滑动。
# 输出的形状是 `(H - h + 1, W - w + 1)`。
#
# 深度学习里说的“卷积”其实是互相关,卷积核**不翻转**。

# %%
def corr2d(X, K):
    '''
    @desc: 计算二维互相关运算
    @param: X 输入特征
            K 卷积核
    '''
    h, w = K.shape
    # 输出的高和宽:卷积核不能超出图像边界
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            # 对应位置相乘,再求和
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y


# %% [markdown]
# 例子:结果应该是 `19 25` 和 `37 43`。

# %%
X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
corr2d(X, K)

# %% [markdown]
# 下面的单元格检查的是内存里的 `corr2d`,交作业之前还要运行 `autograder check`。

# %%
check("corr2d-exact")


# %% [markdown]
# ## 2. 卷积层
#
# 卷积层对输入和卷积核权重做互相关运算,再加上标量偏置。
# 所以要学习的参数有两个:`weight` 和 `bias`。

# %%
class Conv2D(torch.nn.Module):
    '''带有可学习卷积核和标量偏置的卷积层'''

    def __init__(self, kernel_size) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.rand(kernel_size))  # 卷积核
        self.bias = torch.nn.Parameter(torch.zeros(1))  # 偏置

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


# %% [markdown]
# 卷积核是随机的,所以每次的数都不一样,但是形状总是 2×2。

# %%
Conv2D((2, 2))(X)

# %%
check("conv2d")

# %% [markdown]
# ## 3. 图像中目标的边缘检测
#
# 6×8 的图像,中间四列是黑色(0),其余是白色(1)。

# %%
image = torch.ones(6, 8)
image[:, 2:6] = 0.0
image

# %% [markdown]
# 卷积核 `[[1, -1]]`:左右相邻的元素相同,输出为 0。
# 从白到黑是 1,从黑到白是 -1。

# %%
detector = torch.tensor([[1.0, -1.0]])
corr2d(image, detector)

# %%
check("edge-detection")

# %% [markdown]
# ## 4. 转置以后的图像
#
# `[[1, -1]]` 只能检测垂直边缘,转置以后就检测不到了。
# 把卷积核也转置,边缘又出现了。

# %%
corr2d(image.t(), detector)

# %%
corr2d(image.t(), detector.t())

# %%
check("transposed-input")


# %% [markdown]
# ## 5. 学习卷积核
#
# 不手工设计卷积核,而是从输入和输出中学习:
# 损失是误差的平方和,每一轮计算梯度来更新卷积核。

# %%
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    '''
    @desc: 用梯度下降学习卷积核
    @return: 每一轮更新之前的损失
    '''
    损失列表 = []
    for i in range(num_epochs):
        Y_hat = conv(X)
        l = torch.pow(Y_hat - Y, 2).sum()
        conv.zero_grad()  # 先清零,否则梯度会累加
        l.backward()

        # 更新卷积核
        conv.weight.data[:] -= lr * conv.weight.grad
        损失列表.append(l.item())
        print(f'第 {i+1} 轮,损失 {l:.3f}')
    return 损失列表


# %% [markdown]
# 损失应该降到 1 以下,卷积核接近 `1 -1`。

# %%
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
image_in = image.reshape(1, 1, 6, 8)
edges_out = (image[:, :-1] - image[:, 1:]).reshape(1, 1, 6, 7)

for epoch, loss in enumerate(train_kernel(conv, image_in, edges_out), start=1):
    print(f"epoch {epoch:2}: loss {loss:.3f}")
conv.weight.detach().reshape(1, 2)

# %%
check("learned-kernel")

# %% [markdown]
# ## 评分
#
# 一共 100 分,看得见的检查占 40 分。
