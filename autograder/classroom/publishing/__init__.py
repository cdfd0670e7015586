"""Final grades and feedback, to each student's own repository on GitHub."""
