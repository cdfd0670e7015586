"""Inert stand-ins for modules that a submission imports, does not need, and we do not have."""

from __future__ import annotations

import dis
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Inert:
    """Does nothing, to whatever is done with it."""

    __module__ = "module that is missing here"  # what people read where one is returned

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _add_to_class if name == "add_to_class" else self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Itself; but a decorator gives back what it decorates."""
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter([self] * _unpacked_into(sys._getframe(1)))

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *exc_info: object) -> None:
        return None

    def __getitem__(self, key: object) -> Inert:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        return None

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __format__(self, spec: str) -> str:
        return ""  # f"{timer.stop():.2f} sec"

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def _itself(self, *others: object) -> Inert:
        return self

    # Pictures are divided by 255, and annotations say `plt.Axes | None`.
    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = _itself
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = _itself
    __or__ = __ror__ = __and__ = __rand__ = __invert__ = __neg__ = __abs__ = _itself
    __lt__ = __le__ = __gt__ = __ge__ = _itself

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()


def _unpacked_into(frame: types.FrameType) -> int:
    """How many names the caller unpacks into: ``fig, ax = plt.subplots()`` needs two."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti:
            count = instruction.arg or 0
            if instruction.opname == "UNPACK_EX":  # `fig, *axes`: names before and after the star
                return (count & 0xFF) + (count >> 8)
            return count if instruction.opname == "UNPACK_SEQUENCE" else 0
    return 0


class StandInFinder:
    """Last on ``sys.meta_path``: finds only the listed modules that nobody else found."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for a listed module, for one below it, and for a package above it."""
        if any(
            name == own or name.startswith(f"{own}.") or own.startswith(f"{name}.")
            for own in self.names
        ):
            return importlib.machinery.ModuleSpec(
                name,
                self,  # type: ignore[arg-type]  # a loader by its methods
                is_package=True,
            )
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """A module whose every attribute is inert."""
        return _StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class _StandIn(types.ModuleType):
    __all__: tuple[str, ...] = ()  # `from d2l import *` brings nothing
    __version__ = "999.0"  # as new as anybody asks for: torch.utils.tensorboard does

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _add_to_class if name == "add_to_class" else Inert()


def _add_to_class(owner: type) -> Callable[[Any], Any]:
    """The book's decorator, which its listings write whole layers with: no show, but an answer."""

    def add(function: Any) -> Any:
        setattr(owner, function.__name__, function)
        return function

    return add


class InertShell(Inert):
    """What ``get_ipython()`` gives: magics and shell lines are no-ops."""


def install(names: Sequence[str]) -> None:
    """Make missing modules of ``names`` importable; real ones go first."""
    if not any(getattr(finder, "names", None) == tuple(names) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder(names))


def replace(package: str) -> None:
    """Make ``package``, not imported so far, and all below it inert, though there be a real one.

    Does not look through ``sys.modules``: touching thousands of shared names would copy their
    pages into every child.
    """
    sys.meta_path.insert(0, StandInFinder((package,)))
