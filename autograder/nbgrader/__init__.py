"""What nbgrader's commands and formgrader load of us, named in the course's nbgrader_config.py."""
