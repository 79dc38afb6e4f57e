"""What several tabs share: the panel, errors, looks, and the page of a run."""
