"""The trust boundary, all of it: the one place where student code runs, and what guards it."""
