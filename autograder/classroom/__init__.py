"""A class whose work is handed in elsewhere: the template it starts from, what comes back, and
what is told to each student there."""
