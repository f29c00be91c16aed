"""Core's endpoints. Views parse, call one function and present; every list and row is scoped by `permissions`."""
