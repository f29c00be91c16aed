"""Secrets at rest: what an EncryptedJSONField holds is unreadable without FIELD_ENCRYPTION_KEY.

The setting is a list of Fernet keys with commas between them. The first seals; all of them open. To change
the key, put a new one in front, call `reseal_everything` (`manage.py accounts reseal`), and take the old one away.

A field's value is `Sealed` on both sides, and stays sealed until somebody asks with `open()`: a list of rows
decrypts nothing, a lost key breaks no page, and a secret cannot slip into a log, a traceback or a serializer.
"""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction

from .errors import DomainError

MAKE_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class SecretsUnreadable(DomainError):
    title = "The stored secrets cannot be read"


class Sealed:
    """A JSON value that is encrypted. It shows as `<sealed>` wherever it is printed."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    def open(self) -> Any:
        """The value. SecretsUnreadable when none of the keys opens it."""
        try:
            return json.loads(_fernet().decrypt(self.token.encode()))
        except (InvalidToken, UnicodeEncodeError):
            message = "FIELD_ENCRYPTION_KEY does not open it. Bring the old key back, or enter the secret anew."
            raise SecretsUnreadable(message) from None

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)


def seal(value: Any) -> Sealed:
    """A JSON value (a text is one), encrypted with the first key."""
    return Sealed(_fernet().encrypt(json.dumps(value).encode()).decode())


if TYPE_CHECKING:
    _SealedText = models.TextField[Sealed | None, Sealed | None]
else:
    _SealedText = models.TextField


class EncryptedJSONField(_SealedText):
    """A column of `Sealed` values. It takes nothing else, so that nothing is stored in the clear by mistake."""

    description = "an encrypted JSON value"

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Sealed | None:
        """What `loaddata` reads is the encrypted form, as `dumpdata` wrote it."""
        return value if value is None or isinstance(value, Sealed) else Sealed(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, Sealed):
            return None if value is None else value.token
        raise TypeError(f"{self.name} takes what seal() returns, not a bare {type(value).__name__}.")

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""


def reseal_everything() -> int:
    """Encrypt every stored secret anew with the first key; how many there were. Safe to repeat.

    SecretsUnreadable names the row that none of the keys opens.
    """
    changed = 0
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedJSONField)]
        if names:
            changed += _reseal(model, names)
    return changed


def _reseal(model: type[models.Model], names: list[str]) -> int:
    changed = 0
    for pk in model._default_manager.values_list("pk", flat=True):
        with transaction.atomic():
            row = model._default_manager.select_for_update().get(pk=pk)
            present = [name for name in names if getattr(row, name) is not None]
            for name in present:
                setattr(row, name, _resealed(getattr(row, name), of=f"{row._meta.label} {pk}, {name}"))
            row.save(update_fields=present)
        changed += len(present)
    return changed


def _resealed(secret: Sealed, *, of: str) -> Sealed:
    try:
        return seal(secret.open())
    except SecretsUnreadable as error:
        raise SecretsUnreadable(f"{of}: {error.detail}") from None


def check_keys() -> None:
    """ImproperlyConfigured when FIELD_ENCRYPTION_KEY is not a list of Fernet keys."""
    _fernet_for(settings.FIELD_ENCRYPTION_KEY)


def _fernet() -> MultiFernet:
    return _fernet_for(settings.FIELD_ENCRYPTION_KEY)


@lru_cache(maxsize=4)
def _fernet_for(setting: str) -> MultiFernet:
    keys = [key.strip() for key in setting.split(",") if key.strip()]
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        message = f"FIELD_ENCRYPTION_KEY holds Fernet keys, with commas between them. One is made by: {MAKE_KEY}"
        raise ImproperlyConfigured(message) from None
