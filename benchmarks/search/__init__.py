"""Searching among recorded pipelines: the table, the replay, our search and its rivals."""
