"""The engine: grades student code in a sandbox with pytest checks; knows nothing of any one assignment."""

__version__ = "0.1.0"
