"""A class's final grades in the forms that other tools take, a thin file for each.

`FORMATS` are those of `autograder export`. Each is made of `Exported` alone, so that all of them
say the same numbers, and of nothing but what students may see.
"""

from __future__ import annotations

FORMATS = (
    "classroom50",
    "classroom50-bundle",
    "github-classroom",
    "gradescope",
    "gradescope-zip",
    "canvas",
    "moodle",
    "junit",
    "summary",
)
