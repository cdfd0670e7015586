"""The tolerances of grading, as docs/grading.md derives them: right answers are far inside,
the nearest wrong ones outside, and the document says what its command prints."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from autograder.grading.session import run_session
from autograder.spec import Course
from tests.autograder.conftest import ROOT, Run

EXACT, TRAINED = 2e-5, 1.1e-4  # rtol + atol of values and gradients, and of training
STARTS, DRAWS = 10_000, 1_000
SHAPES = [(6, 5, 2, 3), (6, 8, 3, 2), (4, 7, 1, 4), (4, 5, 3, 1), (4, 5, 2, 2), (5, 4, 2, 3)]


def reference_of_the_hidden_checks() -> ModuleType:
    path = ROOT / "tests" / "hidden" / "convolutions" / "reference.py"
    spec = importlib.util.spec_from_file_location("exact_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = reference_of_the_hidden_checks()

# --- The learned kernel --------------------------------------------------------------------------

IMAGE, EDGE = reference.bars_of_the_text(), reference.EDGE_KERNEL
OUTPUT = reference.correlate(IMAGE, EDGE).float()


@pytest.fixture(scope="module")
def starts() -> Tensor:
    """The weight of 10,000 layers as torch makes them, shape (starts, 1, 1, 2).

    One layer of as many channels: torch draws each channel as it draws the only one.
    """
    torch.manual_seed(4)
    return nn.Conv2d(1, STARTS, (1, 2), bias=False).weight.detach()


Paths = tuple[Tensor, Tensor]


def train(start: Tensor, lr: float = 3e-2, momentum: float = 0.0) -> Paths:
    """Kernels (11, starts, 2) and losses (10, starts) of training each in float32, by epoch."""
    conv = nn.Conv2d(1, len(start), (1, 2), bias=False)
    conv.weight.data.copy_(start)
    kernels, losses, step = [start.clone()], [], torch.zeros_like(start)
    for _ in range(10):
        each = ((conv(IMAGE[None, None]) - OUTPUT) ** 2).sum((0, 2, 3))
        conv.zero_grad()
        each.sum().backward()  # no channel's loss depends on another's weight
        step = momentum * step + conv.weight.grad
        conv.weight.data -= lr * step
        losses.append(each.detach())
        kernels.append(conv.weight.detach().clone())
    return torch.stack(kernels).reshape(11, -1, 2), torch.stack(losses)


@pytest.fixture(scope="module")
def trained(starts: Tensor) -> Paths:
    return train(starts)


def exact_path(start: Tensor) -> Paths:
    """The same in float64, from three paths: on a quadratic a path is affine in its start."""
    origin, first, second = (
        reference.descend(IMAGE, OUTPUT, torch.tensor([at]), lr=3e-2, num_epochs=10).kernels
        for at in ([0.0, 0.0], [1.0, 0.0], [0.0, 1.0])
    )
    steps = torch.stack([first - origin, second - origin]).reshape(2, 11, 2)
    kernels = origin + torch.einsum("sk,ken->esn", start.double().reshape(-1, 2), steps)
    patches = IMAGE.double().unfold(1, 2, 1).reshape(-1, 2)
    errors = kernels[:-1] @ patches.T - OUTPUT.double().reshape(-1)
    return kernels, (errors**2).sum(-1)


def path_shares(kernels: Tensor, losses: Tensor, start: Tensor) -> Tensor:
    """For each start the largest share of the tolerance that its path uses, shape (starts,)."""
    exact_kernels, exact_losses = exact_path(start)
    scale = exact_kernels.abs().amax(2).clamp(min=1)
    of_kernels = (kernels - exact_kernels).abs().amax(2) / scale
    of_losses = (losses - exact_losses).abs() / exact_losses[0]
    return torch.maximum(of_kernels.amax(0), of_losses.amax(0)) / TRAINED


def bound() -> float:
    how = {"lr": 3e-2, "num_epochs": 10, "start": 0.5**0.5}
    return float(reference.learned_kernel_bound(IMAGE, EDGE, **how))


def test_the_hessian_of_the_text_has_the_eigenvalues_12_and_60():
    patches = IMAGE.double().unfold(1, 2, 1).reshape(-1, 2)

    hessian = 2 * patches.T @ patches

    assert hessian.tolist() == [[36, 24], [24, 36]]
    assert torch.linalg.eigvalsh(hessian).tolist() == pytest.approx([12, 60])


def test_the_bound_is_what_the_two_contractions_leave_of_the_worst_start():
    along_both, against_each_other = 0.8**10 * 0.5**0.5, 0.64**10

    assert bound() == pytest.approx(along_both + against_each_other)
    assert bound() < 0.1


def test_every_one_of_ten_thousand_starts_ends_within_the_bound(trained: Paths):
    kernels, _losses = trained

    farthest = (kernels[-1] - EDGE).abs().max().item()

    assert farthest <= bound()
    assert farthest > 0.97 * bound()  # it is no larger than it has to be


def test_the_same_starts_stay_within_a_tenth_of_the_tolerance_all_the_way(
    starts: Tensor, trained: Paths
):
    assert path_shares(*trained, starts).max() < 0.1


def test_the_affine_path_is_the_references_own(starts: Tensor):
    one = starts[:1]

    kernels, losses = exact_path(one)

    exact = reference.descend(IMAGE, OUTPUT, one[0, 0], lr=3e-2, num_epochs=10)
    assert torch.allclose(kernels[:, 0], exact.kernels[:, 0], rtol=1e-12)
    assert torch.allclose(losses[:, 0], exact.losses, rtol=1e-12)


@pytest.mark.parametrize(
    "mistake", [{"lr": 0.0303}, {"lr": 0.0297}, {"momentum": 0.01}, {"momentum": 0.9}], ids=str
)
def test_no_start_hides_a_slightly_wrong_step(starts: Tensor, mistake: dict[str, float]):
    some = starts[:1_000]

    assert path_shares(*train(some, **mistake), some).min() > 2


# --- Values --------------------------------------------------------------------------------------


def windows(X: Tensor, K: Tensor) -> Tensor:
    return X.unfold(1, K.shape[1], 1).unfold(2, K.shape[2], 1)


def one_by_one(X: Tensor, K: Tensor, order: int = 1) -> Tensor:
    pieces, total = (windows(X, K) * K[:, None, None]).flatten(3), torch.zeros(1)
    for product in pieces.unbind(3)[::order]:
        total = total + product
    return total


def fourier(X: Tensor, K: Tensor) -> Tensor:
    size = X.shape[1:]
    whole = torch.fft.irfft2(torch.fft.rfft2(X) * torch.fft.rfft2(K, s=size).conj(), s=size)
    return whole[:, : X.shape[1] - K.shape[1] + 1, : X.shape[2] - K.shape[2] + 1]


def exact(X: Tensor, K: Tensor) -> Tensor:
    return torch.einsum("nijab,nab->nij", windows(X.double(), K), K.double())


Corr2d = Callable[[Tensor, Tensor], Tensor]
RIGHT: dict[str, Corr2d] = {
    "first product first": one_by_one,
    "last product first": lambda X, K: one_by_one(X, K, order=-1),
    "row by row": lambda X, K: (windows(X, K) * K[:, None, None]).sum(4).sum(3),
    "einsum": lambda X, K: torch.einsum("nijab,nab->nij", windows(X, K), K),
    "matrix product": lambda X, K: (windows(X, K).flatten(3) @ K.reshape(len(K), 1, -1, 1))[..., 0],
    "torch's conv2d": lambda X, K: conv2d(X[None], K[:, None], groups=len(X))[0],
    "Fourier transform": fourier,
    "float64": exact,
}
WRONG: dict[str, Corr2d] = {
    "one kernel value 0.001 too large": lambda X, K: exact(X, K + 1e-3 * one_in_a_corner(K)),
    "all 0.1 % too large": lambda X, K: 1.001 * exact(X, K),
    "rounded to two decimals": lambda X, K: exact(X, K).round(decimals=2),
    "float16": lambda X, K: one_by_one(X.half(), K.half()),
}


def one_in_a_corner(K: Tensor) -> Tensor:
    corner = torch.zeros_like(K)
    corner[:, 0, 0] = 1
    return corner


def value_shares(corr2d: Corr2d) -> Tensor:
    """The share of the tolerance that each of many random calls of the checks' shapes uses."""
    generator = torch.Generator().manual_seed(4)
    shares = []
    for H, W, h, w in SHAPES:
        X = torch.randn(DRAWS, H, W, generator=generator)
        K = torch.randn(DRAWS, h, w, generator=generator)
        scale = exact(X, K).abs().amax((1, 2)).clamp(min=1)
        shares.append((corr2d(X, K) - exact(X, K)).abs().amax((1, 2)) / scale / EXACT)
    return torch.cat(shares)


@pytest.mark.parametrize("corr2d", RIGHT.values(), ids=RIGHT)
def test_a_right_way_to_sum_uses_less_than_a_twentieth_of_the_tolerance(corr2d: Corr2d):
    assert value_shares(corr2d).max() < 0.05


@pytest.mark.parametrize("corr2d", WRONG.values(), ids=WRONG)
def test_a_nearly_right_sum_is_never_within_the_tolerance(corr2d: Corr2d):
    assert value_shares(corr2d).min() > 1


# --- Uniform weights -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assert_uniform(course: Course) -> Callable[[Tensor], None]:
    """The check's own, from the file of hidden checks."""
    found: list[Callable[[Tensor], None]] = []
    name, assignment = "assert_uniform", "convolutions"
    run_session(
        course.visible_checks(assignment),
        course.hidden_checks(assignment),
        course.assignment(assignment),
        lambda run: found.extend(
            check.item.function.__globals__[name]  # type: ignore[attr-defined]
            for check in run.checks
            if name in check.item.function.__globals__  # type: ignore[attr-defined]
        ),
    )
    return found[0]


def test_right_layers_stay_far_below_the_margin(assert_uniform: Callable[[Tensor], None]):
    torch.manual_seed(4)
    layers = torch.rand(2_000, 3_000)
    ordered, below = layers.double().sort().values, torch.arange(3_000) / 3_000

    gaps = torch.maximum(ordered - below, below + 1 / 3_000 - ordered).amax(1)

    assert gaps.max() < 0.045
    assert_uniform(layers[gaps.argmax()])


def test_the_margin_of_uniform_weights_is_the_documents(assert_uniform: Callable[[Tensor], None]):
    evenly = (torch.arange(3_000) + 0.5) / 3_000

    assert_uniform((1 - 0.064) * evenly)
    with pytest.raises(AssertionError):
        assert_uniform((1 - 0.066) * evenly)


@pytest.mark.parametrize("wrong", ["rand ** 2", "rand ** 0.5", "0.8 * rand", "|randn| cut to 1"])
def test_weights_that_are_drawn_in_another_way_are_caught(
    assert_uniform: Callable[[Tensor], None], wrong: str
):
    torch.manual_seed(4)
    uniform, normal = torch.rand(50, 3_000), torch.randn(50, 3_000)
    layers = {
        "rand ** 2": uniform**2,
        "rand ** 0.5": uniform**0.5,
        "0.8 * rand": 0.8 * uniform,
        "|randn| cut to 1": normal.abs().clamp(max=1),
    }[wrong]

    for weights in layers:
        with pytest.raises(AssertionError):
            assert_uniform(weights)


# --- The document --------------------------------------------------------------------------------

COMMAND = "$ .venv/bin/python benchmarks/calibration.py\n"


def figures(text: str) -> dict[str, tuple[str, str, float]]:
    """What each line says, by its key: text, relation, value."""
    lines = re.findall(r"^(\d[a-z])  (.+?) +(<=|>=|=|~) (\S+)$", text, re.MULTILINE)
    return {key: (words, relation, float(value)) for key, words, relation, value in lines}


def test_every_line_is_explained_in_the_text_and_every_reference_has_its_line():
    text = (ROOT / "docs" / "grading.md").read_text("utf-8")

    brackets = re.findall(r"\[(\d[a-z](?:, \d[a-z])*)\]", text)

    assert {key for keys in brackets for key in keys.split(", ")} == set(figures(text))


def test_the_document_shows_what_its_command_prints(run: Run):
    shown = figures((ROOT / "docs" / "grading.md").read_text("utf-8").partition(COMMAND)[2])

    command = run(["python", "benchmarks/calibration.py", "0.03"])  # of each sample

    assert command.returncode == 0, command.stderr
    printed = figures(command.stdout)
    assert [(key, *line[:2]) for key, line in printed.items()] == [
        (key, *line[:2]) for key, line in shown.items()
    ]
    for key, (_words, relation, value) in printed.items():
        if relation == "=":
            assert value == shown[key][2], key
        if relation == "<=":  # the extreme of a smaller sample, on another machine
            assert value <= 1.5 * shown[key][2], key
        if relation == ">=":
            assert value >= shown[key][2] / 1.5, key
