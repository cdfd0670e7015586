"""A Jupyter server with formgrader on one course, for the instructor alone."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from nbgrader.server_extensions.formgrader.handlers import SubmissionFilesHandler
from tornado.web import HTTPError

from autograder import escape
from autograder.messages import _
from autograder.spec import Course


class NoKernels(AsyncMappingKernelManager):
    """Starts none: formgrader's "open live notebook" is one click from running student code."""

    async def start_kernel(  # type: ignore[override]  # as its parent does
        self, *arguments: Any, **options: Any
    ) -> str:
        """Refuse."""
        raise HTTPError(
            403,
            _(
                "student code runs in the sandbox alone\n"
                "  fix: autograder grade --student NAME, or your own Jupyter for code you trust"
            ),
        )


class FilesHandedIn(SubmissionFilesHandler):  # type: ignore[misc]  # nbgrader ships no types
    """Whatever a student put beside the notebook, in the origin of the instructor's Jupyter."""

    @property
    def content_security_policy(self) -> str:
        """Nothing in them runs: a picture is shown, a page's scripts are not."""
        return f"sandbox; {super().content_security_policy}"


def _guard_pages(server: ServerApp) -> None:
    """Mend what formgrader takes for granted of students."""
    # Names of folders are put into pages as they are, and a student may choose one.
    server.web_app.settings["nbgrader_jinja2_env"].autoescape = True
    rules = server.web_app.default_router.rules
    path = r"/formgrader/submissions/((?!components/)[^/]+/(?!(?:next|prev)(?:_incorrect)?/?$).+)"
    guarded = (url_path_join(server.base_url, path), FilesHandedIn)
    server.web_app.add_handlers(".*$", [guarded])  # type: ignore[no-untyped-call]
    rules.insert(0, rules.pop(-2))  # before nbgrader's own; it was put last but one


def serve(course: Course, port: int) -> None:
    """Serve until stopped; prints the address, with the token that opens it.

    Everything is said on the command line, which goes before the user's own configuration of
    Jupyter; that is read as ever and never written.

    Args:
        course: The root is all that the server shows.
        port: Where to listen, on this machine alone; the next free one where it is taken.
    """
    os.chdir(course.root)  # nbgrader reads nbgrader_config.py where it is started
    # nbgrader starts alembic by its name.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    token = secrets.token_urlsafe(32)
    server = ServerApp.instance()
    server.initialize(
        [
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--IdentityProvider.token={token}",
            "--ServerApp.open_browser=False",
            "--ServerApp.allow_root=True",
            f"--ServerApp.root_dir={course.root}",
            "--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True",
            "--ServerApp.terminals_enabled=False",
            f"--ServerApp.kernel_manager_class={NoKernels.__module__}.{NoKernels.__qualname__}",
            "--Application.log_level=WARN",
        ]
    )
    _guard_pages(server)
    address = f"http://127.0.0.1:{server.port}/formgrader/?token={token}"
    print(_("formgrader: {address}").format(address=escape.one_line(address)))
    print(_("for you alone, on this machine; Control-C ends it"), flush=True)
    server.start()
