"""Analyses: pure functions of records."""
