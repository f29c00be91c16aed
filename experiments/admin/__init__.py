"""Experiments, what was observed in them, and the model registry. One file for each part."""

from . import experiments, registry

__all__ = ["experiments", "registry"]
