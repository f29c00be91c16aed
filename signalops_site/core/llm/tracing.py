"""Traces at Langfuse."""
