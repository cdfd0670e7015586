"""The templates of our pages: whatever stands between two braces is escaped, unless we made it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from autograder import escape


@functools.cache
def page_template(name: str) -> Any:
    """The template ``name`` of this folder, to be rendered with its values."""
    import jinja2
    from markupsafe import Markup

    def safe(value: object) -> object:
        """What stands between two braces of a template: inside of a tag only what we made."""
        return value if isinstance(value, Markup) else Markup(escape.html_text(value))

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader,
        finalize=safe,
        autoescape=True,  # so that what a macro makes is not escaped a second time
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(name)


def markup(made: str) -> Any:
    """``made`` by us, every text in it escaped already: it stays as it is."""
    from markupsafe import Markup

    return Markup(made)
