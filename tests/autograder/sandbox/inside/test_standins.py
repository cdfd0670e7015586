"""Stand-ins: what is done with a module for show does nothing, and does no harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.inside import standins

ROOT = Path(standins.__file__).parents[3]
NAMES = ("book", "plots", "cloud.drive")


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """Stand-ins for modules that nobody has, and none of them left behind."""
    finders, modules = list(sys.meta_path), set(sys.modules)
    standins.install(NAMES)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def run(source: str) -> dict[str, Any]:
    """Run a student's lines after the imports that a book's reader writes."""
    namespace: dict[str, Any] = {}
    exec("from book import torch as d2l\nimport plots.pyplot as plt\n" + source, namespace)
    return namespace


# ---- import -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "import book",
        "import book.torch",
        "import book.torch as d2l",
        "from book import torch as d2l",
        "from book.torch import corr2d, Animator",
        "from book import *",
        "from plots.a.b.c import d",
        "from cloud import drive",
        "import cloud.drive",
    ],
)
def test_every_way_to_import_a_listed_module_works(line: str):
    exec(line, {})


@pytest.mark.parametrize("name", ["books", "nobody.book", "cloud.disk"])
def test_a_module_that_is_not_listed_is_missing(name: str):
    with pytest.raises(ModuleNotFoundError):
        exec(f"import {name}", {})


def test_a_real_module_wins():
    standins.install(("json", "xml.dom"))

    namespace: dict[str, Any] = {}
    exec("import xml.dom.minidom, json\ntext = json.dumps([1])", namespace)

    assert namespace["text"] == "[1]"
    assert not isinstance(namespace["xml"].dom.minidom.parseString, standins.Inert)


def test_a_real_module_imported_for_the_first_time_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "plots.py").write_text("value = 3\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert __import__("plots").value == 3


# ---- whatever is done with it -------------------------------------------------------------------

HARMLESS = {
    "a call of a call": "d2l.a.b(1)(2, x=3)[4].c()",
    "printing": "print(plt, str(plt.x), repr(plt.x), file=__import__('io').StringIO())",
    "a formatted time": "text = f'{d2l.Timer().stop():.2f} sec' + '%.2f' % plt.x",
    "setting an item": "plt.rcParams['figure.dpi'] = 3",
    "setting an attribute": "plt.x.y = 3",
    "arithmetic": "a = (plt.x / 255 - 1) * 2 + plt.y ** 2 // 3 % 4",
    "arithmetic from the left": "a = 1 - 255 / plt.x + 2 * plt.y",
    "arithmetic in place": "x = plt.x\nx += 1\nx *= 2",
    "a sign": "a = -plt.x + abs(plt.y)",
    "a comparison": "a = plt.x < 3 or plt.y >= plt.z or plt.x == 1",
    "a number of it": "a = float(plt.x) + int(plt.x)",
    "an array of it": "import numpy as np\na = np.asarray(plt.x)",
    "a tensor of it": "import torch\na = torch.tensor(plt.x)",
    "an annotation": "def f(ax: plt.Axes | None, b: None | plt.Axes = None) -> plt.Figure: ...",
    "an optional annotation": "from typing import Optional\na: Optional[plt.Axes] = None",
    "asking for its kind": "assert not isinstance(3, plt.Axes)",
    "a with-block": "with plt.style.context('dark') as style:\n    a = 1",
    "a loop": "for ax in plt.axes.flat:\n    1 / 0",
    "a loop beside another": "for ax, i in zip(plt.axes, range(3)):\n    1 / 0",
    "a comprehension": "assert [ax for ax in plt.axes] == []",
    "a truth value": "assert not plt.x and len(plt.x) == 0",
    "a copy": "import copy\ncopy.deepcopy(plt.x)",
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS.keys())
def test_it_does_nothing(source: str):
    run(source)


UNPACKED = {
    "two": "fig, ax = plt.subplots()",
    "three": "a, b, c = plt.x",
    "nested": "fig, (a, (b, c)) = plt.subplots(2, 2)",
    "in a list": "[fig, ax] = plt.subplots()",
    "the rest": "fig, *axes = plt.subplots(3)\nassert axes == []",
    "the rest before": "*axes, fig = plt.subplots(3)\nassert axes == []",
    "in a loop": "for fig, ax in [plt.subplots()]: pass",
    "in a function": "def f():\n    fig, ax = plt.subplots()\n    return ax\nf()",
    "after a long function": "x = 0\n" * 300 + "fig, ax = plt.subplots()",
}


@pytest.mark.parametrize("source", UNPACKED.values(), ids=UNPACKED.keys())
def test_it_unpacks_into_as_many_names_as_there_are(source: str):
    run(source)


# ---- decorators and base classes ----------------------------------------------------------------


@pytest.mark.parametrize("decorator", ["@plt.x", "@plt.x()", "@plt.x.y(3, z=4)"])
def test_a_decorator_gives_back_the_function(decorator: str):
    namespace = run(f"{decorator}\ndef f(): return 7\n")

    assert namespace["f"]() == 7


@pytest.mark.parametrize("decorator", ["@plt.x", "@plt.x()"])
def test_a_decorator_gives_back_the_class(decorator: str):
    namespace = run(f"{decorator}\nclass A:\n    v = 7\n")

    assert namespace["A"].v == 7


@pytest.mark.parametrize("bases", ["plt.Axes", "plt.Axes, dict", "dict, plt.Axes"])
def test_a_class_below_an_inert_one_is_a_class(bases: str):
    namespace = run(f"class A({bases}):\n    def v(self): return 7\na = A()\n")

    assert namespace["a"].v() == 7


def test_a_layer_may_have_an_inert_base_beside_the_real_one():
    namespace = run(
        "from torch import nn\n"
        "class A(nn.Module, d2l.HyperParameters):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.w = nn.Parameter(nn.init.torch.ones(1))\n"
        "a = A()\n"
    )

    assert list(dict(namespace["a"].named_parameters())) == ["w"]


def test_magics_and_shell_lines_are_no_ops():
    shell = standins.InertShell()

    assert not shell().run_line_magic("matplotlib", "inline")
    assert list(shell.getoutput("ls")) == []


# ---- replace ------------------------------------------------------------------------------------


def test_a_real_package_can_be_replaced_before_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "real_one.py").write_text("def check(name): raise AssertionError(name)\n")
    monkeypatch.syspath_prepend(tmp_path)

    standins.replace("real_one")

    exec("from real_one import check\ncheck('corr2d')", {})
    exec("from real_one.deeper import check\ncheck('corr2d')", {})


def test_the_engine_is_out_of_reach_once_it_is_replaced():
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('standins', {standins.__file__!r})\n"
        "standins = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(standins)\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "standins.replace('autograder')\n"
        "from autograder.student import check\n"
        "check('corr2d-exact')\n"
        "import autograder.grading.secret as secret\n"
        "print(type(secret.anything).__name__)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ended.stdout == "Inert\n", ended.stderr
