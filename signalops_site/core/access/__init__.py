"""Who may come in: API keys, tokens, WebSocket tickets, members, and the lock after too many wrong passwords."""
