"""A static site: the app's panels over files that hold the answers, served by any file server."""
