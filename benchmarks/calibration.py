"""The figures of docs/grading.md, in its order: how much of each tolerance right answers use.

Right answers and nearly right ones are put to the assignment's own checks in this process. A share
is the largest difference over what is allowed. The argument 0.1 takes a tenth of each sample.
"""

import math
import os
import sys
import time
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from autograder.authoring.labelled import labelled_submissions
from autograder.checks import Student
from autograder.checks.drawing import Draw, seed_for
from autograder.grading.session import run_session
from autograder.spec import find_course
from autograder.student.local import LocalStudent

COURSE, ASSIGNMENT = find_course(Path(__file__)), "convolutions"
SPEC = COURSE.assignment(ASSIGNMENT)
WEIGHTS, MARGIN = 3000, 0.065  # of the uniformity check


def corr2d(X, K):
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))


def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2, times=1.0):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        conv.weight.data -= times * lr * conv.weight.grad
        losses.append(loss.item())
    return losses


WRONG_CORR2D = {
    "1c": ("one kernel value 0.001 too large", lambda X, K: corr2d(X, K + 1e-3 * (K[0, 0] == K))),
    "1d": ("computed in float16", lambda X, K: corr2d(X.half(), K.half())),
    "1e": ("rounded to four decimals", lambda X, K: corr2d(X, K).round(decimals=4)),
}
WRONG_TRAINING = {
    "3c": ("learning rate 1 % too large", lambda *given: train_kernel(*given, times=1.01)),
    "3d": ("learning rate 0.1 % too large", lambda *given: train_kernel(*given, times=1.001)),
}


def shares(checks, student, seed):
    """The largest share of each kind of comparison, and the CPU seconds of the slowest check."""
    most = dict.fromkeys(("values", "gradients", "path", "near", "seconds"), 0.0)

    def record(got, expected, *, what="", rtol=1e-5, atol=1e-5, scale=None):
        kind = "near" if atol > 1e-5 else "path" if rtol > 1e-5 else "values"
        kind = "gradients" if "gradient" in what else kind
        allowed = (atol + rtol) * (scale or expected.abs().max().clamp(min=1).item())
        share = (got.double() - expected.double()).abs().max().item() / allowed
        most[kind] = max(most[kind], share)

    for check in checks:
        test = check.item.function
        test.__globals__["assert_close"] = record
        given = Student(student), Draw(seed_for(b"calibration", str(seed), check.name))
        student.begin_check()
        start = time.process_time()
        test(*given[: test.__code__.co_argcount])
        most["seconds"] = max(most["seconds"], time.process_time() - start)
    return most


def any_order(checks, count):
    """The largest share that float32 sums can use in any order, on ``count`` draws of each shape.

    |error| <= n u / (1 - n u) * sum |x| |k| for n products, u = 2^-24 (Higham, section 3.1).
    """
    shapes = {(4, 5, 3, 3), (5, 4, 3, 3), (5, 4, 4, 2)}  # gradients: X with what comes from above
    seen = {"corr2d": lambda X, K: shapes.add((*X.shape, *K.shape)) or corr2d(X, K)}
    for seed in range(5):
        shares(checks, LocalStudent(SPEC, seen), seed)
    worst = 0.0
    for H, W, h, w in sorted(shapes - {(3, 4, 3, 4)}):  # drawn with one sign: nothing cancels
        X, K = torch.randn(count, H, W).double(), torch.randn(count, h, w).double()
        windows, nu = X.unfold(1, h, 1).unfold(2, w, 1), h * w * 2.0**-24
        results = torch.einsum("nijab,nab->nij", windows, K).abs().amax((1, 2))
        products = torch.einsum("nijab,nab->nij", windows.abs(), K.abs()).amax((1, 2))
        worst = max(worst, (nu / (1 - nu) * products / (2e-5 * results.clamp(min=1))).max().item())
    return worst


def train(patches, outputs, start, lr):
    """Ten epochs in float32 for B problems: kernels (11, B, weights), losses (10, B)."""
    kernels, losses = [start], []
    for _ in range(10):
        weight = kernels[-1].clone().requires_grad_()
        losses.append(((torch.einsum("bmn,bn->bm", patches, weight) - outputs) ** 2).sum(1))
        (gradient,) = torch.autograd.grad(losses[-1].sum(), weight)
        kernels.append(kernels[-1] - lr * gradient)
    return torch.stack(kernels), torch.stack(losses).detach()


def drift(descend, count):
    """Largest share of training in float32 over random images, targets, starts and rates."""
    found = []
    for size, (h, w) in (((6, 8), (1, 2)), ((6, 7), (2, 2)), ((7, 5), (3, 1))):
        X, target = torch.randn(count, *size), 1 + torch.rand(count, h * w)
        patches = X.unfold(1, h, 1).unfold(2, w, 1).reshape(count, -1, h * w)
        outputs = torch.einsum("bmn,bn->bm", patches, target)
        steep = torch.linalg.eigvalsh(2 * patches.mT.double() @ patches.double())[:, -1:]
        rate, start = 1.8 * torch.rand(count, 1) / steep, 1.4 * torch.rand(count, h * w) - 0.7
        kernels, losses = train(patches, outputs, start, rate.float())
        for b in range(count):
            Y, first = outputs[b].reshape(size[0] - h + 1, -1), start[b].reshape(h, w)
            exact = descend(X[b], Y, first, lr=rate[b].item(), num_epochs=10)
            path = exact.kernels.flatten(1)
            off = (kernels[:, b] - path).abs().amax(1) / path.abs().amax(1).clamp(min=1)
            found += [((losses[:, b] - exact.losses).abs() / exact.losses[0]).max(), off.max()]
    return max(found) / 1.1e-4


def largest_gap(weights):
    """Largest |F(x) - x| of each row, F its own distribution; weights (layers, 3000)."""
    middle_of_steps = (torch.arange(WEIGHTS, dtype=torch.float64) + 0.5) / WEIGHTS
    return (weights.double().sort().values - middle_of_steps).abs().amax(1) + 0.5 / WEIGHTS


def say(key, text, sign, value):
    print(f"{key}  {text:<46}{sign:>2} {value:{'.4g' if sign == '=' else '.2g'}}", flush=True)


def figures(checks, part):
    torch.manual_seed(0)
    few, thousands = math.ceil(20 * part), math.ceil(1000 * part)
    trained = [check for check in checks if check.info.exercise == "learned-kernel"]
    sums = [check for check in checks if check.info.exercise == "corr2d-exact"]

    def least(checks, kind, **answer):
        return min(shares(checks, LocalStudent(SPEC, answer), seed)[kind] for seed in range(few))

    torch.optim.SGD([torch.zeros(1)], lr=0.1)  # loads much of torch, as in the sandbox's zygote
    first = LocalStudent(SPEC, {"corr2d": corr2d, "train_kernel": train_kernel})
    shares([*sums, *trained], first, 0)  # the same
    seen = []
    labelled = [one for one in labelled_submissions(COURSE, ASSIGNMENT) if one.label is None]
    for one in labelled[:: int(1 / part)]:
        student = LocalStudent(SPEC)
        student.load(one.form)
        try:
            seen += [shares(checks, student, seed) for seed in range(2)]
        except Exception as error:
            sys.exit(f"{one.name} is not right: {error}\n  fix: autograder audit {ASSIGNMENT}")
    used = {kind: max(one[kind] for one in seen) for kind in seen[0]}
    say("1a", "any order of float32 sums", "<=", any_order(sums, 10 * thousands))
    say("1b", "labelled right answers", "<=", used["values"])
    for key, (text, wrong) in WRONG_CORR2D.items():
        say(key, text, ">=", least(sums, "values", corr2d=wrong))
    scope = trained[-1].item.function.__globals__  # the checks' own reference
    image, edge = scope["bars_of_the_text"](), scope["EDGE_KERNEL"]
    patches = image.unfold(1, 2, 1).reshape(-1, 2)
    hessian = 2 * patches.T @ patches
    say("2a", "Hessian, on the diagonal", "=", hessian[0, 0])
    say("2b", "Hessian, beside it", "=", hessian[0, 1])
    for key, then, curvature in zip("ce", "df", torch.linalg.eigvalsh(hessian), strict=True):
        say(f"2{key}", "eigenvalue", "=", curvature)
        say(f"2{then}", "left of that part after ten epochs", "=", (1 - 0.03 * curvature) ** 10)
    how = {"lr": 0.03, "num_epochs": 10, "start": 0.5**0.5}
    say("2g", "largest distance left", "=", scope["learned_kernel_bound"](image, edge, **how))
    start = torch.nn.Conv2d(1, 10 * thousands, (1, 2), bias=False).weight.detach().reshape(-1, 2)
    kernels, _ = train(patches.expand(len(start), -1, -1), patches @ edge[0], start, 0.03)
    say("2h", "seen over 10,000 starts of torch's own", "<=", (kernels[-1] - edge).abs().max())
    say("3a", "float32, any problem", "<=", drift(scope["descend"], 2 * thousands))
    say("3b", "labelled right answers", "<=", used["path"])
    for key, (text, wrong) in WRONG_TRAINING.items():
        say(key, text, ">=", least(trained, "path", train_kernel=wrong))
    layers, false = torch.rand(2 * thousands, WEIGHTS), 2 * math.exp(-2 * WEIGHTS * MARGIN**2)
    say("4a", "probability that a right layer fails", "=", false)
    say("4b", "gap of right layers", "<=", largest_gap(layers).max())
    say("4c", "gap of 0.9 * rand", ">=", largest_gap(0.9 * layers[:200]).min())
    say("4d", "gap of rand ** 2", ">=", largest_gap(layers[:200] ** 2).min())
    say("5a", "labelled right answers", "<=", used["gradients"])
    say("6a", "slowest check of a right answer, CPU seconds", "~", used["seconds"])
    say("6b", "limit over that", "~", SPEC.limits.check_cpu_seconds / used["seconds"])


def main(part=1.0):
    torch.set_num_threads(1)
    os.environ["TORCHDYNAMO_DISABLE"] = "1"  # as in the sandbox: no compiler is started
    visible, hidden = COURSE.visible_checks(ASSIGNMENT), COURSE.hidden_checks(ASSIGNMENT)
    with TemporaryDirectory() as folder, chdir(folder):  # some right answers leave files
        run_session(visible, hidden, SPEC, lambda run: figures(run.checks, part))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
