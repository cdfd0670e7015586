"""What a process that waits for a run does ahead."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.student.warm import import_ahead, imported_by
from autograder.submission import as_form


def test_what_a_file_imports_is_found_without_running_it() -> None:
    source = (
        "import wave, os.path\n"
        "# %%\n"
        "def draw():\n    from xml.dom import minidom\n    from . import mine\n"
    )

    found = imported_by(as_form("toy.py", source.encode(), "toy"))

    assert found == ("os.path", "wave", "xml.dom")


def test_a_file_that_does_not_parse_imports_nothing() -> None:
    assert imported_by(as_form("toy.py", b"import wave\ndef :", "toy")) == ()


def test_it_is_loaded_from_where_packages_are_and_not_from_the_students_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "helper_of_mine.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "wave", raising=False)

    import_ahead(["helper_of_mine", "no_such_module", "wave"])

    assert "wave" in sys.modules
    assert "helper_of_mine" not in sys.modules
