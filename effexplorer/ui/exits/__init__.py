"""The Early exit tab: typed texts, the threshold, and what each exit answers."""
