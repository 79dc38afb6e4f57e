"""The teacher's view: a page of its own that shows the queue and rules it."""
