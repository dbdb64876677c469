"""The user's files: which are looked at, and how they are read and written."""
