"""A course's files, not the engine's tests: nothing here is collected."""

collect_ignore_glob = ["*"]
