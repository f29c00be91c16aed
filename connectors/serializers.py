"""What the endpoints of connectors read and answer. Credentials are read, and never answered."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from signalops_site.core.bodies import StrictSerializer

from .base import Capability
from .budgets import ReadMonth, read_months
from .models import Account, RateWindow
from .rules import Mode, Relation, Training
from .selectors import is_connected_by_consent


class CredentialFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField(help_text="where a person finds it")
    is_secret = serializers.BooleanField(help_text="to be typed unseen")
    is_required = serializers.BooleanField(help_text="false: may be left out")


class PlatformSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    capabilities = serializers.ListField(
        child=serializers.ChoiceField(choices=[(each.value, each.value) for each in Capability])
    )
    account = serializers.ChoiceField(
        choices=[(word, word) for word in ("none", "optional", "required")],
        help_text="optional: some queries work without one",
    )
    default_base_url = serializers.CharField(
        help_text="where an account is unless it says otherwise; may be empty"
    )
    credentials = CredentialFieldSerializer(many=True, help_text="what an account consists of")
    oauth = serializers.BooleanField(help_text="whether a person connects accounts, by agreeing at the platform")


def _choices(words: type[Mode] | type[Relation] | type[Training]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class SourcedSerializer(serializers.Serializer[Any]):
    """`source` is added late: as an attribute it would hide the serializer's own."""

    def get_fields(self) -> dict[str, Any]:
        source = serializers.CharField(help_text="where the rule was read; empty: it is our own")
        return {**super().get_fields(), "source": source}


class ReplyPolicySerializer(SourcedSerializer):
    """How one post may be answered, and the rule that says so."""

    mode = serializers.ChoiceField(
        choices=_choices(Mode),
        help_text="api: by the platform's API; assisted: by a person in its own reply box; blocked: not at all",
    )
    rule = serializers.CharField()
    read_on = serializers.DateField(allow_null=True, help_text="null: no rule is known")


class RuleSerializer(SourcedSerializer):
    tier = serializers.CharField(help_text="the access that the account has")
    relations = serializers.ListField(
        child=serializers.ChoiceField(choices=_choices(Relation)),
        help_text="how the author stands to the account",
    )
    mode = serializers.ChoiceField(choices=_choices(Mode))
    rule = serializers.CharField(source="sentence")
    read_on = serializers.DateField()


class ContentRuleSerializer(SourcedSerializer):
    training = serializers.ChoiceField(choices=_choices(Training), help_text="may models be trained on posts?")
    deleted_within_hours = serializers.IntegerField(
        allow_null=True, help_text="how fast a post that was deleted there has to go here; null: not known"
    )
    rule = serializers.CharField(source="sentence")
    read_on = serializers.DateField()


class PlatformPolicySerializer(serializers.Serializer[Any]):
    platform = serializers.CharField()
    rules = RuleSerializer(source="policy.rules", many=True, help_text="for replies; without any nothing is sent")
    content = ContentRuleSerializer(source="policy.content", allow_null=True, help_text="null: nothing is known")
    messages = RuleSerializer(
        source="policy.messages",
        allow_null=True,
        help_text="for direct messages to people who have written first; null: none are sent",
    )


class RateWindowSerializer(serializers.ModelSerializer[RateWindow]):
    class Meta:
        model = RateWindow
        fields = ("endpoint", "limit", "remaining", "resets_at")
        read_only_fields = fields


def _usd(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=9, decimal_places=2, **options)


class ReadBudgetSerializer(serializers.Serializer[Any]):
    """What an account has read in this month, and what it may."""

    month = serializers.DateField(help_text="its first day, UTC")
    posts = serializers.IntegerField(help_text="posts that were read")
    usd = _usd(allow_null=True, help_text="what they cost; null: no price is known")
    posts_limit = serializers.IntegerField(allow_null=True, help_text="null: any number")
    usd_limit = _usd(allow_null=True, help_text="null: any sum")
    usd_per_post = serializers.DecimalField(
        max_digits=9, decimal_places=6, allow_null=True, help_text="the platform's price; null: none is known"
    )


class AccountListSerializer(serializers.ListSerializer[Account]):
    """Asks for the budgets of all accounts at once."""

    months: Mapping[int, ReadMonth] | None = None

    def to_representation(self, data: Any) -> Any:
        accounts = list(data)
        self.months = read_months(accounts)
        return super().to_representation(accounts)


class AccountSerializer(serializers.ModelSerializer[Account]):
    project = serializers.SlugField(
        source="project.slug",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="null: all projects share it",
    )
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    oauth = serializers.SerializerMethodField(
        help_text="whether a person connects it, by agreeing at the platform"
    )
    windows = RateWindowSerializer(many=True, read_only=True, help_text="requests left, as the platform said")
    budget = serializers.SerializerMethodField(help_text="what it has read in this month, and what it may")

    class Meta:
        model = Account
        list_serializer_class = AccountListSerializer
        fields = (
            "id",
            "project",
            "platform",
            "label",
            "base_url",
            "handle",
            "scopes",
            "tier",
            "state",
            "oauth",
            "last_checked_at",
            "last_error",
            "windows",
            "budget",
            "created_at",
        )
        read_only_fields = fields

    def get_oauth(self, account: Account) -> bool:
        return is_connected_by_consent(account)

    @extend_schema_field(ReadBudgetSerializer)
    def get_budget(self, account: Account) -> Any:
        listed = getattr(self.parent, "months", None) or read_months([account])
        return ReadBudgetSerializer(listed[account.pk]).data


class CredentialsField(serializers.DictField):
    """Names and values. What is wrong with them is said without repeating them."""

    child = serializers.CharField(trim_whitespace=False, max_length=4096)


class ConnectSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(
        help_text="where the person agrees, in the browser in which they are signed in here"
    )


class RotateAccountSerializer(StrictSerializer):
    credentials = CredentialsField(write_only=True, help_text="the fields that the platform's `credentials` name")


class TierSerializer(StrictSerializer):
    tier = serializers.CharField(max_length=32, help_text="one of those that the platform's rules name")


class SetBudgetSerializer(StrictSerializer):
    posts_limit = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=1_000_000_000, help_text="posts in a month; null: any number"
    )
    usd_limit = _usd(
        allow_null=True,
        min_value=Decimal(0),
        help_text="US dollars in a month, where a price is known; null: any sum",
    )


class AddAccountSerializer(RotateAccountSerializer):
    project = serializers.SlugField(
        max_length=63, allow_null=True, default=None, help_text="null: for all projects; takes a superuser"
    )
    platform = serializers.CharField(max_length=32)
    base_url = serializers.CharField(
        max_length=300, allow_blank=True, default="", help_text="the instance; empty: the platform's own"
    )

    def get_fields(self) -> dict[str, Any]:
        """`label` is added here: as an attribute it would hide the serializer's own."""
        label = serializers.CharField(max_length=100, default="main", help_text="what you call it")
        return super().get_fields() | {"label": label}
