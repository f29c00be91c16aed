"""What the migration makes of posts that were read before Mastodon's ids named their instance."""

import importlib
from typing import Any

import pytest
from django.apps import apps

from leads.models import Post

from ..factories import PostFactory

pytestmark = pytest.mark.django_db
migration: Any = importlib.import_module("leads.migrations.0010_ids_of_instances")


def kept(identity: str, community: str = "Harbour.example", **more: Any) -> None:
    PostFactory.create(platform="mastodon", platform_post_id=identity, community=community, author=None, **more)


def ids() -> set[str]:
    return set(Post.objects.values_list("platform_post_id", flat=True))


def test_ids_name_the_instance_where_the_post_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "BATCH", 2)
    for number in range(3):
        kept(str(number), reply_to_id="7")
    kept("8", community="")
    kept("9@meadow.example", community="meadow.example")
    PostFactory.create(platform="reddit", platform_post_id="5", community="r/freelance", author=None)

    migration.name_instances(apps, None)

    harbour = {f"{number}@harbour.example" for number in range(3)}
    assert ids() == harbour | {"8", "9@meadow.example", "5"}
    replies = Post.objects.filter(platform_post_id__in=harbour).values_list("reply_to_id", "conversation_id")
    assert set(replies) == {("7@harbour.example", "")}

    migration.name_none(apps, None)

    assert ids() == {"0", "1", "2", "8", "9", "5"}


def test_on_the_way_back_the_second_of_two_keeps_its_instance() -> None:
    kept("1@harbour.example")
    kept("1@meadow.example", community="meadow.example")

    migration.name_none(apps, None)

    assert ids() == {"1", "1@meadow.example"}
