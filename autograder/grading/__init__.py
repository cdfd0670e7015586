"""From submissions to reports: the trusted pytest session and what it does with each student."""
