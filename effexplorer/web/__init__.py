"""Multi-exit inference in the browser: a model's files, and the worker that computes from them."""
