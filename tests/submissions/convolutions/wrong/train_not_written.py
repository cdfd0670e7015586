# mistake: the function is still the stub
# loses all of: learned-kernel
# misconception: none
def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    # YOUR CODE HERE
    raise NotImplementedError()
