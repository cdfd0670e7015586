"""Whatever was done to a notebook, what nbgrader gets of it is whole and harmless."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.gradebook.autograded import notebook_bytes
from autograder.gradebook.handed_in_notebook import (
    Node,
    grade_id_of,
    in_released_frame,
    is_graded,
    pieces_of,
    read_notebook,
)
from autograder.submission import code_cells
from tests.autograder.conftest import ROOT

nbgraderformat: Any = pytest.importorskip("nbgrader.nbgraderformat", reason="in the extra `grade`")
exporters: Any = pytest.importorskip("nbconvert.exporters", reason="comes with nbgrader")

RELEASED = read_notebook(ROOT / "assignments" / "convolutions" / "convolutions.ipynb")
GRADED = [grade_id_of(cell) for cell in RELEASED["cells"] if is_graded(cell)]
SOLUTIONS = ["corr2d", "conv2d-layer", "train-kernel"]


def handed_in() -> Node:
    """The release with three answers, as Jupyter saves it."""
    notebook = copy.deepcopy(RELEASED)
    for grade_id in SOLUTIONS:
        cell_of(notebook, grade_id)["source"] = f"answer_to = {grade_id!r}"
    return notebook


def cell_of(notebook: Node, grade_id: str) -> Any:
    [cell] = [cell for cell in notebook["cells"] if grade_id_of(cell) == grade_id]
    return cell


def shown(notebook: object, file: str = "convolutions.ipynb") -> Node:
    """What comes of a file, after it was seen to be whole."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    frame = in_released_frame(RELEASED, pieces_of(file, data))
    assert_whole(frame)
    return frame


def assert_whole(frame: Node) -> None:
    read = nbformat.from_dict(json.loads(notebook_bytes(frame)))
    nbformat.validate(read)
    ids = [cell["id"] for cell in frame["cells"]]
    assert len(set(ids)) == len(ids)
    nbgraderformat.MetadataValidator().validate_nb(read)
    assert sorted(g for cell in frame["cells"] if is_graded(cell) and (g := grade_id_of(cell))) == (
        sorted(GRADED)  # type: ignore[type-var]
    )
    for cell in frame["cells"]:
        if is_graded(cell):
            assert cell == {**cell_of(RELEASED, grade_id_of(cell) or ""), "outputs": []}


def sources(frame: Node) -> list[str]:
    return [cell["source"] for cell in frame["cells"]]


def test_an_answered_notebook_comes_back_as_it_is_without_outputs():
    notebook = handed_in()
    cell_of(notebook, "corr2d")["outputs"] = [{"output_type": "stream", "name": "stdout",
                                               "text": "17"}]  # fmt: skip

    assert shown(notebook)["cells"] == handed_in()["cells"]


def test_of_a_doubled_cell_the_last_counts_and_the_others_are_shown_as_the_students_own():
    notebook = handed_in()
    first = copy.deepcopy(cell_of(notebook, "corr2d"))
    first["source"] = "a first try"
    notebook["cells"].insert(0, first)

    frame = shown(notebook)

    assert cell_of(frame, "corr2d")["source"] == "answer_to = 'corr2d'"
    own = frame["cells"][0]
    assert (own["source"], own["metadata"]) == ("a first try", {})


@pytest.mark.parametrize("grade_id", GRADED)
def test_a_grade_cell_that_is_missing_is_put_back_behind_the_one_it_follows(grade_id):
    notebook = handed_in()
    notebook["cells"].remove(cell_of(notebook, grade_id))

    frame = shown(notebook)

    marked = [grade_id_of(cell) for cell in frame["cells"] if grade_id_of(cell)]
    assert marked == [grade_id_of(cell) for cell in RELEASED["cells"] if grade_id_of(cell)]


def test_a_solution_cell_that_is_missing_says_so():
    notebook = handed_in()
    notebook["cells"].remove(cell_of(notebook, "conv2d-layer"))

    assert "no such cell" in cell_of(shown(notebook), "conv2d-layer")["source"]


def test_a_renamed_solution_cell_is_found_by_what_it_defines():
    notebook = handed_in()
    cell = cell_of(notebook, "corr2d")
    cell["metadata"]["nbgrader"]["grade_id"] = "mine"
    cell["source"] = "import torch\n\ndef corr2d(X, K):\n    return X"

    assert cell_of(shown(notebook), "corr2d")["source"] == cell["source"]


def test_a_changed_grade_cell_is_as_released_and_what_was_written_stands_before_it():
    notebook = handed_in()
    cell = cell_of(notebook, "conv2d")
    cell["source"] = "print('full marks')"
    cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": False, "locked": False}

    frame = shown(notebook)

    at = frame["cells"].index(cell_of(frame, "conv2d"))
    assert frame["cells"][at - 1]["source"] == "print('full marks')"
    assert frame["cells"][at - 1]["metadata"] == {}


def test_cells_stay_in_the_students_order():
    notebook = handed_in()
    notebook["cells"].reverse()

    assert sources(shown(notebook)) == sources(handed_in())[::-1]


def test_a_grade_cell_turned_into_text_is_put_back_and_its_text_is_shown():
    notebook = handed_in()
    cell = cell_of(notebook, "conv2d")
    cell |= {"cell_type": "markdown", "source": "no checks, please"}
    del cell["outputs"], cell["execution_count"]

    assert any("no checks, please" in source for source in sources(shown(notebook)))


@pytest.mark.parametrize("schema", [0, 1, 2, 4, "three", None])
def test_marks_of_another_version_are_taken_from_the_release(schema):
    notebook = handed_in()
    for cell in notebook["cells"]:
        if marks := cell["metadata"].get("nbgrader"):
            marks["schema_version"] = schema
            del marks["task"]

    assert shown(notebook)["cells"] == handed_in()["cells"]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
        {"kernelspec": "<script>alert(1)</script>", "title": "<script>alert(1)</script>"},
    ],
)
def test_the_kernel_and_all_else_of_a_notebook_is_the_released_one(metadata):
    notebook = {**handed_in(), "metadata": metadata}

    assert shown(notebook)["metadata"] == RELEASED["metadata"]


def test_cells_without_any_metadata_are_found_by_their_text():
    notebook = handed_in()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    cell = notebook["cells"][sources(notebook).index("answer_to = 'corr2d'")]
    cell["source"] = "def corr2d(X, K):\n    return X"

    frame = shown(notebook)

    assert cell_of(frame, "corr2d")["source"] == cell["source"]
    assert len([cell for cell in frame["cells"] if is_graded(cell)]) == len(GRADED)


def test_a_notebook_of_the_students_own_has_every_released_cell_added():
    own = {"cells": [{"cell_type": "code", "source": "x = 1"}]}

    frame = shown(own)

    assert sources(frame)[0] == "x = 1"
    assert [grade_id_of(cell) for cell in frame["cells"] if is_graded(cell)] == GRADED


@pytest.mark.parametrize("notebook", [{"cells": []}, {"cells": [{}]}])
def test_a_notebook_with_nothing_in_it_has_every_graded_cell(notebook):
    shown(notebook)


@pytest.mark.parametrize("cells", [[3], ["x"], [None], [[]], {}, "cells", None])
def test_what_is_no_list_of_cells_is_refused_as_grading_refuses_it(cells):
    with pytest.raises(SubmissionError):
        pieces_of("convolutions.ipynb", json.dumps({"cells": cells}).encode())


def test_a_script_with_markers_fills_the_cells():
    script = (
        b"# %% [markdown]\n# Some *words*\n\n# %%\ndef corr2d(X, K):\n    return X\n\n"
        b"# In[3]:\nclass Conv2D:\n    pass\n"
    )

    frame = shown(script, "convolutions.py")

    assert cell_of(frame, "corr2d")["source"] == "def corr2d(X, K):\n    return X"
    assert cell_of(frame, "conv2d-layer")["source"] == "class Conv2D:\n    pass"
    assert "Some *words*" in sources(frame)[0]


def test_a_script_without_markers_is_shown_once_and_whole():
    script = "import torch\n\ndef corr2d(X, K):\n    return X\n\nclass Conv2D:\n    pass\n"

    frame = shown(script.encode(), "convolutions.py")

    assert sources(frame).count(script) == 1


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "```\n<script>alert(1)</script>\n```",
    "``````````\n\n<script>alert(1)</script>",
    "~~~\n\n<script>alert(1)</script>",
    "$$\n<script>alert(1)</script>\n$$",
    "\\begin{x}<script>alert(1)</script>\\end{x}",
    "[click](javascript:alert(1))",
    "{{ cell }}{% raw %}<script>alert(1)</script>",
    "text\r```\r<script>alert(1)</script>",
)


@pytest.mark.parametrize("kind", ["markdown", "raw", "html", 'code" onload="'])
@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_student_runs_nowhere_even_where_nothing_sanitises(kind, text):
    own = {"cell_type": kind, "source": text, "metadata": {"raw_mimetype": "text/html"},
           "attachments": {"a.svg": {"image/svg+xml": "<svg onload=alert(1)>"}}}  # fmt: skip
    frame = shown({"cells": [own]})
    frame["cells"] = frame["cells"][:1]  # those of the release hold scripts of nobody's

    html, _resources = exporters.HTMLExporter(template_name="basic", sanitize_html=False
        ).from_notebook_node(nbformat.from_dict(frame))  # fmt: skip

    for active in ("<script", "<img", "<svg", "href=", "onload="):
        assert active not in html


def test_outputs_attachments_and_metadata_of_a_student_are_left_out():
    evil = "<script>alert(1)</script>"
    notebook = handed_in()
    for cell in notebook["cells"]:
        cell["metadata"]["evil"] = evil
        cell["attachments"] = {"evil": {"text/html": evil}}
        cell["outputs"] = [
            {"output_type": "display_data", "data": {"text/html": evil}, "metadata": {}}
        ]

    assert b"alert(1)" not in notebook_bytes(shown(notebook))


@pytest.mark.parametrize("cell_id", [7, None, "", "x" * 100, "<script>", "corr2d", "own-1"])
def test_ids_of_a_students_cells_count_for_nothing(cell_id):
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "id": cell_id}

    shown({"cells": [cell, cell, *handed_in()["cells"]]})


def test_sources_may_be_lists_of_lines():
    notebook = handed_in()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)

    assert shown(notebook)["cells"] == handed_in()["cells"]


def test_half_an_emoji_is_spelled_out():
    frame = shown({"cells": [{"cell_type": kind, "source": "\ud83d"} for kind in ("code", "raw")]})

    assert sources(frame)[0] == "\\ud83d"


@pytest.mark.parametrize(
    "output",
    [b"NaN", b"1e999", b'"\\ud83d"', b'"\xff\xfe"'],
    ids=["nan", "infinity", "half an emoji", "no UTF-8"],
)
def test_an_output_that_cannot_be_read_hides_no_code_that_is_graded(output):
    text = json.dumps(
        {"cells": [{"cell_type": "code", "source": "x = 17", "metadata": {"o": "HERE"}}]}
    )
    data = text.encode().replace(b'"HERE"', output)

    [graded] = code_cells("convolutions.ipynb", data)

    assert sources(shown(data))[0] == graded.source


def test_ten_thousand_cells_come_back_and_one_more_is_refused():
    cells = [{"cell_type": "code", "source": f"x = {number}"} for number in range(10_000)]

    frame = in_released_frame(RELEASED, pieces_of("a.ipynb", json.dumps({"cells": cells}).encode()))

    assert len(frame["cells"]) == 10_000 + len(GRADED) + len(SOLUTIONS)
    with pytest.raises(SubmissionError):
        pieces_of("a.ipynb", json.dumps({"cells": [*cells, {}]}).encode())


def test_long_text_is_cut():
    frame = shown({"cells": [{"cell_type": "markdown", "source": "a" * 1_000_000}]})

    assert len(sources(frame)[0]) < 110_000


def test_the_release_itself_is_never_changed():
    before = msgspec.json.encode(RELEASED)

    frame = shown(handed_in())
    for cell in frame["cells"]:
        cell["metadata"]["mine"] = True

    assert msgspec.json.encode(RELEASED) == before


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner,
                                                                max_size=3),
    max_leaves=4,
)  # fmt: skip
mangled_cells = st.one_of(
    st.sampled_from(RELEASED["cells"]),
    st.builds(
        lambda cell, marks, source, kind: {
            **cell, "source": source, "cell_type": kind,
            "metadata": {"nbgrader": {**cell["metadata"].get("nbgrader", {}), **marks}},
        },
        st.sampled_from(RELEASED["cells"]),
        st.dictionaries(
            st.sampled_from(["grade_id", "grade", "solution", "locked", "points", "task",
                             "cell_type", "schema_version", "checksum"]),
            anything | st.sampled_from([*GRADED, *SOLUTIONS, True, False]), max_size=4),
        st.text() | st.sampled_from(["def corr2d(X, K): ...", "class Conv2D: ...", "`" * 9]),
        st.sampled_from(["code", "markdown", "raw", "heading", ""]),
    ),
    st.fixed_dictionaries(
        {"source": st.text(max_size=20) | st.lists(st.text(max_size=9), max_size=3)},
        optional={"metadata": anything, "id": anything, "outputs": anything,
                  "attachments": anything, "cell_type": st.just("code")},
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(mangled_cells, max_size=12))
def test_whatever_was_done_to_it_it_is_whole_and_all_graded_code_is_in_it(cells):
    data = json.dumps({"cells": cells, "metadata": {}}).encode()

    frame = shown(data)

    there = {cell["source"] for cell in frame["cells"]}
    marks = [(c["metadata"].get("nbgrader") if isinstance(c.get("metadata"), dict) else None)
             for c in cells]  # fmt: skip
    if not any(marks):
        assert {cell.source for cell in code_cells("a.ipynb", data)} <= there
