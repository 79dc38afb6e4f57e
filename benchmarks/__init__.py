"""Every performance claim as a command that prints ratios against the peer it names."""
