"""nbgrader's gradebook, and the one who writes to it."""
