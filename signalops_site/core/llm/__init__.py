"""Calls to language models: one gateway, a ledger of every call, budgets, and traces.

requests   what is asked, and what comes back
gateway    asks: cache, budget, retries, fallbacks; the one module that imports LiteLLM
ledger     the rows of every call, which are the cache as well
tracing    one generation a call at Langfuse, where that is configured
"""
