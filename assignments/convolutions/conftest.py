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
            "Cross-correlation, number by number": "互相关：逐个数字",
            "Edges, there and back": "边缘：一去一回",
            "The transposed image": "转置后的图像",
            "A layer with a kernel of its own": "自带卷积核的层",
            "Learning the kernel": "学习卷积核",
            "The worked example gives the four numbers of the text": "算例给出正文中的四个数",
            "Lay K on the top left corner of X, multiply what lies on top of each other, and add up.": "把 K 放在 X 的左上角，将上下重叠的数相乘，再加起来。",
            "A wide image and a tall kernel keep height and width apart": "宽图像配高卷积核时，高和宽不混淆",
            "The first size is the height and the second the width, and the kernel is never turned.": "第一个大小是高，第二个是宽，而且卷积核从不翻转。",
            "An edge is plus one from white to black and minus one back": "边缘从白到黑为正一，从黑回到白为负一",
            "The kernel [[1, -1]] subtracts from each pixel its neighbour on the right.": "卷积核 [[1, -1]] 从每个像素中减去它右边的邻居。",
            "The kernel is blind to the transposed image and its transpose is not": "卷积核对转置后的图像视而不见，它的转置则不然",
            "[[1, -1]] looks to the right only; its transpose looks down.": "[[1, -1]] 只向右看；它的转置向下看。",
            "A new layer has a random weight of the kernel's size and one zero bias": "新的层有一个与卷积核同样大小的随机权重和一个为零的偏置",
            "Keep both as nn.Parameter on self: weight from torch.rand, bias from torch.zeros(1).": "把两者都作为 nn.Parameter 存放在 self 上：weight 来自 torch.rand，bias 来自 torch.zeros(1)。",
            "The layer answers with the cross correlation plus the bias": "层的输出是互相关加上偏置",
            "forward(x) is corr2d of x and the layer's own weight, plus the layer's own bias.": "forward(x) 是 x 与层自己的 weight 的 corr2d，再加上层自己的 bias。",
            "Ten epochs bring the kernel within a tenth of the edge detector": "十轮之后，卷积核与边缘检测器的差在零点一以内",
            "In each epoch clear the gradient, sum the loss, call backward() and take lr * grad away.": "每一轮中：清除梯度，对损失求和，调用 backward()，再减去 lr * grad。",
            "The losses are those before each update": "返回的损失是每次更新之前的损失",
            "Return one number for each epoch, the summed loss that you computed before the update.": "每一轮返回一个数，即你在更新之前算出的、求和后的损失。",
            "weight has the shape of kernel_size": "weight 的形状应当是 kernel_size",
            "weight is uniform on [0, 1)": "weight 应当在 [0, 1) 上均匀分布",
            "bias is one number": "bias 应当只有一个数",
            "bias starts at zero": "bias 应当从零开始",
            "both can be trained": "两者都应当可以训练",
            "the losses": "损失"
        }
    }
}

collect_ignore = ["zh_CN"]
pytest_plugins = ["autograder.student.plugin"]
