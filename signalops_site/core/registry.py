"""One way to plug things in: connectors, scoring plugins and pipeline stages all live in a `Registry`.

A registry discovers the modules of one folder, lets installed packages add more through an entry
point group, and is read-only once loaded. A module that does not import, or a name given twice,
stops `manage.py check` with the file's name, instead of silently leaving something out.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, TypeVar

from django.conf import settings

T = TypeVar("T")


class RegistryError(Exception):
    """A plugin that cannot be registered: a broken module, a missing name or a name taken twice."""


class Registry(Generic[T]):
    """Named plugins of one kind.

    `package` is the dotted folder whose modules are discovered; `entry_point_group` names what
    installed packages may add (switched off by `settings.DISCOVER_ENTRY_POINTS = False`).
    """

    def __init__(self, kind: str, *, package: str, entry_point_group: str | None = None) -> None:
        self.kind = kind
        self.package = package
        self.entry_point_group = entry_point_group
        self._items: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """Decorate a class, or call with an instance, to make it known under `name`."""

        def add(item: T) -> T:
            if self._loaded:
                raise RegistryError(f"{self.kind} {name!r} came too late: the registry is already in use.")
            if not name:
                raise RegistryError(f"A {self.kind} in {_home(item)} has no name.")
            if name in self._items and _home(self._items[name]) != _home(item):
                raise RegistryError(
                    f"Two {self.kind}s are called {name!r}: {_home(self._items[name])} and {_home(item)}."
                )
            self._items[name] = item
            return item

        return add

    def load(self) -> None:
        """Import every module of the folder and every entry point; then close the registry."""
        if self._loaded:
            return
        for module in _modules_of(self.package):
            _import(module, kind=self.kind)
        if self.entry_point_group and settings.DISCOVER_ENTRY_POINTS:
            for entry in entry_points(group=self.entry_point_group):
                _load_entry_point(entry.load, name=entry.name, kind=self.kind)
        self._loaded = True

    def items(self) -> Mapping[str, T]:
        """All plugins by name, in alphabetical order."""
        self.load()
        return dict(sorted(self._items.items()))

    def get(self, name: str) -> T:
        """The plugin of that name; KeyError says which names there are."""
        self.load()
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(sorted(self._items)) or "none"
            raise KeyError(f"No {self.kind} is called {name!r}. There are: {known}.") from None

    def __contains__(self, name: object) -> bool:
        self.load()
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self.items())


def _home(item: object) -> str:
    module = getattr(item, "__module__", None) or type(item).__module__
    qualname = getattr(item, "__qualname__", None) or type(item).__qualname__
    return f"{module}.{qualname}"


def _modules_of(package: str) -> list[str]:
    folder: ModuleType = importlib.import_module(package)
    names = (info.name for info in pkgutil.iter_modules(folder.__path__))
    return [f"{package}.{name}" for name in sorted(names) if not name.startswith("_")]


def _import(module: str, *, kind: str) -> None:
    try:
        importlib.import_module(module)
    except RegistryError:
        raise
    except Exception as error:
        raise RegistryError(f"The {kind} module {module} does not import: {error!r}") from error


def _load_entry_point(load: Callable[[], object], *, name: str, kind: str) -> None:
    try:
        load()
    except RegistryError:
        raise
    except Exception as error:
        raise RegistryError(f"The {kind} entry point {name!r} does not load: {error!r}") from error
