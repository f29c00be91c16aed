"""A plugin folder with a module that does not import, for the system check."""
