"""The web app: one file per tab, and the panels that draw with their own JavaScript and CSS."""
