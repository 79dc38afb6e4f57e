"""Lessons: a side panel that leads through the app, and links for a class."""
