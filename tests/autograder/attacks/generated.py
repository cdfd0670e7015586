"""Hostile submissions too large or too strange to keep as files: made when they are asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

EVERYTHING = "corr2d-exact 25, edge-detection 10, transposed-input 10, conv2d 25, learned-kernel 30"
PARTS = (
    """import torch
from torch import nn
""",
    """def corr2d(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum((-1, -2))
""",
    """class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(tuple(kernel_size)))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias
""",
    """def train_kernel(conv, X, Y, num_epochs=10, lr=3e-2):
    losses = []
    for _ in range(num_epochs):
        loss = ((conv(X) - Y) ** 2).sum()
        conv.zero_grad()
        loss.backward()
        with torch.no_grad():
            conv.weight -= lr * conv.weight.grad
        losses.append(loss.item())
    return losses
""",
)
RIGHT = "\n\n# %%\n".join(PARTS)  # in cells: one that does not parse loses only itself


class Generated(msgspec.Struct, frozen=True):
    """One submission: its file name, how its bytes are made, and its label."""

    file: str
    make: Callable[[], bytes]
    wants: str
    honest: str
    leaks: str = ""

    @property
    def label(self) -> str:
        """What would stand in its first lines."""
        leaks = f"# leaks: {self.leaks}\n" if self.leaks else ""
        return f"# wants: {self.wants}\n# honest: {self.honest}\n{leaks}"


def attacks() -> Iterator[tuple[str, str | None, bytes]]:
    """Place (family/file), label and bytes of each."""
    for place, one in GENERATED.items():
        yield f"{place.partition('/')[0]}/{one.file}", one.label, one.make()


def beside_right_code(cell: str) -> bytes:
    """``cell`` among cells that are right."""
    return f"{RIGHT}\n\n# %%\n{cell}\n\n# %% the end\n".encode()


def notebook(sources: tuple[str, ...] = PARTS, outputs: str = "[]", metadata: str = "{}") -> bytes:
    """A notebook as text, since what is put into it may be nothing that JSON's writers write."""
    cells = ", ".join(
        f'{{"cell_type": "code", "metadata": {{}}, "outputs": {outputs if n == 0 else "[]"}, '
        f'"source": {json.dumps(source)}}}'
        for n, source in enumerate(sources)
    )
    return f'{{"cells": [{cells}], "metadata": {metadata}, "nbformat": 4}}'.encode()


GENERATED: Mapping[str, Generated] = {
    "sources/utf_16": Generated(
        "utf_16.py",
        lambda: RIGHT.encode("utf-16"),
        "text of which every other byte is NUL to be read as something else by another reader",
        "nothing",
    ),
    "sources/nul_bytes": Generated(
        "nul_bytes.py",
        lambda: beside_right_code("corr2d = None\0\n\0\0\0\nraise SystemExit"),
        "a reader written in C to stop at a NUL and to see another file",
        EVERYTHING,
    ),
    "sources/a_hundred_thousand_parentheses": Generated(
        "a_hundred_thousand_parentheses.py",
        lambda: beside_right_code("x = " + "(" * 100_000 + ")" * 100_000),
        "a parser to overflow its stack over brackets, one in the other",
        EVERYTHING,
    ),
    "sources/a_hundred_thousand_signs": Generated(
        "a_hundred_thousand_signs.py",
        lambda: beside_right_code("x = " + "-" * 100_000 + "1"),
        "a parser to overflow its stack over signs, one before the other",
        EVERYTHING,
    ),
    "sources/a_number_of_a_hundred_thousand_digits": Generated(
        "a_number_of_a_hundred_thousand_digits.py",
        lambda: beside_right_code(f"x = 0x{'f' * 150_000}\n\n# %%\ny = {'9' * 100_000}"),
        "a square number of steps for one number, while the file is read",
        EVERYTHING,
    ),
    "sources/an_encoding_that_takes_hours": Generated(
        "an_encoding_that_takes_hours.py",
        lambda: b"# -*- coding: punycode -*-\n" + b"a" * 200_000 + b"-" + b"z9" * 200_000,
        "the reader to be busy for hours with an encoding for names of hosts",
        "nothing",
    ),
    "sources/a_sum_of_fifty_thousand": Generated(
        "a_sum_of_fifty_thousand.py",
        lambda: beside_right_code("x = " + "1+" * 50_000 + "1\ny = x" + ".real" * 20_000),
        "a compiler to overflow its stack over a tree as deep as the line is long",
        EVERYTHING,
    ),
    "sources/blocks_in_blocks": Generated(
        "blocks_in_blocks.py",
        lambda: beside_right_code("".join(" " * n + "if True:\n" for n in range(500)) + " " * 500),
        "a tokenizer to run out of room for levels of indentation",
        EVERYTHING,
    ),
    "sources/strings_in_strings": Generated(
        "strings_in_strings.py",
        lambda: beside_right_code(
            "x = f'" + "{" * 50_000 + "1:{" * 20_000 + "'\ny = f'{x:" + "{x:" * 5_000 + "'"
        ),
        "a tokenizer to overflow its stack over an f-string with fields in its fields",
        EVERYTHING,
    ),
    "sources/a_line_of_a_megabyte": Generated(
        "a_line_of_a_megabyte.py",
        lambda: beside_right_code("x = '" + "\\'" * 300_000 + "'" + " " * 300_000 + "#"),
        "a pattern that looks for the end of a string to take time that grows with its square",
        EVERYTHING,
    ),
    "sources/a_line_of_ten_megabytes": Generated(
        "a_line_of_ten_megabytes.py",
        lambda: beside_right_code("x = '" + "y" * 10_000_000 + "'"),
        "everybody who looks at its one line to wait",
        "nothing",
    ),
    "sources/larger_than_any_file": Generated(
        "larger_than_any_file.py",
        lambda: RIGHT.encode() + b"\n#" + b" " * (17 * 2**20),
        "a reader that reads until there is no memory left, or says where it reads",
        "nothing",
        leaks=r"/[^/\s]+/convolutions/convolutions\.py",  # the folder that it lies in
    ),
    "sources/two_hundred_thousand_cells": Generated(
        "two_hundred_thousand_cells.py",
        lambda: (RIGHT + "\n# %%" * 200_000 + "\nbroken(\n").encode(),
        "each of its cells, all empty, to be looked at by looking at all the others",
        "nothing",
    ),
    "sources/a_hundred_thousand_markers": Generated(
        "a_hundred_thousand_markers.py",
        lambda: (RIGHT + "\n# %%" * 100_000 + "\n").encode(),
        "cells without end in a file that is right",
        EVERYTHING,
    ),
    "sources/a_definition_two_thousand_times": Generated(
        "a_definition_two_thousand_times.py",
        lambda: (RIGHT + "\nif 0:\n" + " def corr2d(X, K): 0\n" * 2_000).encode(),
        "a look for library functions in each of its functions to take all day",
        EVERYTHING,
    ),
    "notebooks/deep_json": Generated(
        "deep_json.ipynb",
        lambda: notebook(outputs="[" * 100_000 + "]" * 100_000),
        "a reader of JSON to overflow its stack over lists, one in the other",
        "nothing",
    ),
    "notebooks/deep_metadata_never_closed": Generated(
        "deep_metadata_never_closed.ipynb",
        lambda: notebook(metadata='{"a":' * 50_000),
        "a reader of JSON to overflow its stack over objects that never end",
        "nothing",
    ),
    "notebooks/a_number_of_a_hundred_thousand_digits": Generated(
        "a_number_of_a_hundred_thousand_digits.ipynb",
        lambda: notebook(metadata='{"score": ' + "9" * 100_000 + ', "max": NaN}'),
        "a square number of steps for one number of the metadata",
        "nothing",
    ),
    "notebooks/huge_outputs": Generated(
        "huge_outputs.ipynb",
        lambda: notebook(
            outputs='[{"output_type": "stream", "text": "' + "score: 100\\n" * 1_000_000 + '"}]'
        ),
        "ten megabytes that it says it printed, in every report and on every page",
        EVERYTHING,
    ),
    "notebooks/ten_thousand_cells_and_one": Generated(
        "ten_thousand_cells_and_one.ipynb",
        lambda: notebook(sources=(*PARTS, *["1"] * 9_997)),
        "more cells than anybody counts to, each with a step of its own",
        "nothing",
    ),
    "notebooks/nine_thousand_magics": Generated(
        "nine_thousand_magics.ipynb",
        lambda: notebook(sources=(*PARTS, "%time 1\n!ls\n?x\n" * 3_000)),
        "a rewriting of magics, each of which reads the whole cell once more",
        EVERYTHING,
    ),
}


# --- What is no file at all ---------------------------------------------------------------------


class Special(msgspec.Struct, frozen=True):
    """Something else in the place of the file: ``make`` puts it there.

    ``make`` gets the place and a file of the course that students must not see.
    """

    make: Callable[[Path, Path], object]
    wants: str


def _folder(place: Path, secret: Path) -> None:
    place.mkdir()
    (place / "convolutions.py").symlink_to(secret)


# Nothing of them is read, so none of them has a score.
SPECIAL: Mapping[str, Special] = {
    "a_link_to_the_solution": Special(
        lambda place, secret: place.symlink_to(secret), "the solution to be graded as its own"
    ),
    "a_hard_way_to_the_solution": Special(
        lambda place, secret: place.symlink_to(os.path.relpath(secret, place.parent)),
        "the solution to be graded as its own, by a relative link",
    ),
    "a_link_to_itself": Special(
        lambda place, secret: place.symlink_to(place.name), "a reader that follows it for ever"
    ),
    "a_pipe": Special(
        lambda place, secret: os.mkfifo(place), "a reader that waits for somebody to write"
    ),
    "a_folder": Special(_folder, "a reader that looks into a folder of the file's name"),
    "a_link_to_endless_zeros": Special(
        lambda place, secret: place.symlink_to("/dev/zero"), "a reader that reads without end"
    ),
}
