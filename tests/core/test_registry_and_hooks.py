from pathlib import Path

import pytest

from signalops_site.core.hooks import Hook
from signalops_site.core.registry import Registry, RegistryError


def test_a_broken_module_is_named(plugged: Path) -> None:
    (plugged / "broken.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(RegistryError, match=r"plugged\.broken does not import"):
        Registry[object]("thing", package="plugged").load()


def test_a_private_module_is_left_alone(plugged: Path) -> None:
    (plugged / "_notes.py").write_text("raise RuntimeError\n")
    registry = Registry[object]("thing", package="plugged")
    registry.load()
    assert list(registry) == []


def test_a_name_taken_twice_is_refused() -> None:
    registry = Registry[type]("thing", package="plugged")
    registry.register("a")(int)
    with pytest.raises(RegistryError, match="Two things are called 'a'"):
        registry.register("a")(str)


def test_nothing_can_be_added_once_it_is_in_use(plugged: Path) -> None:
    registry = Registry[type]("thing", package="plugged")
    registry.load()
    with pytest.raises(RegistryError, match="too late"):
        registry.register("a")(int)


def test_an_unknown_name_lists_the_known_ones(plugged: Path) -> None:
    registry = Registry[type]("thing", package="plugged")
    registry.register("a")(int)
    with pytest.raises(KeyError, match="There are: a"):
        registry.get("b")


def test_handlers_run_by_name() -> None:
    hook: Hook[[list[str]], None] = Hook("test")
    hook.register("second", lambda seen: seen.append("second"))
    hook.register("first", lambda seen: seen.append("first"))
    seen: list[str] = []
    hook.call(seen)
    assert seen == ["first", "second"]


def test_two_handlers_cannot_share_a_name() -> None:
    hook: Hook[[], None] = Hook("test")
    hook.register("a", lambda: None)
    with pytest.raises(ValueError, match="already has a handler"):
        hook.register("a", lambda: None)
