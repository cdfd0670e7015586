"""Text of others for an issue or comment on GitHub: shown as it is, and nobody is called by it.

GitHub looks for names, numbers of issues and commits in the page that Markdown has become: there a
backslash is gone, and `&#64;` is an @ again. Only what stands between the letters helps, so that
an invisible sign is put there. In a code block it looks for nothing.
"""

from __future__ import annotations

import re

from autograder import escape

_BETWEEN = "&#8203;"  # a space without width
_CALLS = re.compile(
    r"""
    @                                        # people, teams, e-mail, OWNER/NAME@commit
    | (?:(?<!&)|(?<=\\&))\#(?=\d)            # issues, also after OWNER/NAME; no entity of ours
    | \b(?:GH|GHSA|CVE)-(?=\w)               # issues and advisories
    | :(?=\\?//)                             # addresses
    | \bwww(?=\\?\.)
    | :(?=[\w+\\-]+:)                        # emoji
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COMMIT = re.compile(r"[0-9a-f]{7,}", re.IGNORECASE)
_SHORTEST_COMMIT = 7  # hexadecimal digits
_BACKTICKS = re.compile("`+")


def github_text(text: object) -> str:
    """``text`` for one line of Markdown on GitHub, also in a cell of a table."""
    called = _CALLS.sub(lambda found: found[0] + _BETWEEN, escape.markdown(text))
    called = _COMMIT.sub(_divided, called)
    # No formula begins at a sign that is in a tag of its own; a backslash may not be enough.
    return called.replace("\\$", "<span>&#36;</span>")


def code_block(text: object, most: int) -> str:
    """``text``, up to ``most`` characters of it, as a block of code on GitHub."""
    shown = str(text)
    if len(shown) > most:
        shown = shown[:most] + " …"
    shown = escape.lines(shown).replace("<!--", "<! --")  # so that it holds no marker of ours
    longest = max((len(run) for run in _BACKTICKS.findall(shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _divided(found: re.Match[str]) -> str:
    """Digits of a commit, with no place in them that has enough to be one."""
    size = _SHORTEST_COMMIT - 1
    parts = [found[0][i : i + size] for i in range(0, len(found[0]), size)]
    return _BETWEEN.join(parts)
