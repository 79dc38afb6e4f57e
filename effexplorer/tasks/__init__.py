"""Tasks: what there is to classify, the data, and how GLUE scores it."""
