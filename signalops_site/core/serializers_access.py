"""What the endpoints of tokens, keys and members read and answer."""

from typing import Any

from rest_framework import serializers

from .models import ApiKey, Membership, Project, Role


class TokenPairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="to be sent as `Authorization: Bearer ...`")
    refresh = serializers.CharField(help_text="good for one new pair")


class RefreshTokenSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=4096)


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="opens one socket: `/ws/pipeline?project=SLUG&ticket=...`")
    expires_in = serializers.IntegerField(help_text="seconds")


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    prefix = serializers.CharField(source="__str__", read_only=True, help_text="the part that may be shown")
    owner = serializers.CharField(source="owner.username", read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="the most that it may do")
    projects: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)

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


class IssuedKeySerializer(serializers.Serializer[Any]):
    api_key = ApiKeySerializer(source="key")
    key = serializers.CharField(source="text", help_text="the key itself: kept nowhere, and not shown again")


class CreateKeySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, help_text="what it is for")
    role = serializers.ChoiceField(choices=Role.choices, help_text="the most that it may do")
    projects: Any = serializers.ListField(
        child=serializers.SlugField(max_length=63),
        required=False,
        default=list,
        max_length=100,
        help_text="slugs; none: all projects that you have or will have",
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


class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices)


class NamedProjectSerializer(serializers.Serializer[Project]):
    project = serializers.CharField(max_length=63, help_text="the project's slug")


class AddMemberSerializer(NamedProjectSerializer):
    username = serializers.CharField(max_length=150, help_text="of an account that exists")
    role = serializers.ChoiceField(choices=Role.choices)
