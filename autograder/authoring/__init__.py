"""The author's side: the release that students get."""
