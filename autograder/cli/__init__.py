"""The command line: one function per command, each a readable line or two over the engine.

Engine modules are imported inside the commands: `check` must not wait for what `grade` needs.
"""

# ruff: noqa: I001 - the order of the help
from autograder.cli.application import app, run
from autograder.cli import practice, collect, grading, export, publish, authoring, template

__all__ = [
    "app",
    "authoring",
    "collect",
    "export",
    "grading",
    "practice",
    "publish",
    "run",
    "template",
]
