"""Notebooks and scripts as cells of code, whatever they hold; and which of them was changed."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.submission import Form, as_form, changed_forms, code_cells
from autograder.submission.forms import MAX_CELLS, MAX_CODE_BYTES

RELEASE = Path(__file__).parents[3] / "assignments" / "convolutions"


def code(source: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()


def sources(file: str, data: bytes) -> list[str]:
    return [cell.source for cell in code_cells(file, data)]


def refusal(file: str, data: bytes) -> str:
    """The words of the refusal, which name the file and a way out."""
    with pytest.raises(SubmissionError) as refused:
        code_cells(file, data)
    text = str(refused.value)
    assert text.startswith(file)
    assert "\n  fix: " in text
    text.encode()
    assert len(text) < 1000
    return text


# ---- notebooks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["a = 1\nb = 2\n", ["a = 1\n", "b = 2\n"]], ids=["text", "list"])
def test_a_source_is_a_text_or_a_list_of_lines(source: Any):
    assert sources("a.ipynb", notebook(code(source))) == ["a = 1\nb = 2\n"]


def test_only_code_is_kept_and_counted():
    data = notebook(code("a"), {"cell_type": "markdown", "source": "# b"}, code("c"))

    cells = code_cells("a.ipynb", data)

    assert [(cell.source, cell.name) for cell in cells] == [("a", "<cell 1>"), ("c", "<cell 2>")]


def test_a_notebook_without_cells_holds_none():
    assert sources("a.ipynb", notebook()) == []


def test_a_byte_order_mark_is_read_over():
    assert sources("a.ipynb", codecs.BOM_UTF8 + notebook(code("a"))) == ["a"]


def test_chinese_text_is_kept():
    data = json.dumps({"cells": [code("# 卷积")]}, ensure_ascii=False).encode()

    assert sources("a.ipynb", data) == ["# 卷积"]


@pytest.mark.parametrize("output", ["NaN", "-Infinity", r'"\ud83d"', r'"\ude00\ud83d"'])
def test_odd_outputs_do_not_cost_the_code(output: str):
    data = b'{"cells": [{"cell_type": "code", "source": "a", "outputs": [%s]}]}' % output.encode()

    assert sources("a.ipynb", data) == ["a"]


def test_half_an_emoji_in_the_code_becomes_an_escape():
    data = rb'{"cells": [{"source": "a = \"\ud83d\""}]}'

    assert sources("a.ipynb", data) == [r'a = "\ud83d"']


def test_a_whole_emoji_in_escapes_is_an_emoji():
    assert sources("a.ipynb", rb'{"cells": [{"source": "# \ud83d\ude00"}]}') == ["# 😀"]


def test_a_backslash_before_what_looks_like_half_an_emoji_stays():
    assert sources("a.ipynb", notebook(code(r"a = '\ud83d'"))) == [r"a = '\ud83d'"]


def test_broken_json_names_the_line():
    data = b'{"cells": [\n {"cell_type": "code"\n  "source": []}\n]}'

    assert "line 3" in refusal("a.ipynb", data)


def test_json_that_breaks_off_names_its_last_line():
    assert "line 2" in refusal("a.ipynb", b'{"cells": [\n {"cell_type": "code",\n')


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"x = 1\n",
        b"[]",
        b"null",
        b"{}",
        b'{"cells": {}}',
        b'{"cells": [3]}',
        b'{"cells": [{"source": 3}]}',
        b'{"cells": [{"source": [3]}]}',
        b'{"cells": [{"cell_type": []}]}',
        b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "a = 1"}]}], "nbformat": 3}',
        b'{"cells": [{"source": "\xff"}]}',
        b'{"cells": [], "x": NaN, "y": ' + b"1" * 10_000 + b"}",
        b'{"cells": ' * 100_000,
        b'{"x": ' + b"[" * 100_000,
        b'{"x": NaN, "y": ' + b"[" * 100_000,
    ],
    ids=[
        *("empty", "zeros", "a script", "a list", "null", "no cells", "cells that are no list"),
        *("a cell that is a number", "a source that is a number", "a line that is a number"),
        *("a type that is a list", "nbformat 3", "no UTF-8", "a number of ten thousand digits"),
        *("deep objects", "deep lists", "deep lists for Python's reader"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes):
    assert "is not a notebook" in refusal("a.ipynb", data)


def test_a_notebook_of_16_mib_of_cells_is_refused():
    data = b'{"cells": [' + b"{}," * (5 * 2**20) + b"{}]}"

    assert str(MAX_CELLS) in refusal("a.ipynb", data)


def test_more_cells_than_anybody_writes_are_refused():
    text = refusal("a.ipynb", notebook(*[code("")] * (MAX_CELLS + 1)))

    assert str(MAX_CELLS) in text


def test_more_than_a_megabyte_of_code_is_refused():
    refusal("a.ipynb", notebook(code("x" * MAX_CODE_BYTES), code("x")))


def test_a_megabyte_is_counted_as_it_will_be_sent():
    refusal("a.ipynb", notebook(code("😀" * (MAX_CODE_BYTES // 4 + 1))))


def test_large_outputs_do_not_count():
    picture = {**code("a"), "outputs": [{"data": {"image/png": "x" * (2 * MAX_CODE_BYTES)}}]}

    assert sources("a.ipynb", notebook(picture)) == ["a"]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_garbage_in_a_notebook_is_read_or_refused_and_never_more(garbage: bytes, at: int):
    data = notebook(code("a = 1"))

    try:
        code_cells("a.ipynb", data[:at] + garbage + data[at:])
    except SubmissionError:
        return


# ---- scripts ------------------------------------------------------------------------------------

TEXT = "x = '中'\n"
ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-8 by name": b"# coding: utf-8\n" + TEXT.encode(),
    "GBK by name": b"# -*- coding: gbk -*-\n" + TEXT.encode("gbk"),
    "GBK by its name in vim": b"# vim: set fileencoding=gb2312 :\n" + TEXT.encode("gbk"),
    "GBK in the second line": b"#!/usr/bin/python\n# coding: gbk\n" + TEXT.encode("gbk"),
    "GBK in the line that names it": "# 姓名 coding: gbk\n".encode("gbk") + TEXT.encode("gbk"),
    "GBK in the line before": "# 姓名\n# coding: gbk\n".encode("gbk") + TEXT.encode("gbk"),
    "GBK with the line ends of old": b"# coding: gbk\r" + TEXT.encode("gbk").replace(b"\n", b"\r"),
    "Big5": b"# coding: big5\r\n" + TEXT.encode("big5"),
    "Shift JIS": b"# coding: shift_jis\n" + TEXT.encode("shift_jis"),
    "GB 18030": b"# coding: gb18030\n" + TEXT.encode("gb18030"),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_a_script_is_read_in_the_encoding_it_names(data: bytes):
    assert sources("a.py", data)[0].splitlines()[-1] == "x = '中'"


def test_latin_1_by_name_is_read():
    assert sources("a.py", b"# coding: latin-1\nx = '\xe9'\n")[0].endswith("x = 'é'\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_every_system_are_one(end: str):
    data = "a = 1\nb = '''\n'''\n".replace("\n", end).encode()

    assert sources("a.py", data) == ["a = 1\nb = '''\n'''\n"]


def test_a_script_is_one_cell_with_the_files_name():
    (cell,) = code_cells("my answer.py", b"# %%\na = 1\n# %%\nb = 2\n")

    assert (cell.name, cell.first_line) == ("my answer.py", 1)


def test_an_empty_script_is_an_empty_cell():
    assert sources("a.py", b"") == [""]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a = 1\nb = '\xe9'\n", 2),
        (b"a = 1\r\rb = '\xe9'\r", 3),
        (b"# coding: utf-8\nb = '\xd6\xd0'\n", 2),
        (b"# coding: gbk\n\nb = '\xff\xff'\n", 3),
        (b"a = 1\n\n# coding: gbk\nb = '\xd6\xd0'\n", 4),
    ],
    ids=["unnamed", "unnamed, old line ends", "wrongly named", "not even GBK", "named too late"],
)
def test_text_in_another_encoding_is_refused_with_its_line(data: bytes, line: int):
    text = refusal("a.py", data)

    assert text.startswith(f"a.py:{line}: ")
    assert "save it as UTF-8" in text


@pytest.mark.parametrize(
    "name",
    [
        *("no-such-encoding", "x" * 10_000, "../secret", "hex", "rot13", "zlib", "bz2"),
        *("punycode", "idna", "undefined", "utf-7", "utf-16", "utf-32", "cp037", "hz"),
        *("unicode_escape", "raw_unicode_escape", "mbcs"),
    ],
)
def test_what_is_no_encoding_of_source_text_is_refused(name: str):
    assert refusal("a.py", f"# coding: {name}\nx = 1\n".encode()).startswith("a.py:1: ")


@pytest.mark.parametrize("name", ["punycode", "idna"])
def test_an_encoding_that_is_slow_to_read_is_not_tried(name: str):
    data = f"# coding: {name}\nxn--".encode() + b"zz9" * 300_000  # half a minute

    assert "not" in refusal("a.py", data)


def test_a_mark_and_another_encoding_contradict_each_other():
    refusal("a.py", codecs.BOM_UTF8 + b"# coding: gbk\nx = 1\n")


def test_a_nul_byte_is_left_for_python_to_refuse():
    assert sources("a.py", b"x = 1\0\n") == ["x = 1\0\n"]


def test_a_script_of_more_than_a_megabyte_is_refused_unread():
    assert "megabyte" in refusal("a.py", b"# coding: no-such\n" + b"#" * MAX_CODE_BYTES)


def test_a_script_of_a_megabyte_is_read():
    assert len(sources("a.py", b"#" * MAX_CODE_BYTES)[0]) == MAX_CODE_BYTES


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([b"", codecs.BOM_UTF8, b"# coding: gbk\n", b"# coding: big5\n", b"# coding: "]),
    st.binary(max_size=60),
)
def test_garbage_in_a_script_is_read_or_refused_and_never_more(head: bytes, garbage: bytes):
    try:
        cells = code_cells("a.py", head + garbage)
    except SubmissionError:
        return
    cells[0].source.encode()


# ---- which form was changed ---------------------------------------------------------------------

STUB = "# %%\ndef area(a, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"


def script(text: str) -> Form:
    return as_form("shapes.py", text.encode(), "shapes")


def paired(text: str) -> Form:
    """The notebook with the cells of a script."""
    return as_form("shapes.ipynb", notebook(*map(code, text.split("# %%\n")[1:])), "shapes")


RELEASED = (script(STUB), paired(STUB))


def changed(*forms: Form, released: Sequence[Form] = RELEASED) -> list[str]:
    return [form.file for form in changed_forms(forms, released)]


UNCHANGED = {
    "nothing": STUB,
    "a comment taken away": STUB.replace("    # YOUR CODE HERE\n", ""),
    "a comment put in": STUB.replace("def", "# my name\n\ndef"),
    "a comment behind code": STUB.replace("()", '()  # todo: it\'s "hard"'),
    "blank lines": STUB.replace("\n", "\n\n"),
    "spaces at the ends of lines": STUB.replace("\n", "   \n"),
    "spaces between": STUB.replace("(a, b)", "( a,b )"),
    "tabs": STUB.replace("    ", "\t"),
    "the line ends of another system": STUB.replace("\n", "\r\n"),
    "no line end": STUB.rstrip(),
    "an empty cell": STUB + "# %%\n\n",
    "a text cell": STUB + "# %% [markdown]\n# thoughts\n",
    "a cell twice": STUB + STUB,
    "a cell left out": "",
}


@pytest.mark.parametrize("text", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_a_script_whose_code_is_the_released_code_is_not_changed(text: str):
    assert changed(script(text)) == []


CHANGED = {
    "the stub filled in": STUB.replace("raise NotImplementedError()", "return a * b"),
    "one more line": STUB + "    return 3\n",
    "one more cell": STUB + "# %%\nx = 1\n",
    "a hash in a string": STUB.replace("()", "('# todo')"),
    "a string that is not closed": STUB.replace("()", "('"),
    "what is no code": STUB + "# %%\n))) $ ?\n",
    "a name": STUB.replace("area", "are a"),
}


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED.keys())
def test_a_script_with_other_code_is_changed(text: str):
    assert changed(script(text)) == ["shapes.py"]


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED.keys())
def test_a_notebook_with_other_code_is_changed(text: str):
    assert changed(paired(text)) == ["shapes.ipynb"]


def test_of_two_forms_only_the_changed_one_is_named():
    assert changed(paired(STUB), script(CHANGED["the stub filled in"])) == ["shapes.py"]


def test_of_two_changed_forms_both_are_named_in_their_order():
    text = CHANGED["the stub filled in"]

    assert changed(paired(text), script(text)) == ["shapes.ipynb", "shapes.py"]


def test_a_script_exported_from_the_notebook_is_not_changed():
    exported = "#!/usr/bin/env python\n# coding: utf-8\n\n" + STUB.replace("# %%", "# In[ ]:")

    assert changed(script(exported)) == []


def test_without_a_release_everything_with_code_is_changed():
    assert changed(script(STUB), released=()) == ["shapes.py"]


@pytest.mark.parametrize("name", ["convolutions.ipynb", "convolutions.py"])
def test_a_released_file_is_not_changed_and_a_filled_in_one_is(name: str):
    data = (RELEASE / name).read_bytes()
    released = [
        as_form(path.name, path.read_bytes(), "convolutions")
        for path in (RELEASE / "convolutions.ipynb", RELEASE / "convolutions.py")
    ]

    filled_in = as_form(name, data.replace(b"raise NotImplementedError()", b"return X"), "x")

    assert changed(as_form(name, data, "x"), released=released) == []
    assert changed(filled_in, released=released) == [name]


def test_the_two_released_forms_hold_the_same_code():
    notebook_form, script_form = (
        as_form(name, (RELEASE / name).read_bytes(), "x")
        for name in ("convolutions.ipynb", "convolutions.py")
    )

    assert changed(notebook_form, released=[script_form]) == []
    assert changed(script_form, released=[notebook_form]) == []


# The tokenize module, and a pattern that backtracks, take minutes to days over some of these: where
# this test ends at all, it passes.
HALF = MAX_CODE_BYTES // 2
HOSTILE = {
    "one line of spaces": "x" + " " * (2 * HALF - 2) + "$",
    "quotes behind backslashes": "'\\" * HALF,
    "quotes": "'" * (2 * HALF),
    "triple quotes": "'''\\" * (HALF // 2),
    "open triple quotes": "'''" + "''a" * (HALF // 2),
    "brackets": "(" * (2 * HALF),
    "newlines": "\n" * (2 * HALF),
    "digits": "1" * (2 * HALF),
    "markers": "# %%\n1\n" * (HALF // 4),
    "NUL bytes": "\0" * (2 * HALF),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_of_anything_is_compared(text: str):
    assert len(changed(script(text))) <= 1


# ---- a form -------------------------------------------------------------------------------------


def test_a_notebook_runs_as_main_and_a_script_under_its_assignments_name():
    assert as_form("my file.py", b"", "shapes").module == "shapes"
    assert as_form("my file.ipynb", notebook(), "shapes").module == "__main__"


def test_the_hash_is_of_the_bytes_handed_in():
    first, second = (as_form("a.py", data, "a") for data in (b"a = 1\n", b"a = 1\r\n"))

    assert first.cells == second.cells
    assert first.sha256 != second.sha256
