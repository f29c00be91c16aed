"""Dates as the dashboard writes them: day before month, 24 hours. All times are UTC."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
