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
    }
}

pytest_plugins = ["autograder.student.plugin"]
