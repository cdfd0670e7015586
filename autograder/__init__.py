"""The engine: grades student code in a sandbox, and knows nothing of any one assignment."""

__version__ = "0.1.0"
