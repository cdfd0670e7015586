# wants: code that no check of its text can read -*- coding: rot13 -*-
# honest: nothing
vzcbeg bf
