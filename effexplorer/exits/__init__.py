"""Exits: tables of every exit's answers, their calibration, and the policies by which rows leave.

Pure functions of arrays: nothing here knows a model, and nothing loads torch.
"""
