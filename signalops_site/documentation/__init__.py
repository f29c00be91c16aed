"""Pages under docs/ that are made from the code, so that they cannot say something else (`make docs`)."""
