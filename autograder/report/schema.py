"""The report's JSON Schema, made from the model so that the two cannot differ."""

from __future__ import annotations

import msgspec

from autograder.report.model import Report


def report_schema() -> bytes:
    """The JSON Schema (2020-12) of report.json, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Report)), indent=2) + b"\n"
