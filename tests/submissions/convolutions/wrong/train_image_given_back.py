# mistake: the image is given back and nothing is trained
# loses all of: learned-kernel
# misconception: none
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    return X
