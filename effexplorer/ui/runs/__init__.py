"""The Runs tab: the table of all runs, and up to four of them side by side."""
