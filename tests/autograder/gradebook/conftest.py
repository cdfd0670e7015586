"""Gradebooks to write into."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new gradebook; made once."""
    from tests.autograder.gradebook.made import SPEC, api, write  # skips where nbgrader is not

    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    write(path, spec=msgspec.structs.replace(SPEC, exercises=()))
    with api.Gradebook(f"sqlite:///{path}", "course") as gradebook:
        gradebook.remove_assignment("shapes")
    return path


@pytest.fixture
def database(tmp_path: Path, empty_gradebook: Path) -> Path:
    """A copy of the new gradebook."""
    return Path(shutil.copy(empty_gradebook, tmp_path / "gradebook.db"))


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """The release of `SPEC`."""
    from tests.autograder.gradebook.made import released_notebook

    path = tmp_path / "shapes.ipynb"
    path.write_bytes(msgspec.json.encode(released_notebook()))
    return path
