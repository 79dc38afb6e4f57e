"""``python -m effexplorer``: the command line."""

from effexplorer.cli import entry

if __name__ == "__main__":
    entry()
