"""The Orders tab: every order of a set of operators, and whether the order matters."""
