"""The Explore tab: the plane of all runs, its filters, and the budget question."""
