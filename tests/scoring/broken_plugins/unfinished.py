"""Fails while it is imported, as a plugin with a missing package would."""

raise ImportError("a package that this plugin needs is not installed")
