"""What was handed in elsewhere, put into submitted/: nothing is dropped, and nothing run."""
