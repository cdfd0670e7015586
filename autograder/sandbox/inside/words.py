"""The sentences a child may send. The trusted side has the same list, refuses any other, and puts
them into the person's language; only the values in braces come from the child."""

from __future__ import annotations

NOT_WRITTEN = "{name} is still to be written{where}"
RAISED = "{name} raised {error}{where}"
NOT_DEFINED = "{name} is not defined"
NOT_CALLABLE = "{name} is not a function or class"
NO_TENSOR = "{name} returned {got}; expected a tensor"
OTHER_SHAPE = "{name} returned shape {got}, expected shape {expected}"
DETACHED = "the result of {name} is detached: autograd finds no way back"
NO_MODULE = "{name} is not an nn.Module"
NO_PARAMETER = "{name} has no parameter {parameter}"
PLAIN_ATTRIBUTE = "{name}.{parameter} is a {got}, not a registered nn.Parameter"
PARAMETER_SHAPE = "{parameter} has shape {got}, expected shape {expected}"
REFUSED_LAYOUT = "the answer is a tensor of layout {got}; return a dense one"
REFUSED_DEVICE = "the answer is a tensor on {got}; return one on the CPU"
REFUSED_DTYPE = "the answer is a tensor of dtype {got}; return real numbers"
REFUSED_SIZE = "the answer is a tensor of shape {got}, which is too large"
REFUSED_FRAME = "the answer is too large to be sent"

ALL = frozenset(
    text for name, text in globals().items() if name.isupper() and isinstance(text, str)
)
