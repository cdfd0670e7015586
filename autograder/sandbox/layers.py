"""What each layer is there for, which are needed, and what a set of proofs comes to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from autograder.messages import _
from autograder.sandbox.inside.proof import Proof

REQUIRED = (
    "no-new-privileges",
    "no-capabilities",
    "non-dumpable",
    "parent-death-signal",
    "rlimits",
    "seccomp",
)
FILES = ("bubblewrap", "landlock")  # one of them must keep the files away
SCRATCH = ("private-scratch", "landlock")  # and one of these the scratch of the next child


class Layer(msgspec.Struct, frozen=True):
    """A layer as `doctor` tells of it. All but ``name`` is for people."""

    name: str

    act: str
    """The forbidden act that proves it, see `inside.proof`."""

    lost: str
    """What is lost without it."""

    fix: str
    """How to get it."""

    around: bool = False
    """Whether it surrounds the child, which puts the others on by itself."""


def layers() -> tuple[Layer, ...]:
    """Every layer, from the outside in."""
    linux = _("needs Linux; no container or system policy may forbid it")
    return (
        Layer(
            "bubblewrap",
            _("look at a file outside"),
            _("names and sizes of files can be found out"),
            _("apt-get install bubblewrap; it needs user namespaces, or root outside a container"),
            around=True,
        ),
        Layer(
            "own-uid",
            _("read a file of the grader's user"),
            _("it runs as the grader's own user"),
            _(
                "start as root, with bubblewrap and setpriv (util-linux), or with a Python "
                "that every user may run; an ordinary user has no other uid to take"
            ),
            around=True,
        ),
        Layer(
            "pid-namespace",
            _("see its parent process"),
            _("processes outside can be counted"),
            _(
                "allow user namespaces; on Ubuntu "
                "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`"
            ),
            around=True,
        ),
        Layer(
            "network-namespace",
            _("connect to the grader"),
            _("only seccomp and Landlock bar the network"),
            _("as for pid-namespace"),
            around=True,
        ),
        Layer(
            "private-scratch",
            _("make files without end"),
            _("it can fill the disk of TMPDIR"),
            _("as for pid-namespace"),
        ),
        Layer("no-new-privileges", _("ask the kernel"), _("programs could grant rights"), linux),
        Layer("no-capabilities", _("ask the kernel"), _("root's rights would stay"), linux),
        Layer(
            "non-dumpable",
            _("ask the kernel"),
            _("processes of one user read one another"),
            linux,
        ),
        Layer(
            "parent-death-signal",
            _("ask the kernel"),
            _("it could outlive the grader"),
            linux,
        ),
        Layer(
            "landlock",
            _("read a file not granted"),
            _("only the mounts keep files away"),
            _("Linux 5.13 or later with Landlock in the kernel's list of security modules"),
        ),
        Layer(
            "rlimits",
            _("take more memory"),
            _("one submission takes all memory"),
            linux,
        ),
        Layer(
            "seccomp",
            _("make a socket"),
            _("processes, sockets, all the kernel offers"),
            _("Linux on x86_64 or aarch64; no container or system policy may forbid it"),
        ),
    )


def active_layers(inner: Sequence[str], proofs: Sequence[Proof]) -> tuple[str, ...]:
    """The layers that are proved, from the outside in.

    All proofs of a layer must hold. A child's own layer must also be in ``inner``, what it says it
    has put on; its name there may tell more ("landlock:7").
    """
    told = {name.partition(":")[0]: name for name in inner}
    held = {proof.layer for proof in proofs} - {p.layer for p in proofs if not p.holds}
    return tuple(
        told.get(layer.name, layer.name)
        for layer in layers()
        if layer.name in held and (layer.around or layer.name in told)
    )


def what_is_missing(active: Sequence[str], proofs: Sequence[Proof]) -> str:
    """Why student code is not isolated by these layers; empty where it is."""
    names = {name.partition(":")[0] for name in active}
    missing = [name for name in REQUIRED if name not in names]
    missing += [
        _("{either} (one of them)").format(either=" / ".join(either))
        for either in (FILES, SCRATCH)
        if names.isdisjoint(either)
    ]
    hidden = [proof for proof in proofs if proof.layer == "hidden-files"]
    if not all(proof.holds for proof in hidden):
        missing.append(_("the course's hidden files can be read"))
    return ", ".join(missing)
