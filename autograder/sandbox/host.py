"""The trusted side of the boundary: starts the zygote, has it prove its layers, and children."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from autograder.errors import SandboxError
from autograder.messages import _
from autograder.sandbox.child import Budget, Child, ChildEnded, remove_folder
from autograder.sandbox.combinations import STARTS, Combination
from autograder.sandbox.inside import child as inside_child
from autograder.sandbox.inside import lockdown, wire, zygote
from autograder.sandbox.inside.proof import Attempts, Proof
from autograder.sandbox.launch import Zygote, environment, packages, readable, why_not
from autograder.sandbox.layers import active_layers, what_is_missing
from autograder.spec import AssignmentSpec

_START_SECONDS = 120.0  # a cold import of torch on a slow disk
_SPAWN_SECONDS = 30.0  # a fork takes milliseconds; a zygote that takes longer is frozen
_ZYGOTES_FOR_ONE_CHILD = 3
_CPU_BACKSTOP_SECONDS = 3600
_THREADS = 256
# What a clean zygote must not have loaded: tests, answers, the grader.
_FORBIDDEN_MODULES = frozenset({"autograder", "pytest", "_pytest", "nbgrader", "tests"})
# Its own: the standard streams, the control socket, itself, and the one it lists them with.
_OPEN_FILES = 6


class _ZygoteLost(Exception):  # noqa: N818 - put right by starting another
    """The zygote does not answer: dead, or frozen."""


class Rejected(msgspec.Struct, frozen=True):
    """A combination that was not taken, and why; what was active in it, if it started at all."""

    combination: Combination
    why: str
    layers: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()


class NotIsolatedError(SandboxError):
    """No combination isolates student code here; ``rejected`` has what was tried."""

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        self.rejected = tuple(rejected)
        tried = "\n".join(f"  {one.combination.name}: {one.why}" for one in rejected)
        super().__init__(
            _(
                "cannot isolate student code; tried, strongest first:\n{tried}\n"
                "  fix: `autograder doctor` shows each layer and how to get it; on Debian and "
                "Ubuntu `apt-get install bubblewrap` (grading never falls back to no sandbox)"
            ).format(tried=tried)
        )


class Sandbox:
    """One zygote at a time and the children forked from it. Use as a context manager.

    ``hidden`` are files that no child may be able to read, tried out before any student code runs.
    Without ``combination`` the strongest one is taken that proves itself on this machine.

    Raises:
        SandboxError: Student code cannot be isolated here.
    """

    layers: tuple[str, ...]
    proofs: tuple[Proof, ...]

    def __init__(
        self,
        spec: AssignmentSpec,
        hidden: Sequence[Path] = (),
        combination: Combination | None = None,
    ) -> None:
        if sys.platform != "linux":
            raise SandboxError(
                _(
                    "cannot isolate student code on {platform}\n  fix: grade on Linux, "
                    "or in a Linux virtual machine (`autograder check` works here)"
                ).format(platform=sys.platform)
            )
        lockdown.shut_memory()  # the grader's own: it holds the secret and the expected values
        self._spec = spec
        self._hidden = tuple(str(path.resolve()) for path in hidden if path.is_file())
        self._folder = _make_folder()
        self._readable = readable()
        self._count = 0
        self._zygote: Zygote | None = None
        self.rejected: list[Rejected] = []
        try:
            for one in (combination,) if combination else STARTS:
                if self._isolates(one):
                    return
            raise NotIsolatedError(self.rejected)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote, and with it every child; remove what they wrote."""
        self._end_zygote()
        for _attempt in range(100):  # its children end a moment after it, and may write until then
            with contextlib.suppress(OSError):
                remove_folder(self._folder)
            if not self._folder.exists():
                return
            time.sleep(0.02)

    @property
    def combination(self) -> Combination:
        """The one that is active."""
        return self._live().combination

    def spawn(self) -> Child:
        """A fresh child, locked in, with nothing loaded. Raises SandboxError when none comes.

        A zygote that died or froze is replaced.
        """
        for _attempt in range(_ZYGOTES_FOR_ONE_CHILD):
            try:
                return self._spawn()
            except _ZygoteLost as error:
                why = str(error)
                self._replace()
        raise self._broken(why)

    def is_alive(self) -> bool:
        """Whether the zygote answers; if not, what befell its children may be its doing."""
        control = self._live().control
        try:
            control.send(b"{}")
            ready = select.select([control], [], [], _SPAWN_SECONDS)[0]
            return bool(ready and control.recv(zygote.MAX_DATAGRAM))
        except OSError:
            return False

    # --- children ------------------------------------------------------------------------------

    def _spawn(self) -> Child:
        child = self._fork(None)
        try:
            hello, _tensors = child.receive(0, Budget(_START_SECONDS, 1.0))
        except ChildEnded as error:
            raise _ZygoteLost(error.detail or str(error)) from error
        if not isinstance(hello.result, wire.Hello) or hello.result.layers != self._inner_layers:
            child.kill()
            raise self._broken(_("a child did not report its layers"))
        child.layers = hello.result.layers
        return child

    def _fork(self, attempts: Attempts | None) -> Child:
        live = self._live()
        limits = self._spec.limits
        private = not self.facts["namespaces"]
        scratch = None
        inside = live.place.scratch
        self._count += 1
        if not private:
            # A name of our own choice: whoever writes beside it could have taken the next number.
            name = f"{self._count}-{secrets.token_hex(8)}"
            scratch = self._folder / "scratch" / name
            scratch.mkdir(mode=0o700)
            os.chown(scratch, live.uid, -1)
            inside = f"{inside}/{name}"
        config = inside_child.ChildConfig(
            layers=self._spec.layers,
            stand_ins=self._spec.stand_ins,
            readable=self._readable,
            scratch=inside,
            private_scratch=private,
            landlock="landlock" not in live.combination.without,
            memory_bytes=limits.memory_mib * 2**20,
            file_bytes=limits.scratch_mib * 2**20,
            threads=_THREADS if live.combination.other_uid else None,
            cpu_seconds=_CPU_BACKSTOP_SECONDS,
            attempts=attempts,
        )
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(live.control, [msgspec.json.encode(config)], [theirs.fileno()])
            if not select.select([live.control], [], [], _SPAWN_SECONDS)[0]:
                raise _ZygoteLost(_("it does not answer"))
            data, fds, _flags, _address = socket.recv_fds(live.control, zygote.MAX_DATAGRAM, 1)
            if not data or not fds:
                raise _ZygoteLost(_("it ended"))
            return Child(ours, fds[0], scratch)
        except (OSError, _ZygoteLost) as error:
            ours.close()
            if scratch is not None:
                remove_folder(scratch)
            raise _ZygoteLost(str(error)) from error
        finally:
            theirs.close()

    # --- the zygote ----------------------------------------------------------------------------

    def _isolates(self, combination: Combination) -> bool:
        """Start a zygote so and have it prove itself; if it cannot, note why."""
        why = why_not(combination)
        self.layers, self.proofs = (), ()
        if not why:
            try:
                self._start(combination)
                why = what_is_missing(self.layers, self.proofs)
            except (SandboxError, _ZygoteLost) as error:
                why = str(error).partition("\n  fix:")[0]
        if not why:
            return True
        self._end_zygote()
        self.rejected.append(Rejected(combination, why, self.layers, self.proofs))
        return False

    def _start(self, combination: Combination) -> None:
        self._zygote = Zygote(combination, self._folder)
        with_namespaces = "namespaces" not in combination.without
        said = {"packages": packages(), "namespaces": with_namespaces}
        with contextlib.suppress(OSError):  # it has ended: told below, with what it said
            self._zygote.control.send(msgspec.json.encode(said))
        self.facts = self._introduce()
        self._inner_layers, self.proofs = self._prove()
        self.layers = active_layers(self._inner_layers, self.proofs)

    def _replace(self) -> None:
        combination, layers = self._live().combination, self.layers
        self._end_zygote()
        try:
            self._start(combination)
        except _ZygoteLost as error:
            raise self._broken(str(error)) from error
        if self.layers != layers or what_is_missing(self.layers, self.proofs):
            raise self._broken(_("a new one has other layers than the first"))

    def _introduce(self) -> dict[str, object]:
        control = self._live().control
        if not select.select([control], [], [], _START_SECONDS)[0]:
            raise self._broken(
                _("it did not start in {seconds:.0f} s").format(seconds=_START_SECONDS)
            )
        try:
            said = control.recv(zygote.MAX_DATAGRAM)
        except OSError:
            said = b""
        if not said:
            raise self._broken(_("it ended"))
        facts = msgspec.json.decode(said, type=dict)
        unclean = [
            *sorted(set(facts.get("modules", ())) & _FORBIDDEN_MODULES),
            *sorted(set(facts.get("environment", ())) - set(environment(""))),
        ]
        if len(fds := facts.get("fds", ())) > _OPEN_FILES:
            unclean.append(_("open files {fds}").format(fds=fds))
        if not facts.get("modules") or facts.get("dumpable") is not False:
            unclean.append(_("readable memory"))
        if facts.get("prefix") != sys.base_prefix:
            unclean.append(_("another Python, {prefix}").format(prefix=facts.get("prefix")))
        if unclean:
            raise self._broken(_("it is not clean: {what}").format(what=", ".join(unclean)))
        return dict(facts)

    def _prove(self) -> tuple[tuple[str, ...], tuple[Proof, ...]]:
        """A throw-away child tries what is forbidden; what it met."""
        place = self._live().place
        with socket.create_server(("127.0.0.1", 0)) as listening:
            child = self._fork(
                Attempts(
                    seen=f"{place.witness}/seen",
                    others=f"{place.witness}/others",
                    outside=str(self._folder / "outside"),
                    port=listening.getsockname()[1],
                    hidden=self._hidden,
                )
            )
            try:
                return child.proofs(_START_SECONDS)
            except ChildEnded as error:
                raise self._broken(_("a child could not be locked in")) from error
            finally:
                child.kill()

    def _live(self) -> Zygote:
        if self._zygote is None:
            raise SandboxError(_("the sandbox is closed\n  fix: open a new one"))
        return self._zygote

    def _end_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote = None

    def _broken(self, why: str) -> SandboxError:
        log = self._folder / "zygote.log"
        said = log.read_text(errors="replace")[-2000:].strip() if log.exists() else ""
        return SandboxError(
            _(
                "the sandbox's fork server failed: {why}\n{said}\n  fix: run the command again; "
                "if it fails again, report it with this text"
            ).format(why=why, said=said)
        )


def _make_folder() -> Path:
    """The sandbox's folder: scratch for children, witnesses for the proofs."""
    folder = Path(tempfile.mkdtemp(prefix="autograder-"))
    (folder / "scratch").mkdir(mode=0o700)
    (folder / "witness").mkdir()
    (folder / "witness").chmod(0o755)
    for path, mode in (("witness/seen", 0o644), ("witness/others", 0o600), ("outside", 0o644)):
        (folder / path).write_text("witness\n")
        (folder / path).chmod(mode)
    return folder
