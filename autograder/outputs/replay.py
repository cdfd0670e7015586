"""A replayed check for the instructor: hidden inputs and expected values, whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence

import torch
from rich.cells import chop_cells
from torch import Tensor

from autograder import escape
from autograder.checks import Comparison, Exchange
from autograder.checks.asserts import grid, side_by_side
from autograder.grading.replay import Replayed, Transcript
from autograder.messages import _
from autograder.report import CheckResult, Outcome, Visibility
from autograder.sandbox.inside import wire

_ROWS = 32  # of a tensor; what is larger is cut
_COLUMNS = 32


def replay_text(replayed: Replayed) -> str:
    """The whole text: first whether it came out as it did then, then everything that was said."""
    said = [*_verdict(replayed), "", *_heading(replayed)]
    for transcript in replayed.transcripts:
        said += ["", *_pass(replayed, transcript)]
    return "\n".join(said)


def _verdict(replayed: Replayed) -> Iterator[str]:
    then, now = _outcome(replayed.then), _outcome(replayed.now)
    if replayed.confirmed:
        yield _("CONFIRMED: {then} when it was graded, {now} now").format(then=then, now=now)
    else:
        yield _("NOT CONFIRMED: {then} when it was graded, {now} now").format(then=then, now=now)
        yield _(
            "  the code does not do the same every time, or this machine, or the limits in "
            "assignment.toml, are others than then"
        )
    yield from (f"  {escape.one_line(text)}" for text in replayed.other)


def _heading(replayed: Replayed) -> Iterator[str]:
    report, then, now = replayed.report, replayed.then, replayed.now
    hidden = then.visibility is Visibility.HIDDEN
    yield escape.one_line(then.title)
    rows = [
        (_("check"), f"{then.name}, {_('hidden') if hidden else _('visible')}"),
        (_("exercise"), replayed.exercise),
        (_("student"), report.student),
        (_("file"), f"{report.submission.file}, sha256 {report.submission.sha256}"),
        (_("then"), _came_to(then, report.provenance.graded_at)),
        (_("now"), _came_to(now, replayed.replayed_at)),
        (_("hint"), then.hint),
    ]
    if replayed.misconception is not None:
        one = replayed.misconception
        rows += [
            (_("mistake"), f"{one.name}: {one.to_instructor}"),
            (_("to student"), one.to_student),
        ]
    width = max(len(name) for name, _text in rows)
    for name, text in rows:
        yield f"  {name:<{width}}  {escape.one_line(text)}"


def _came_to(check: CheckResult, when: str) -> str:
    score = "–" if check.score is None else check.score
    points = _("{outcome}, {score} of {max_score} points").format(
        outcome=_outcome(check), score=score, max_score=check.max_score
    )
    why = check.message.partition("\n")[0]
    return f"{points}, {when}" + (f": {why}" if why else "")


def _outcome(check: CheckResult) -> str:
    said = {
        Outcome.PASSED: _("passed"),
        Outcome.FAILED: _("failed"),
        Outcome.ERRORED: _("broke on our side"),
    }[check.outcome]
    if check.carried_forward:
        said += " " + _("(errors carried forward)")
    return said + (" " + _("(void)") if check.void else "")


# --- one run ------------------------------------------------------------------------------------


def _pass(replayed: Replayed, transcript: Transcript) -> Iterator[str]:
    if len(replayed.transcripts) > 1:
        name = escape.one_line(replayed.replaced)
        heading = _("--- with the student's own {name}: {outcome} ---")
        if transcript.carried:
            heading = _("--- with a right {name} in the place of the student's: {outcome} ---")
        yield heading.format(name=name, outcome=transcript.outcome.value)
        yield ""
    if not transcript.whole:
        yield _("what was sent is too large to be kept")
    compared = {id(one.got) for one in transcript.comparisons}
    objects: dict[int, str] = {}
    for number, exchange in enumerate(transcript.exchanges, start=1):
        yield f"{number}. {_asked(exchange.operation, objects)}"
        yield from _sent(exchange)
        yield from _came_back(exchange, objects, compared)
    for number, comparison in enumerate(transcript.comparisons, start=1):
        differs = transcript.differs and number == len(transcript.comparisons)
        yield ""
        yield from _comparison(comparison, differs)
    for heading, text in ((_("failed:"), transcript.why), (_("printed:"), transcript.printed)):
        if text.strip():
            yield ""
            yield heading
            yield from _quoted(text)


def _comparison(comparison: Comparison, differs: bool) -> Iterator[str]:
    got, expected = comparison.got.detach(), comparison.expected.detach()
    how = _("as expected")
    if differs and got.shape != expected.shape:
        how = _("shape {got}, expected {expected}").format(
            got=_shape(got), expected=_shape(expected)
        )
    elif differs:
        distance = (got.to(torch.float64) - expected.to(torch.float64)).abs()
        how = _("differs, by at most {distance:.3g}").format(distance=float(distance.max()))
    yield f"{escape.one_line(comparison.what)}: {how}"
    yield side_by_side(expected, got, _ROWS, _COLUMNS)


def _asked(operation: wire.Operation, objects: Mapping[int, str]) -> str:
    match operation:
        case wire.Call():
            return f"{_target(operation.target, objects)}({_arguments(operation.args, objects)})"
        case wire.Gradients():
            call = f"{_target(operation.target, objects)}({_arguments(operation.args, objects)})"
            if operation.upstream is None:
                return _("gradients of {call}").format(call=call)
            return _("gradients of {call}, upstream tensor {index}").format(
                call=call, index=operation.upstream
            )
        case wire.Make():
            named = [f"{key}={_argument(arg, objects)}" for key, arg in operation.options.items()]
            arguments = ", ".join(filter(None, [_arguments(operation.args, objects), *named]))
            return f"{'nn.' if operation.torch_layer else ''}{operation.class_name}({arguments})"
        case wire.ReadParameter():
            return _("read {what}").format(
                what=f"{_target(operation.handle, objects)}.{operation.name}"
            )
        case wire.WriteParameter():
            return _("write tensor {index} into {what}").format(
                index=operation.tensor,
                what=f"{_target(operation.handle, objects)}.{operation.name}",
            )
    return type(operation).__name__


def _target(target: str | int, objects: Mapping[int, str]) -> str:
    if isinstance(target, str):
        return target
    return objects.get(target, f"#{target}")


def _arguments(args: Sequence[wire.Argument], objects: Mapping[int, str]) -> str:
    return ", ".join(_argument(arg, objects) for arg in args)


def _argument(arg: wire.Argument, objects: Mapping[int, str]) -> str:
    match arg:
        case wire.TensorArgument():
            return _("tensor {index}").format(index=arg.index)
        case wire.HandleArgument():
            return _target(arg.handle, objects)
        case wire.SequenceArgument(container="list"):
            return repr(list(arg.items))
        case wire.SequenceArgument(container="size"):
            return f"torch.Size({list(arg.items)!r})"
        case wire.SequenceArgument():
            return repr(arg.items)
    return repr(arg.value)


def _sent(exchange: Exchange) -> Iterator[str]:
    arguments = {a.index: a for a in _tensor_arguments(exchange.operation)}
    for index, tensor in enumerate(exchange.sent):
        said = [_("tensor {index}").format(index=index), _shape(tensor), _dtype(tensor.dtype)]
        if index in arguments:
            said.append(arguments[index].layout)
            if arguments[index].requires_grad:
                said.append("requires_grad")
        yield from _with_grid("     " + ", ".join(said), tensor)


def _tensor_arguments(operation: wire.Operation) -> Iterator[wire.TensorArgument]:
    args: list[wire.Argument] = []
    if isinstance(operation, wire.Call | wire.Gradients | wire.Make):
        args += operation.args
    if isinstance(operation, wire.Make):
        args += operation.options.values()
    return (arg for arg in args if isinstance(arg, wire.TensorArgument))


def _came_back(exchange: Exchange, objects: dict[int, str], compared: set[int]) -> Iterator[str]:
    """What the student's code gave; its values where they do not follow as a comparison."""

    def tensor(what: str, index: int | None) -> Iterator[str]:
        said = f"   → {what}"
        if index is None:
            yield said + ": " + _("none")
        elif not 0 <= index < len(exchange.back):  # the other side chose it
            yield said + ": " + _("not sent")
        else:
            back = exchange.back[index]
            said += f", {_shape(back)}, {_dtype(back.dtype)}"
            yield from [said] if id(back) in compared else _with_grid(said, back)

    match exchange.result:
        case wire.Returned() as result if result.tensor is not None:
            yield from tensor(escape.one_line(result.type_name), result.tensor)
        case wire.Returned() as result:
            yield escape.one_line(f"   → {result.type_name}: {result.scalar!r}")
        case wire.Made() as result:
            name = getattr(exchange.operation, "class_name", "")
            objects[result.handle] = f"{name}#{result.handle}"
            yield f"   → {objects[result.handle]}"
        case wire.ParameterValue() as result:
            said = [_("parameter")]
            said += ["requires_grad"] if result.requires_grad else []
            said += [] if result.same_object else [_("another object than at first")]
            yield from tensor(", ".join(said), result.tensor)
        case wire.GradientValues() as result:
            yield from tensor(_("result"), result.value)
            asked = [a.index for a in _tensor_arguments(exchange.operation) if a.requires_grad]
            for number, index in zip(asked, result.arguments, strict=False):
                yield from tensor(_("gradient of tensor {index}").format(index=number), index)
            for name, index in result.parameters.items():
                what = _("gradient of {name}").format(name=escape.one_line(name))
                yield from tensor(what, index)
        case wire.Failed() as result:
            yield "   → " + _("no answer: {kind}").format(kind=result.kind)
        case None:
            yield "   → " + _("no answer")
        case _other:
            yield "   → " + _("done")


# --- texts --------------------------------------------------------------------------------------


def _with_grid(said: str, tensor: Tensor) -> Iterator[str]:
    yield said
    yield from (f"       {line}" for line in grid(tensor.detach(), _ROWS, _COLUMNS))


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _quoted(text: str) -> list[str]:
    """Lines that may be the student's own, behind a bar, so that none looks like one of ours.

    Cut to the terminal's width, or the rest of a line would begin one without a bar.
    """
    columns = shutil.get_terminal_size(fallback=(200, 24)).columns - len("  | ") - 1
    return [
        f"  | {piece}"
        for line in escape.lines(text).splitlines()
        for piece in chop_cells(line, max(20, columns)) or [""]
    ]
