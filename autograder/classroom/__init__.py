"""A class whose work is handed in elsewhere.

template* makes what it starts from; collecting/ takes in what comes back, and collected says from
where; exported is what goes out of it; publishing/ tells each student.
"""
