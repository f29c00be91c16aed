"""Typed hooks: how an upper floor takes part in what happens on a lower one.

The lower floor publishes a `Hook`; upper apps register in `AppConfig.ready`. Handlers run by name,
in order, inside the caller's transaction: an exception rolls the whole act back. Some of them:

    config_section   core     each app checks its own part of project.yaml
    config_activated core     the registry of models follows a project's new configuration
    eraser           core     each app removes its part of a person
    membership_changed core   leads take back what was given to somebody who may not review any more
    decision         leads    training makes and takes back preference pairs
    post_emptied     leads    training drops the pairs of a post that is gone at its platform
"""

from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Hook(Generic[P, R]):
    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: dict[str, Callable[P, R]] = {}

    def register(self, name: str, handler: Callable[P, R]) -> None:
        """Add a handler. Registering the same one again is harmless (apps may be set up twice in tests)."""
        present = self._handlers.get(name)
        if present is not None and present is not handler:
            raise ValueError(f"The hook {self.name!r} already has a handler called {name!r}.")
        self._handlers[name] = handler

    def run(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[tuple[str, R]]:
        """Call each handler, in the order of their names, and yield (name, answer)."""
        for name in sorted(self._handlers):
            yield name, self._handlers[name](*args, **kwargs)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, R]:
        return dict(self.run(*args, **kwargs))
