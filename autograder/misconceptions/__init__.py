"""Named mistakes: what an assignment's author declares, and how one is recognised."""

from autograder.misconceptions.declare import (
    ANYTHING,
    Misconception,
    Misconceptions,
    read_misconceptions,
)
from autograder.misconceptions.examples import OnTensors, OnTheWayDown
from autograder.misconceptions.recognise import Recogniser

__all__ = [
    "ANYTHING",
    "Misconception",
    "Misconceptions",
    "OnTensors",
    "OnTheWayDown",
    "Recogniser",
    "read_misconceptions",
]
