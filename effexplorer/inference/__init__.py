"""Multi-exit inference: typed text in, and each row leaves at the exit where it is sure enough."""
