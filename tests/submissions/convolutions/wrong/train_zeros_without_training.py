# mistake: num_epochs zeros are returned and nothing is trained
# loses all of: learned-kernel
# misconception: none
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    return [0.0] * num_epochs
