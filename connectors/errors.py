"""What can go wrong with a platform, drawn once. Each says how a collecting run goes on.

    ConnectorError                 the platform refused or did not answer
      |-- AccountNeeded            this needs an account, and there is none         the query is passed over
      |-- Refused                  the account is refused, or owes (401-403)       the account's queries pause
      |     `-- Expired            its key has run out                              the same
      |-- RateLimited              too many requests (429, or our own count)        the platform's queries wait
      |     `-- BudgetHeld         others have reserved the rest of the month's     the query waits for them
      |-- OverBudget               the account's budget for the month is spent      its queries are put off
      |-- NoAnswer                 cut or slow, after some tries                    the platform's queries wait
      |     `-- InTrouble          it answers 5xx                                   the same
      |-- BadQuery                 the platform does not take this query (400, 422) the query fails
      |-- NotSent                  it refused this reply: nothing was posted        (sending: failed)
      |-- NotSure                  a reply may be there or not                      (sending: unknown)
      |-- NotThere                 no such thing there (404)                        the query fails
      |     `-- Gone               it was there and is deleted (410)                the same
      `-- BadAnswer                it answered with something else than its API     the query fails

`detail` is a sentence for people and never holds a key, a token or a post's text.
"""

from signalops_site.core.errors import Unavailable


class ConnectorError(Unavailable):
    """A platform refused or did not answer.

    `retry_after` is in seconds, when the platform said it; `code` is its own name for what is wrong, and
    `answered` the status of its answer (0: there was none).
    """

    title = "The platform did not answer as it should"
    stops_platform = False
    """Whether asking the same platform something else now would only meet the same."""
    may_pass = False
    """Whether the same question may be answered a little later."""

    def __init__(
        self, detail: str, *, retry_after: float | None = None, code: str = "", answered: int = 0
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.code = code
        self.answered = answered


class AccountNeeded(ConnectorError):
    title = "This needs an account"


class Refused(ConnectorError):
    title = "The platform refuses the account"
    stops_platform = True


class Expired(Refused):
    title = "The account's key has run out"


class RateLimited(ConnectorError):
    title = "The platform asks to wait"
    stops_platform = True
    may_pass = True


class BudgetHeld(RateLimited):
    title = "The account's budget is reserved"
    stops_platform = False


class OverBudget(ConnectorError):
    """Nobody waits for the next month: each run asks the budget anew, and an operator may raise it meanwhile."""

    title = "The account's budget is spent"


class NoAnswer(ConnectorError):
    title = "The platform does not answer"
    stops_platform = True
    may_pass = True


class InTrouble(NoAnswer):
    title = "The platform is in trouble"


class BadQuery(ConnectorError):
    title = "The platform does not take this query"


class NotSent(ConnectorError):
    """A definite refusal of one reply. `detail` is the platform's reason."""

    title = "The platform refuses this reply"


class NotSure(ConnectorError):
    """A write was cut, timed out, or met a 5xx after its body had gone: it may have been done."""

    title = "It is not known whether the platform took it"


class NotThere(ConnectorError):
    title = "There is no such thing at the platform"


class Gone(NotThere):
    title = "It is gone from the platform"


class BadAnswer(ConnectorError):
    title = "The platform answers with something else"
    may_pass = True
