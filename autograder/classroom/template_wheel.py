"""The checker as students get it: a wheel of what `check`, `watch` and the notebook import.

What they do not import is left out by following the imports: grading a class, the gradebook, making
assignments. It is built offline, and twice the same gives the same bytes.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import autograder
from autograder import escape
from autograder.errors import OperatorError
from autograder.messages import _

_ENGINE = Path(autograder.__file__).parent
_STARTS = (
    "autograder.__main__", "autograder.cli.application", "autograder.cli.practice",
    "autograder.outputs.github_markdown",  # for the entry of Classroom 50's bundle
)  # fmt: skip
_WHOLE = ("student", "sandbox/inside")  # the second is started by its path, not imported
_DATA = ("py.typed", "grading/pytest.ini", "messages/locale/*/LC_MESSAGES/*.mo")
_COMMANDS = "autograder.cli"  # of ours it imports all commands, of the students' theirs
_STUDENTS_COMMANDS = '''\
"""The command line: the student's commands."""

# ruff: noqa: I001 - the order of the help
from autograder.cli.application import app, run
from autograder.cli import practice

__all__ = ["app", "practice", "run"]
'''
_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = {name}
version = {version}
description = {description}
readme = {{ text = {readme}, content-type = "text/markdown" }}
requires-python = {python}
dependencies = {dependencies}

[project.scripts]
autograder = "autograder.__main__:main"

[tool.setuptools]
packages = {packages}

[tool.setuptools.package-data]
autograder = {data}
"""
_SINCE = "1767225600"  # 2026-01-01: the time of every file in it
_SECONDS = 300


def student_wheel(scratch: Path) -> tuple[str, bytes]:
    """The wheel's file name and its bytes. Raises OperatorError where it cannot be built.

    ``scratch`` is a folder for what is made on the way.
    """
    project = _project()
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        source = Path(folder) / "source"
        files = _sources()
        packages = sorted(
            name.replace("/", ".")
            for name in {str(Path(path).parent) for path in files if path.endswith(".py")}
        )
        text = _PROJECT.format(
            name=_quoted(project["name"]),
            version=_quoted(project["version"]),
            description=_quoted(project["description"]),
            readme=_quoted(project["readme"]["text"]),
            python=_quoted(project["requires-python"]),
            dependencies=_quoted(project["dependencies"]),
            packages=_quoted(packages),
            data=_quoted(list(_DATA)),
        )
        for path, data in {**files, "pyproject.toml": text.encode()}.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(data)
            (source / path).chmod(0o644)  # a wheel keeps the modes
        _build(source, Path(folder) / "out")
        [wheel] = (Path(folder) / "out").glob("*.whl")
        return wheel.name, wheel.read_bytes()


def _sources() -> dict[str, bytes]:
    """The files of the engine that are in it, by their path from above the engine."""
    found = {"autograder/" + str(path.relative_to(_ENGINE)): path for path in _data_files()}
    for module in student_modules():
        path = _file(module)
        assert path is not None
        found["autograder/" + path.relative_to(_ENGINE).as_posix()] = path
    for path in found.values():
        if path.is_symlink() or not path.is_file():
            raise OperatorError(
                _("{path}: is no regular file\n  fix: it goes to students; put it back").format(
                    path=path
                )
            )
    files = {name: path.read_bytes() for name, path in found.items()}
    return {**files, "autograder/cli/__init__.py": _STUDENTS_COMMANDS.encode()}


def student_modules() -> list[str]:
    """The engine's modules that the student's commands import, wherever in a file they do."""
    inside = [
        _module(path) for folder in _WHOLE for path in sorted((_ENGINE / folder).glob("*.py"))
    ]
    waiting = [*_STARTS, *inside]
    found: set[str] = set()
    while waiting:
        module = waiting.pop()
        path = _file(module)
        if module in found or path is None:
            continue
        found.add(module)
        waiting.append(module.rpartition(".")[0])
        if module != _COMMANDS:
            waiting += _imported(module, path)
    return sorted(found)


def _imported(module: str, path: Path) -> Iterator[str]:
    """The names that ``module`` imports; some of them are no modules."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            parts = [*(above if node.level else ()), *(node.module or "").split(".")]
            base = ".".join(part for part in parts if part)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _file(module: str) -> Path | None:
    """Where a module of the engine is; None of any other name."""
    first, *rest = module.split(".")
    if first != _ENGINE.name:
        return None
    place = _ENGINE.joinpath(*rest)
    for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if path.is_file():
            return path
    return None


def _module(path: Path) -> str:
    parts = path.relative_to(_ENGINE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _data_files() -> Iterator[Path]:
    for pattern in _DATA:
        yield from sorted(_ENGINE.glob(pattern))


def _project() -> dict[str, Any]:
    path = _ENGINE.parent / "pyproject.toml"
    try:
        project: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return project
    except (OSError, KeyError, ValueError) as error:
        raise OperatorError(
            _(
                "{path}: {why}\n  fix: run this with the engine of the course repository, as "
                "`make setup` installs it"
            ).format(path=path, why=error)
        ) from error


def _build(source: Path, out: Path) -> None:
    try:
        subprocess.run(
            [sys.executable, "-P", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
             "--no-build-isolation", "--wheel-dir", str(out), str(source)],
            env={**os.environ, "SOURCE_DATE_EPOCH": _SINCE, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            stdin=subprocess.DEVNULL, capture_output=True, umask=0o022, timeout=_SECONDS,
            check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        raise OperatorError(
            _("the students' checker cannot be built:\n{why}\n  fix: make setup").format(
                why=escape.lines(said.decode("utf-8", "replace")[-2000:])
            )
        ) from error


def _quoted(value: object) -> str:
    """JSON of texts and lists of them is TOML, too."""
    return json.dumps(value)
