"""What a connector is handed: where to ask, as whom, what the project chose, and what processes share.

Connectors know no database. Whoever keeps rate windows or sessions for them gives them an object of these
shapes; by itself a connector counts nothing and forgets its session.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar, get_args

from django.utils import timezone
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

T = TypeVar("T")


class Caller(Protocol):
    """Calls something where it may be called: connectors run in threads that have no database of their own."""

    def __call__(self, call: Callable[[], T], /) -> T: ...


def directly(call: Callable[[], T], /) -> T:
    """Here and now."""
    return call()


def _typable(value: SecretStr) -> SecretStr:
    """A key travels in a header: what is no visible ASCII was pasted by mistake."""
    text = value.get_secret_value()
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("is empty, or holds characters that no key has")
    return value


SecretText = Annotated[SecretStr, AfterValidator(_typable)]


class Credentials(BaseModel):
    """What an account of a platform consists of. Each field has a description; what is secret is a SecretText."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, given: Any) -> Any:
        """A field that may be left out is left out by an empty line in a form, too."""
        if not isinstance(given, Mapping):
            return given
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in given.items() if value != "" or name not in optional}

    @classmethod
    def hides(cls, name: str) -> bool:
        """Whether a field is secret: typed unseen, and never shown."""
        annotation = cls.model_fields[name].annotation
        kinds = get_args(annotation) or (annotation,)  # those of `SecretText | None` are still annotated
        return any(getattr(kind, "__origin__", kind) is SecretStr for kind in kinds)

    def secrets(self) -> tuple[str, ...]:
        """The values of the secret fields, in the clear: for masking them, and for nothing that shows them."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))

    def texts(self) -> tuple[str, ...]:
        """All values that are text, secret or not, in the clear."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return (*self.secrets(), *(value for value in values if isinstance(value, str)))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a platform's headers say is left: `remaining` of `limit` requests until `resets_at` (our clock)."""

    limit: int | None
    remaining: int
    resets_at: datetime

    def seconds_left(self) -> float:
        return max((self.resets_at - timezone.now()).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Window:
    """What a platform allows by its documentation: so many requests in so many seconds."""

    limit: int
    seconds: int


class Limits(Protocol):
    def reserve(self, endpoint: str) -> None:
        """Count a request that is about to be made; RateLimited when none is left."""

    def observe(self, endpoint: str, allowance: Allowance) -> None:
        """Take over what the answer's headers said."""


Session = Mapping[str, Any]


class SessionStore(Protocol):
    """Where a signed-in session is kept between searches. Its values are secrets."""

    def load(self) -> Session: ...

    def save(self, session: Session) -> None: ...

    def renew(self, renewed: Callable[[Session], Session], *, unless: Callable[[Session], bool]) -> Session:
        """Replace the session by what `renewed` makes of it, unless it is good by now; the one that is kept.

        Of all who ask at once one makes it and the others get what it made. What `renewed` raises changes nothing.
        """


class Uncounted:
    """Limits that hold nothing back."""

    def reserve(self, endpoint: str) -> None:
        """Every request may go."""

    def observe(self, endpoint: str, allowance: Allowance) -> None:
        """Nobody asks for it again."""


class ForgetfulSession:
    """A session that lasts as long as its connector."""

    def __init__(self, session: Session | None = None) -> None:
        self._session: Session = session or {}

    def load(self) -> Session:
        return self._session

    def save(self, session: Session) -> None:
        self._session = session

    def renew(self, renewed: Callable[[Session], Session], *, unless: Callable[[Session], bool]) -> Session:
        """Nobody else has this session, so nobody is waited for."""
        if not unless(self._session):
            self._session = renewed(self._session)
        return self._session


@dataclass(frozen=True, slots=True)
class Access:
    """`base_url` is where requests go, and empty for the platform's own address; `home` is whose address that
    stands for, when it is a gateway's or a stand-in's. `options` is the platform's section of project.yaml.
    """

    base_url: str = ""
    credentials: Credentials | None = field(default=None, repr=False)
    options: BaseModel | None = None
    limits: Limits = field(default_factory=Uncounted, repr=False)
    session: SessionStore = field(default_factory=ForgetfulSession, repr=False)
    home: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom a platform knows an account, and what it lets it do."""

    handle: str
    scopes: tuple[str, ...] = ()
