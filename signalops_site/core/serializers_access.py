"""What the endpoints of tokens, keys and members read and answer."""

from typing import Any

from rest_framework import serializers

from .bodies import StrictSerializer
from .models import ApiKey, Membership, Project, Role


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="to be sent as `Authorization: Bearer ...`")
    refresh = serializers.CharField(help_text="good for one new pair")


class RefreshTokenSerializer(StrictSerializer):
    refresh = serializers.CharField(max_length=4096)


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="opens one socket: `/ws/pipeline?project=SLUG&ticket=...`")
    expires_in = serializers.IntegerField(help_text="seconds")


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    prefix = serializers.CharField(source="__str__", read_only=True, help_text="the part that may be shown")
    owner = serializers.CharField(source="owner.username", read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="the most that it may do")
    projects = serializers.SerializerMethodField(help_text="slugs of those that you see as well")

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "owner",
            "role",
            "all_projects",
            "projects",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields = fields

    def get_projects(self, key: ApiKey) -> list[str]:
        seen: frozenset[int] | None = self.context.get("seen_projects")
        return [project.slug for project in key.projects.all() if seen is None or project.pk in seen]


class IssuedKeySerializer(serializers.Serializer[Any]):
    api_key = ApiKeySerializer(source="key")
    key = serializers.CharField(source="text", help_text="the key itself: kept nowhere, and not shown again")


class CreateKeySerializer(StrictSerializer):
    name = serializers.CharField(max_length=100, help_text="what it is for")
    role = serializers.ChoiceField(choices=Role.choices, help_text="the most that it may do")
    projects: Any = serializers.ListField(
        child=serializers.SlugField(max_length=63),
        max_length=100,
        help_text="slugs; an empty list: all projects that you have or will have",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.SerializerMethodField(help_text="the full name, or the user name when none is known")
    is_active = serializers.BooleanField(
        source="user.is_active", read_only=True, help_text="false: closed account"
    )
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "username", "name", "is_active", "role", "created_at")
        read_only_fields = fields

    def get_name(self, membership: Membership) -> str:
        return membership.user.get_full_name() or membership.user.get_username()


class RoleSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=Role.choices)


class NamedProjectSerializer(serializers.Serializer[Project]):
    project = serializers.CharField(max_length=63, help_text="the project's slug")


class AddMemberSerializer(StrictSerializer, NamedProjectSerializer):
    username = serializers.CharField(max_length=150, help_text="of an account that exists")
    role = serializers.ChoiceField(choices=Role.choices)
