"""What isolates student code on this machine, layer by layer, as a table for the operator."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from autograder.escape import lines, rich_text
from autograder.messages import _
from autograder.outputs.terminal import as_text
from autograder.sandbox.host import Rejected
from autograder.sandbox.inside.proof import Proof
from autograder.sandbox.layers import layers


def layer_table(active: Sequence[str], proofs: Sequence[Proof]) -> str:
    """Each layer: active or not, what was tried and what the kernel said, and what it is for."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in (_("layer"), _("active"), _("proof: it tried to …"), _("if it were missing …")):
        table.add_column(header)
    said = {proof.layer: proof.said for proof in proofs}
    names = {name.partition(":")[0]: name for name in active}
    for layer in layers():
        table.add_row(
            rich_text(names.get(layer.name, layer.name)),
            _("yes") if layer.name in names else _("NO"),
            rich_text(f"{layer.act}: {said.get(layer.name, _('not tried'))}"),
            rich_text(layer.lost),
        )
    return as_text(table)


def how_to_get(active: Sequence[str]) -> list[str]:
    """One line for each layer that is missing: how to get it."""
    names = {name.partition(":")[0] for name in active}
    return [
        _("to get {layer}: {fix}").format(layer=layer.name, fix=layer.fix)
        for layer in layers()
        if layer.name not in names
    ]


def not_taken(rejected: Sequence[Rejected]) -> list[str]:
    """One line for each stronger combination that could not be had: why."""
    return [
        lines(_("not “{name}”: {why}").format(name=one.combination.name, why=one.why))
        for one in rejected
    ]
