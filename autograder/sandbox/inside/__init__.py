"""The only code of ours that the sandboxed child sees; it imports nothing else of ours."""
