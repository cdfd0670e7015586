"""Reports as something else; no database, no network."""
