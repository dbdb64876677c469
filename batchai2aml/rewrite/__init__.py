"""Puts emitted code where the user's statements stood."""
