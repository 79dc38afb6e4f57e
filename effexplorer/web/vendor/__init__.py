"""Libraries of others that the browser loads, unchanged, each at a pinned version."""
