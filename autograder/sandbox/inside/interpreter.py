"""The seven operations, carried out beside the student's code.

Used by the sandboxed child, and by the student's own practice, which needs no isolation.
"""

from __future__ import annotations

import random
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from . import standins, values, wire, words
from .cells import Progress, clip, describe, run_cells, student_line, student_traceback


class _StudentError(Exception):
    """Student code did not answer; carries what is sent back."""

    def __init__(self, failed: wire.Failed) -> None:
        super().__init__(failed.sentence)
        self.failed = failed


def _cross_correlation(
    *args: Any, X: Tensor | None = None, K: Tensor | None = None, **named: Any
) -> Tensor:
    """torch's own valid cross-correlation of (H, W) with (h, w), however a student calls it."""
    # Of tensors alone, which leaves out a method's self; what follows the two is left alone.
    given = [arg for arg in (*args, *named.values()) if isinstance(arg, Tensor)]
    image = given.pop(0) if X is None else X
    kernel = given.pop(0) if K is None else K
    return nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0]


def _pooling(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """torch's own pooling of (H, W) in windows of (p, q), however a student calls it."""

    def pool(*args: Any, **named: Any) -> Tensor:
        given = [*args, *named.values()]
        image = next(arg for arg in given if isinstance(arg, Tensor))
        size = next(arg for arg in given if isinstance(arg, int | tuple | list))
        return function(image[None, None], size)[0, 0]

    return pool


FUNCTIONS: Mapping[str, Callable[..., Tensor]] = types.MappingProxyType(
    {  # what ``Bind`` may bind; no secret
        "conv2d": _cross_correlation,
        "max_pool2d": _pooling(nn.functional.max_pool2d),
        "avg_pool2d": _pooling(nn.functional.avg_pool2d),
    }
)


class Interpreter:
    """The student's module and the objects made from it."""

    def __init__(
        self,
        layers: Sequence[str],
        stand_ins: Sequence[str],
        namespace: dict[str, Any] | None = None,
        catch: tuple[type[BaseException], ...] = (BaseException,),
    ) -> None:
        """``namespace`` is a live one to work in; without it, ``Load`` makes a fresh module."""
        self._layers = frozenset(layers)
        self._catch = catch
        self.namespace: dict[str, Any] = {} if namespace is None else namespace
        self._file_names: set[str] = set()
        self._handles: dict[int, Any] = {}
        self._first_parameters: dict[tuple[int, str], Any] = {}
        self._bound: dict[str, Callable[..., Tensor]] = {}
        standins.install(stand_ins)

    def answer(
        self, request: wire.Request, tensors: list[Tensor], progress: Progress
    ) -> tuple[wire.Result, list[Tensor]]:
        """Carry out one request; student code's own errors come back as ``wire.Failed``."""
        if request.seed is not None:
            self._begin(request.seed)
        torch.set_grad_enabled(True)  # whatever an earlier call left behind
        back: list[Tensor] = []
        try:
            return self._do(request.operation, tensors, back, progress), back
        except _StudentError as error:
            return error.failed, []
        except values.RefusedError as error:
            return wire.Failed("refused", error.sentence, {"got": error.got}, ""), []

    def _begin(self, seed: int) -> None:
        """A new check: handles forgotten; seeds, gradient mode and dtype as the contract says."""
        self._handles.clear()
        self._first_parameters.clear()
        random.seed(seed)
        np.random.seed(seed % 2**32)
        # Not torch.manual_seed: for each device that is not there it keeps a whole stack trace.
        torch.default_generator.manual_seed(seed)
        torch.set_default_dtype(torch.float32)

    def _do(
        self,
        operation: wire.Operation,
        tensors: list[Tensor],
        back: list[Tensor],
        progress: Progress,
    ) -> wire.Result:
        match operation:
            case wire.Load():
                return self._load(operation, progress)
            case wire.Bind():
                self._bound[operation.name] = FUNCTIONS[operation.function]
                return wire.Done()
            case wire.Call():
                return self._call(operation, tensors, back)
            case wire.Make():
                return self._make(operation, tensors)
            case wire.ReadParameter():
                parameter = self._parameter(operation.handle, operation.name)
                first = self._first_parameters.setdefault(
                    (operation.handle, operation.name), parameter
                )
                back.append(self._run(operation.name, lambda: values.plain(parameter)))
                return wire.ParameterValue(0, bool(parameter.requires_grad), first is parameter)
            case wire.WriteParameter():
                return self._write(operation, tensors)
            case wire.Gradients():
                return self._gradients(operation, tensors, back)

    # --- loading -------------------------------------------------------------------------------

    def _load(self, load: wire.Load, progress: Progress) -> wire.Loaded:
        module = types.ModuleType(load.module)
        self.namespace = module.__dict__
        self.namespace.update(
            __builtins__=__builtins__,
            get_ipython=standins.InertShell(),
            display=lambda *objects, **options: None,
        )
        if load.module != "__main__":
            self.namespace["__file__"] = f"{load.module}.py"
        sys.modules[load.module] = module  # dataclasses and typing look their module up
        self._file_names = {cell.name for cell in load.cells}
        self._rebind()
        told = progress if load.tells else _untold
        failed = run_cells(
            load.cells, frozenset(load.skip), self.namespace, told, self._rebind, self._catch
        )
        return wire.Loaded(tuple(failed[:256]))

    def _rebind(self) -> None:
        """Put bound names back over the student's own definition, on layer classes too."""
        for name, function in self._bound.items():
            self.namespace[name] = function
            for value in list(self.namespace.values()):
                if isinstance(value, type) and issubclass(value, nn.Module) and name in vars(value):
                    setattr(value, name, staticmethod(function))

    # --- calling -------------------------------------------------------------------------------

    def _call(self, call: wire.Call, tensors: list[Tensor], back: list[Tensor]) -> wire.Returned:
        function, name = self._target(call.target)
        args = [values.argument(arg, tensors, self._handles) for arg in call.args]
        result = self._run(name, lambda: function(*args))
        returned = self._run(name, lambda: values.returned(result, back))  # a generator runs here
        after = [arg for arg in args if isinstance(arg, Tensor)]
        first = len(back)
        back.extend(values.plain(arg) for arg in after)
        return wire.Returned(
            returned.kind,
            returned.type_name,
            returned.tensor,
            returned.scalar,
            returned.dtype,
            returned.holds_graph,
            tuple(range(first, first + len(after))),
        )

    def _make(self, make: wire.Make, tensors: list[Tensor]) -> wire.Made:
        if make.torch_layer:
            if make.class_name not in self._layers:
                raise ValueError(f"torch.nn.{make.class_name} is not allowed by the assignment")
            constructor: Any = getattr(nn, make.class_name)
        else:
            constructor, _name = self._target(make.class_name)
        args = [values.argument(arg, tensors, self._handles) for arg in make.args]
        options = {
            name: values.argument(arg, tensors, self._handles) for name, arg in make.options.items()
        }
        made = self._run(make.class_name, lambda: constructor(*args, **options))
        handle = len(self._handles)
        self._handles[handle] = made
        if make.torch_layer:  # a trained layer must keep the very objects it was made with
            for name, parameter in made.named_parameters():
                self._first_parameters[handle, name] = parameter
        return wire.Made(handle)

    def _gradients(
        self, operation: wire.Gradients, tensors: list[Tensor], back: list[Tensor]
    ) -> wire.GradientValues:
        function, name = self._target(operation.target)
        args = [values.argument(arg, tensors, self._handles) for arg in operation.args]
        leaves = [arg for arg in args if isinstance(arg, Tensor) and arg.requires_grad]
        result = self._run(name, lambda: function(*args))
        if not isinstance(result, Tensor):
            got = self._run(name, lambda: values.returned(result, [])).type_name
            raise _failed("wrong-type", words.NO_TENSOR, name=name, got=got)
        upstream = self._run(name, lambda: torch.ones_like(result))
        if operation.upstream is not None:
            upstream = tensors[operation.upstream]
            if upstream.shape != result.shape:
                raise _failed(
                    "wrong-type",
                    words.OTHER_SHAPE,
                    name=name,
                    got=tuple(result.shape),
                    expected=tuple(upstream.shape),
                )
        if not result.requires_grad:
            raise _failed("no-gradient", words.DETACHED, name=name)
        parameters: dict[str, Tensor] = {}
        if isinstance(operation.target, int) and isinstance(function, nn.Module):
            parameters = self._run(name, lambda: dict(function.named_parameters()))
        # One answer for each that was asked for, though the student may have switched it off.
        asked = [*leaves, *parameters.values()]
        sources = [one for one in asked if one.requires_grad]
        gradients = self._run(
            name,
            lambda: (
                sources
                and torch.autograd.grad(
                    result, sources, upstream.to(result.dtype), allow_unused=True
                )
            ),
        )
        found = iter(gradients)
        back.append(values.plain(result))
        indices: list[int | None] = []
        for one in asked:
            gradient = next(found) if one.requires_grad else None
            indices.append(None if gradient is None else len(back))
            if gradient is not None:
                back.append(values.plain(gradient))
        return wire.GradientValues(
            0,
            tuple(indices[: len(leaves)]),
            dict(zip(parameters, indices[len(leaves) :], strict=True)),
        )

    def _target(self, target: str | int) -> tuple[Any, str]:
        """What is called, and its name for messages."""
        if isinstance(target, int):
            made = self._handles[target]
            return made, type(made).__name__
        if target not in self.namespace:
            raise _failed("missing", words.NOT_DEFINED, name=target)
        if not callable(self.namespace[target]):
            raise _failed("missing", words.NOT_CALLABLE, name=target)
        return self.namespace[target], target

    def _run(self, name: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (_StudentError, values.RefusedError):
            raise
        except self._catch as error:
            line = student_line(error, self._file_names)
            where = "" if line is None else f" (line {line})"
            if isinstance(error, NotImplementedError) and not error.args:  # torch's own has a text
                raise _failed("not-begun", words.NOT_WRITTEN, name=name, where=where) from None
            raise _failed(
                "raised",
                words.RAISED,
                student_traceback(error),
                name=name,
                error=describe(error),
                where=where,
            ) from None

    # --- parameters ----------------------------------------------------------------------------

    def _parameter(self, handle: int, name: str) -> Any:
        made = self._handles[handle]
        kind = type(made).__name__
        if not isinstance(made, nn.Module):
            raise _failed("wrong-type", words.NO_MODULE, name=kind)
        found = self._run(kind, lambda: dict(made.named_parameters()))
        if name in found:
            return found[name]
        held = self._run(kind, lambda: [getattr(made, name)] if hasattr(made, name) else [])
        if held:
            got = type(held[0]).__name__
            raise _failed("missing", words.PLAIN_ATTRIBUTE, name=kind, parameter=name, got=got)
        raise _failed("missing", words.NO_PARAMETER, name=kind, parameter=name)

    def _write(self, write: wire.WriteParameter, tensors: list[Tensor]) -> wire.Done:
        parameter = self._parameter(write.handle, write.name)
        value = tensors[write.tensor]
        shape = self._run(write.name, lambda: parameter.shape)  # a lazy one has none yet
        if shape.numel() != value.numel() or (value.numel() > 1 and shape != value.shape):
            raise _failed(
                "wrong-type",
                words.PARAMETER_SHAPE,
                parameter=write.name,
                got=tuple(shape),
                expected=tuple(value.shape),
            )
        with torch.no_grad():
            self._run(write.name, lambda: parameter.copy_(value.reshape(shape)))
        return wire.Done()


def _failed(kind: Any, sentence: str, detail: str = "", **values: object) -> _StudentError:
    texts = {name: clip(str(value)) for name, value in values.items()}
    return _StudentError(wire.Failed(kind, sentence, texts, detail))


def _untold(cell: int, statement: int, name: str, line: int) -> None:
    return None
