"""The Build tab: the pipeline builder, and the job that it starts."""
