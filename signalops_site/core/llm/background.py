"""One event loop per process, in a thread of its own, where calls wait for their providers.

Connections to providers belong to the loop, so it lives as long as the process: the next run finds them open. A
process that is forked from another one gets its own.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class _Background:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin it there; the future is for waiting and for cancelling."""
        return asyncio.run_coroutine_threadsafe(work, self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="llm calls", daemon=True).start()
            return self._loop

    def forget_after_fork(self) -> None:
        """The thread of the loop stayed with the parent."""
        self._lock = threading.Lock()
        self._loop = None


background = _Background()
os.register_at_fork(after_in_child=background.forget_after_fork)
