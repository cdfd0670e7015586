"""A right answer in a notebook that tries to run in the browser of whoever looks at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.autograder.conftest import ROOT

_MARK = "window.pwned=(window.pwned||0)+1;fetch('/pwned')"
_SCRIPT = f"<script>{_MARK}</script>"
_IMAGE = f'<img src="/pwned.png" onerror="{_MARK}">'
_SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{_MARK}"><script>{_MARK}</script></svg>'
HTML = "\n".join(
    [
        _SCRIPT,
        _IMAGE,
        _SVG,
        f'<iframe src="javascript:parent.{_MARK}"></iframe>',
        f'<iframe srcdoc="<script>parent.{_MARK}</script>"></iframe>',
        f'<a class="bait" href="javascript:{_MARK}">bait</a>',
        f'<p class="bait" onmouseover="{_MARK}">bait</p>',
        '<meta http-equiv="refresh" content="0;url=/pwned">',
        '<link rel="stylesheet" href="/pwned.css"><style>@import "/pwned.css";</style>',
        '<base href="http://pwned.invalid/">',
        '<form action="/pwned"><button class="bait">bait</button></form>',
        '<object data="/pwned"></object><embed src="/pwned">',
        f'<details open ontoggle="{_MARK}">bait</details>',
        f'<input autofocus onfocus="{_MARK}">',
    ]
)
_CLOSING = f"</code></pre></div></textarea></script></style></title>{_IMAGE}{_SCRIPT}"
_TEXTS = [
    HTML,
    f"[bait](javascript:{_MARK})  ![x](/pwned.png)  ![y](attachment:evil.svg) <{_SCRIPT}>",
    f"$\\href{{javascript:{_MARK}}}{{bait}}$ $$ {_IMAGE} $$",
    f"\\begin{{equation}}{_SCRIPT}\\end{{equation}}",
    f"```\n{_CLOSING}\n```\n{_IMAGE}\n~~~\n{_CLOSING}",
    f"{'`' * 60}\n{_IMAGE}\n{'`' * 61}\n{_IMAGE}",
    f"$$\n```\n{_IMAGE}\n$$\n```\n{_IMAGE}",
    f"\r```\r{_IMAGE}\x0b```\x0c{_IMAGE}\u2028```\u2028{_IMAGE}\x85```\x85{_IMAGE}",
    f"[1]: javascript:{_MARK}\n\n[bait][1]\n\n<!-- --><!--{_IMAGE}--!>{_IMAGE}",
]
_ID = f'x" onmouseover="{_MARK}'


def write_hostile_notebook(path: Path) -> None:
    """Write it; its three answers are those of the example student ada, and earn everything."""
    notebook = json.loads(
        (ROOT / "examples/submitted/ada/convolutions/convolutions.ipynb").read_bytes()
    )
    for cell in notebook["cells"]:
        cell["metadata"] |= {"tags": [_CLOSING], "name": _CLOSING, "collapsed": _CLOSING}
        if cell["cell_type"] == "code":
            cell["outputs"] = _outputs()
        cell["attachments"] = _attachments()
    for number, text in enumerate(_TEXTS):
        for kind in ("markdown", "raw", "code"):
            notebook["cells"].append(_cell(kind, f"hostile-{number}-{kind}", text))
    notebook["cells"].insert(0, _cell("markdown", _ID, HTML))
    notebook["cells"].append(_pretender("markdown"))
    notebook["cells"].append(_pretender("code"))
    notebook["cells"].append(_cell(_CLOSING, "of-no-kind", HTML))
    notebook["metadata"] = {
        "title": _CLOSING,
        "authors": [{"name": _CLOSING}],
        "language_info": {"name": _CLOSING, "pygments_lexer": _CLOSING, "version": _CLOSING},
        "kernelspec": {"name": _CLOSING, "display_name": _CLOSING, "language": _CLOSING},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {_CLOSING: _CLOSING}}},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


def _cell(kind: str, cell_id: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": cell_id,
        "metadata": {"raw_mimetype": "text/html", "format": "text/html"},
        "source": source,
    }
    if kind == "code":
        return cell | {"outputs": _outputs(), "execution_count": None}
    return cell | {"attachments": _attachments()}


def _pretender(kind: str) -> dict[str, Any]:
    """Says of itself that it is graded, under a name that ends the attribute it is put into."""
    cell = _cell(kind, f"pretender-{kind}", HTML)
    cell["metadata"]["nbgrader"] = {
        "grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3,
        "grade_id": f'"><script>{_MARK}</script>', "points": 1000, "cell_type": kind,
    }  # fmt: skip
    return cell


def _attachments() -> dict[str, Any]:
    return {"evil.svg": {"image/svg+xml": _SVG}, _CLOSING: {"text/html": HTML}}


def _outputs() -> list[dict[str, Any]]:
    data = {
        "text/html": HTML,
        "image/svg+xml": _SVG,
        "application/javascript": _MARK,
        "text/markdown": HTML,
        "text/latex": f"$\\href{{javascript:{_MARK}}}{{bait}}$ {HTML}",
        "image/png": f'"{_CLOSING}',
        "application/vnd.jupyter.widget-view+json": {"model_id": _CLOSING},
        "text/plain": HTML,
    }
    return [
        *(
            {"output_type": "display_data", "data": {kind: value}, "metadata": _of_output()}
            for kind, value in data.items()
        ),
        {"output_type": "stream", "name": "stdout", "text": f"\x1b[31m{HTML}\x1b]8;;/pwned\x07"},
        {"output_type": "error", "ename": HTML, "evalue": HTML, "traceback": [HTML]},
    ]


def _of_output() -> dict[str, Any]:
    return {
        "text/html": {"isolated": True},
        "image/png": {"width": _ID, "height": _ID, "alt": _ID},
        "filenames": {"image/png": _ID, "image/svg+xml": _ID},
    }
