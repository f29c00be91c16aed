"""`manage.py doctor`: is this install well? Each finding comes with its mend, and nothing is changed."""
