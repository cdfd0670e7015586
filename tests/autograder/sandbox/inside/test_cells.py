"""Cells, statement by statement: what is wrong loses only itself."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from autograder.sandbox.inside import cells, standins, wire


class Run(msgspec.Struct):
    """What running cells came to."""

    failed: list[wire.StatementStatus]
    namespace: dict[str, Any]
    progress: list[tuple[int, int, int]]  # cell, statement, line

    def __getitem__(self, name: str) -> Any:
        return self.namespace[name]

    @property
    def messages(self) -> list[str]:
        return [status.message for status in self.failed]


@pytest.fixture(autouse=True)
def clean_linecache() -> Iterator[None]:
    yield
    for name in [name for name in linecache.cache if name.startswith(("a.py", "<cell"))]:
        del linecache.cache[name]


def run(
    *sources: str,
    name: str = "__main__",
    skip: tuple[tuple[int, int], ...] = (),
    catch: tuple[type[BaseException], ...] = (BaseException,),
) -> Run:
    """Run a notebook of these cells."""
    notebook = [wire.Cell(source, f"<cell {i}>", 1) for i, source in enumerate(sources, start=1)]
    return _run(notebook, name, skip, catch)


def run_script(source: str, skip: tuple[tuple[int, int], ...] = ()) -> Run:
    """Run a script, which is one cell."""
    return _run([wire.Cell(source, "a.py", 1)], "a", skip, (BaseException,))


def _run(
    given: list[wire.Cell],
    name: str,
    skip: tuple[tuple[int, int], ...],
    catch: tuple[type[BaseException], ...],
) -> Run:
    namespace: dict[str, Any] = {"__name__": name, "get_ipython": standins.InertShell()}
    began: list[tuple[int, int, int]] = []
    failed = cells.run_cells(
        given,
        frozenset(skip),
        namespace,
        lambda cell, statement, name, line: began.append((cell, statement, line)),
        lambda: None,
        catch,
    )
    return Run(failed, namespace, began)


# ---- one statement, one cell --------------------------------------------------------------------


def test_a_statement_that_raises_loses_only_itself():
    result = run("a = 1\nb = 1 / 0\nc = 3")

    assert (result["a"], result["c"]) == (1, 3)
    assert "b" not in result.namespace
    assert result.messages == ["<cell 1>:2: ZeroDivisionError: division by zero"]


def test_a_cell_that_does_not_parse_loses_only_itself():
    result = run("a = 1", "b = = 2", "c = 3")

    assert (result["a"], result["c"]) == (1, 3)
    assert result.messages == ["<cell 2>:1: SyntaxError: invalid syntax"]


def test_cells_share_one_namespace():
    result = run("a = 1", "b = a + 1")

    assert result["b"] == 2


def test_the_last_definition_wins():
    result = run("def f(): return 1", "def f(): return 2\nf_now = f()")

    assert result["f_now"] == 2


@pytest.mark.parametrize("statement", ["raise SystemExit(3)", "raise KeyboardInterrupt"])
def test_a_statement_that_wants_to_end_the_process_loses_only_itself(statement: str):
    result = run(f"{statement}\na = 1")

    assert result["a"] == 1
    assert len(result.failed) == 1


def test_what_is_not_to_be_caught_goes_through():
    with pytest.raises(KeyboardInterrupt):
        run("raise KeyboardInterrupt", catch=(Exception, SystemExit))


@pytest.mark.parametrize(
    "raises", ["raise RuntimeError", "raise SystemExit", "return 3", "return 'x' * 10**7"]
)
def test_an_exception_that_cannot_be_shown_is_still_a_status(raises: str):
    result = run(f"class Odd(Exception):\n    def __str__(self): {raises}\nraise Odd\na = 1")

    assert result["a"] == 1
    assert result.messages[0].startswith("<cell 1>:3: Odd")
    assert len(result.messages[0]) <= wire.MAX_TEXT


def test_a_text_of_lone_surrogates_stays_within_its_bound_and_can_be_sent():
    result = run("raise ValueError('\\ud800' * 9000)")

    assert len(result.messages[0].encode()) <= wire.MAX_TEXT


def test_a_clipped_text_is_within_its_limit_once_it_is_escaped():
    assert cells.clip("\ud800" * 10, 10) == "\\ud800\\ud8"


def test_return_outside_a_function_loses_only_itself():
    result = run("a = 1\nreturn 2\nb = 3")

    assert (result["a"], result["b"]) == (1, 3)
    assert "SyntaxError" in result.messages[0]


def test_future_lines_hold_for_what_follows_and_not_for_what_came_before():
    result = run(
        "def before(x: int): pass",
        "from __future__ import annotations",
        "def after(x: int): pass",
    )

    assert result["before"].__annotations__ == {"x": int}
    assert result["after"].__annotations__ == {"x": "int"}


def test_a_future_line_that_does_not_run_changes_nothing():
    result = run("from __future__ import braces\ndef f(x: int): pass")

    assert result["f"].__annotations__ == {"x": int}
    assert len(result.failed) == 1


def test_guarded_code_runs_in_a_notebook_and_not_in_a_script():
    guarded = "a = 0\nif __name__ == '__main__':\n    a = 1\n"

    assert run(guarded)["a"] == 1
    assert run_script(guarded)["a"] == 0


def test_a_statement_of_many_lines_is_one_statement():
    result = run("def f(\n    x,\n):\n    return x\na = f(2)")

    assert result["a"] == 2
    assert [began for began in result.progress if began[1] >= 0] == [(0, 0, 1), (0, 1, 5)]


def test_the_parsing_of_a_cell_is_told_before_its_statements():
    result = run("a = 1", "b = 2")

    assert result.progress[0] == (0, -1, 1)
    assert (1, -1, 1) in result.progress


# ---- line numbers -------------------------------------------------------------------------------


def test_the_line_is_where_the_cell_raised_and_not_where_the_library_did():
    result = run("import json\n\ndef f():\n    return json.loads('{')\n\nf()")

    assert result.failed[0].line == 4


def test_the_line_of_a_later_piece_is_counted_in_the_file():
    result = run_script("x = (\n# %%\na = 1\n\n1 / 0\n")

    assert result["a"] == 1
    assert result.messages[-1] == "a.py:5: ZeroDivisionError: division by zero"


def test_the_line_of_what_does_not_parse_is_counted_in_the_file():
    result = run_script("a = 1\n# %%\nb = 2\nc = = 3\n")

    assert result.failed[0].line == 4


@pytest.mark.parametrize("head", ["\n\n%matplotlib inline\n", "%%time\n\n!ls\n", "\n%%time\n\n"])
def test_magics_leave_line_numbers_as_they_are(head: str):
    result = run(f"{head}1 / 0")

    assert result.failed[0].line == 4


def test_tracebacks_show_the_lines_of_every_piece():
    result = run_script("def f():\n    return 1 / 0  # here\n# %%\nx = (\n# %%\na = 1\n")

    with pytest.raises(ZeroDivisionError) as raised:
        result["f"]()

    assert "1 / 0  # here" in "".join(traceback.format_exception(raised.value))


# ---- a script is split only where it does not parse ---------------------------------------------


def test_a_script_that_does_not_parse_is_split_at_its_markers():
    result = run_script("a = 1\n# %%\nb = (\n# %% [markdown]\n# text\n# %%\nc = 3\n")

    assert (result["a"], result["c"]) == (1, 3)
    assert len(result.failed) == 1


@pytest.mark.parametrize("marker", ["# %%", "#%%", "# %% name", "# In[3]:", "# In[ ]:"])
def test_every_usual_marker_splits(marker: str):
    result = run_script(f"a = (\n{marker}\nb = 2\n")

    assert result["b"] == 2


def test_a_marker_inside_a_string_stays():
    result = run_script('text = """\n# %%\n"""\na = 1\n')

    assert result["text"] == "\n# %%\n"
    assert result.failed == []


def test_an_indented_marker_is_no_marker():
    result = run_script("def f():\n    x = 1\n    # %%\n    return x\n# %%\nb = (\n")

    assert result["f"]() == 1


def test_a_script_without_markers_that_does_not_parse_is_lost():
    result = run_script("a = 1\nb = (\n")

    assert [status.statement for status in result.failed] == [-1]
    assert "a" not in result.namespace


def test_a_notebook_printed_as_text_is_split_at_its_prompts():
    result = run_script("# A title\nSome words.\n\nIn [1]:\na = 1\n\nIn [12]: c = 3\n")

    assert (result["a"], result["c"]) == (1, 3)


def test_a_notebook_printed_as_text_is_split_at_its_fences_and_headings():
    result = run_script("## Part 1\nSome words.\n```python\na = 1\n```\nWords.\n## 2\nc = 3\n")

    assert (result["a"], result["c"]) == (1, 3)


# ---- what an earlier child did not survive ------------------------------------------------------


def test_a_skipped_statement_does_not_run():
    result = run("a = 1\nb = 2\nc = 3", skip=((0, 1),))

    assert "b" not in result.namespace
    assert (result["a"], result["c"]) == (1, 3)
    assert result.failed == []


def test_a_cell_whose_parsing_is_skipped_does_not_run():
    result = run("a = 1", "b = 2", skip=((0, -1),))

    assert "a" not in result.namespace
    assert result["b"] == 2


def test_skipping_counts_the_pieces_of_a_split_script():
    result = run_script("a = (\n# %%\nb = 1\n# %%\nc = 3\n", skip=((1, 0),))

    assert "b" not in result.namespace
    assert result["c"] == 3


# ---- magics, as the notebook reads them ---------------------------------------------------------

HARMLESS = {
    "a line magic": "%matplotlib inline\na = 1",
    "a shell line": "!pip install x\na = 1",
    "a magic that IPython has not": "%no_such_magic -x\na = 1",
    "help": "len?\na = 1",
    "help before": "?len\na = 1",
    "a timed body": "%%time\na = 1",
    "a timed body after a blank line": "\n\n%%time\na = 1",
    "a captured body": "%%capture out\na = 1",
    "two in a row": "%%time\n%matplotlib inline\na = 1",
    "a timed statement": "%time a = 1",
    "a timed statement in a loop": "for i in range(1):\n    %time a = 1",
    "a magic alone on its line": "%time\na = 1",
    "a shell line in a function": "def f():\n    !ls\n    return 1\na = f()",
    "indented as a whole": "    a = 1\n    b = 2",
    "with prompts": ">>> a = 0\n>>> if True:\n...     a = 1",
    "in a script": "# %% [markdown]\n# text\n\n# %%\n%matplotlib inline\na = 1",
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_a_notebook_runs_runs_here(source: str):
    result = run(source)

    assert result["a"] == 1
    assert result.failed == []


def test_a_modulo_that_begins_a_line_is_left_alone():
    result = run("a = (7\n% 4\n)\nb = '''\n%time a = 0\n'''")

    assert result["a"] == 3
    assert result["b"] == "\n%time a = 0\n"


def test_what_a_shell_line_gives_is_inert():
    result = run("x = !ls\na = len(x)")

    assert result["a"] == 0


def test_a_cell_in_another_language_is_a_no_op():
    result = run("%%bash\nrm -rf x\nb = 2", "a = 1")

    assert result["a"] == 1
    assert "b" not in result.namespace
    assert result.failed == []


def test_where_ipython_gives_up_only_the_cell_is_lost(monkeypatch: pytest.MonkeyPatch):
    def gives_up() -> Any:  # as after 500 magics in one cell
        raise RuntimeError("still changing after 500 iterations")

    monkeypatch.setattr(cells, "transformer", gives_up)

    result = run("%matplotlib inline", "a = 1")

    assert result["a"] == 1
    assert result.messages == ["<cell 1>:1: SyntaxError: invalid syntax"]


def test_the_line_of_a_syntax_error_below_a_magic_is_its_own():
    result = run("%matplotlib inline\na = 1\nb = = 2")

    assert result.failed[0].line == 3


# ---- hostile text: a status, never an exception, and soon ---------------------------------------

BROKEN = {
    "ten thousand brackets": "x = " + "[" * 10_000 + "]" * 10_000,
    "a hundred thousand minus signs": "x = " + "-" * 100_000 + "1",
    "a hundred thousand attributes": "x" + ".a" * 100_000,
    "a NUL byte": "x = 1\0",
    "a lone surrogate": "x = '\ud800'",
    "tabs and spaces": "if x:\n\ta = 1\n        b = 2",
    "an open string": "x = '''",
    "a hundred blocks in each other": "".join(" " * i + "if 1:\n" for i in range(101)),
    "an open bracket before newlines and a percent sign": "(%" + "\n" * 100_000,
    "an open bracket and equals signs": "(%" + "= " * 100_000,
    "an open bracket and question marks": "(?" + "? " * 100_000 + "x",
    "blank lines before a magic": "(" + "\n" * 100_000 + "%time x",
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_a_status(source: str):
    result = run(source, "a = 1")

    assert result["a"] == 1
    assert len(result.failed) == 1
    assert len(result.messages[0].encode()) <= wire.MAX_TEXT


def test_a_line_of_a_megabyte_runs():
    result = run("a = '" + "x" * 2**20 + "'")

    assert len(result["a"]) == 2**20


def test_a_timed_cell_exported_to_a_script_runs_its_body():
    result = run_script(
        "get_ipython().run_cell_magic('time', '', 'def f():\\n    return 3\\n')\na = 1\n"
    )

    assert result["f"]() == 3
    assert result["a"] == 1


def test_a_shell_cell_exported_to_a_script_does_nothing():
    result = run_script("get_ipython().run_cell_magic('bash', '', 'echo no')\na = 1\n")

    assert result["a"] == 1
    assert not result.failed
