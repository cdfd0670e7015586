"""Runs the checks you can see on your file: type `pytest` in this folder.

Generated from the assignment; nothing you change here is handed in.
"""

ASSIGNMENT = {
    "name": "convolutions",
    "title": "Convolutions for Images",
    "exercises": [
        {
            "name": "corr2d-exact",
            "title": "Cross-correlation, number by number",
            "points": 25
        },
        {
            "name": "edge-detection",
            "title": "Edges, there and back",
            "points": 10
        },
        {
            "name": "transposed-input",
            "title": "The transposed image",
            "points": 10
        },
        {
            "name": "conv2d",
            "title": "A layer with a kernel of its own",
            "points": 25
        },
        {
            "name": "learned-kernel",
            "title": "Learning the kernel",
            "points": 30
        }
    ],
    "hidden_checks": {
        "count": 36,
        "points": 60
    },
    "layers": [
        "Conv2d",
        "LazyConv2d"
    ],
    "stand_ins": [
        "d2l",
        "google.colab",
        "matplotlib",
        "mpl_toolkits",
        "matplotlib_inline",
        "seaborn",
        "plotly",
        "torchvision",
        "torchsummary",
        "torchinfo",
        "torchviz",
        "tensorboard",
        "google.protobuf",
        "PIL",
        "cv2",
        "imageio",
        "skimage",
        "scipy",
        "ipywidgets"
    ],
    "windows": [
        "corr2d"
    ],
    "tensors": {
        "corr2d": [
            "X",
            "K"
        ],
        "Conv2D": [
            "x",
            "weight",
            "bias"
        ],
        "train_kernel": [
            "X",
            "Y"
        ]
    },
    "limits": {
        "statement_cpu_seconds": 5.0,
        "check_cpu_seconds": 2.0,
        "wall_factor": 10.0,
        "memory_mib": 1024,
        "scratch_mib": 16,
        "file_bytes": 16777216
    },
    "texts": {
        "zh_CN": {
            "Convolutions for Images": "图像的卷积",
            "Cross-correlation, number by number": "互相关：逐个数值计算",
            "Edges, there and back": "边缘：进入与离开",
            "The transposed image": "转置后的图像",
            "A layer with a kernel of its own": "自带卷积核的层",
            "Learning the kernel": "学习卷积核",
            "The worked example gives the four numbers of the text": "示例的结果与正文中的四个数一致",
            "Lay K on the top left corner of X, multiply what lies on top of each other, and add up.": "把 K 放在 X 的左上角，将上下重叠的数相乘，再加起来。",
            "Do the first number by hand: 0*0 + 1*1 + 3*2 + 4*3 = 19. Which product is other in yours?": "动手算第一个数：0*0 + 1*1 + 3*2 + 4*3 = 19。你的结果里是哪个乘积不一样？",
            "The number in row i, column j is from the piece of X, as large as K, that starts there.": "第 i 行第 j 列的数，来自 X 中从那里开始、与 K 一样大的那一块。",
            "A wide image and a tall kernel keep height and width apart": "图像较宽、卷积核较高时，不会弄混高与宽",
            "The first size is the height and the second the width, and the kernel is never turned.": "第一个大小是高，第二个是宽，而且卷积核从不翻转。",
            "Look at the shape first: 3 by 4 under a kernel of 3 by 1 leaves 1 row and 4 columns.": "先看形状：3 × 4 的图像配上 3 × 1 的卷积核，剩下 1 行 4 列。",
            "Height and width shrink each by its own kernel size: does your code use one for both?": "高和宽各按卷积核自己的那个尺寸缩小：你的代码是不是两处用了同一个？",
            "An edge is plus one from white to black and minus one back": "边缘从白到黑为正一，从黑回到白为负一",
            "The kernel [[1, -1]] subtracts from each pixel its neighbour on the right.": "卷积核 [[1, -1]] 用每个像素减去其右侧相邻像素。",
            "A row is 1 1 0 0 0 0 1 1: into the black 1 - 0 = 1, out of it 0 - 1 = -1, elsewhere 0.": "一行是 1 1 0 0 0 0 1 1：进入黑色处 1 - 0 = 1，离开黑色处 0 - 1 = -1，其余为 0。",
            "All signs turned: so is the kernel. Edges a column off: so is where your loop begins.": "符号全部相反，说明卷积核被翻转了；边缘差了一列，说明你的循环起点也差了一列。",
            "The kernel is blind to the transposed image and its transpose is not": "原卷积核检测不到转置图像的边缘，转置后的卷积核可以",
            "[[1, -1]] looks to the right only; its transpose looks down.": "[[1, -1]] 只向右看；它的转置向下看。",
            "Here all pixels of a row are equal, so [[1, -1]] leaves 8 rows of 5 zeros.": "这里每一行的像素都相等，所以 [[1, -1]] 得到 8 行、每行 5 个零。",
            "image.t() has the same memory in another order: go by shape and indices, not by view().": "image.t() 是同一块内存换了顺序：请依据形状和下标，不要用 view()。",
            "A new layer has a random weight of the kernel's size and one zero bias": "新的层有一个与卷积核同样大小的随机权重和一个为零的偏置",
            "kernel_size (2, 3) makes a weight of two rows and three columns, and nothing around them.": "kernel_size 为 (2, 3) 时，weight 是两行三列，外面不再套别的维度。",
            "torch.rand is uniform on [0, 1), torch.randn is not; the bias is one number in any layer.": "torch.rand 在 [0, 1) 上均匀分布，torch.randn 则不是；任何层里偏置都只有一个数。",
            "Keep both as nn.Parameter on self: weight from torch.rand, bias from torch.zeros(1).": "把两者都作为 nn.Parameter 存放在 self 上：weight 来自 torch.rand，bias 来自 torch.zeros(1)。",
            "The layer answers with the cross correlation plus the bias": "层的输出是互相关加上偏置",
            "Without the bias it is 19, 25, 37, 43 again. Other numbers than that come from corr2d.": "不加偏置时仍是 19, 25, 37, 43。如果是别的数，问题出在 corr2d。",
            "The check writes its numbers into weight and bias first: use what they hold when called.": "检查项会先把自己的数写进 weight 和 bias：调用时请使用它们当时的值。",
            "forward(x) is corr2d of x and the layer's own weight, plus the layer's own bias.": "forward(x) 是 x 与层自己的 weight 的 corr2d，再加上层自己的 bias。",
            "Ten epochs bring the kernel within a tenth of the edge detector": "十轮之后，卷积核与边缘检测器的误差不超过零点一",
            "One step from [[0, 0]] gives [[0.36, -0.36]]. Other sign: uphill. Far less: a mean.": "从 [[0, 0]] 走一步得到 [[0.36, -0.36]]。若符号相反，说明在沿梯度上升；若小得多，说明用了均值。",
            "First step right, the end wrong: the old gradient is there when the new one is added.": "第一步正确而最后不对：加上新梯度时，旧梯度还留在那里。",
            "In each epoch clear the gradient, sum the loss, call backward() and take lr * grad away.": "每一轮中：清除梯度，对损失求和，调用 backward()，再减去 lr * grad。",
            "The losses are those before each update": "返回的损失是每次更新之前的损失",
            "Return one number for each epoch, the summed loss that you computed before the update.": "每一轮返回一个数，即你在更新之前算出的、求和后的损失。",
            "The first is the loss of the untrained kernel, 12. One that begins with 4.9152 is late.": "第一个是未训练的卷积核的损失 12。如果以 4.9152 开头，说明损失取得晚了一步。",
            "Ten epochs, ten numbers: keep one in each, and the sum of the squares, not their mean.": "十轮就有十个数：每轮留下一个，是平方和而不是均值。",
            "weight has the shape of kernel_size": "weight 的形状应当是 kernel_size",
            "weight is uniform on [0, 1)": "weight 应当在 [0, 1) 上均匀分布",
            "bias is one number": "bias 应当只有一个数",
            "bias starts at zero": "bias 应当从零开始",
            "both can be trained": "两者都应当可以训练",
            "the kernel after one epoch": "一轮之后的卷积核",
            "the kernel after ten epochs": "十轮之后的卷积核",
            "the losses": "损失"
        }
    }
}

collect_ignore = ["zh_CN"]
pytest_plugins = ["autograder.student.plugin"]
