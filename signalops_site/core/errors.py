"""The tree of errors that services raise, drawn once.

    DomainError                something a person or program asked for cannot be done          400
      |-- ConfigError          a project.yaml that does not hold; carries every problem found  422
      |-- NotFound             no such thing, or not yours to see                              404
      |-- NotAllowed           your role does not reach this far                               403
      |-- Conflict             the state has moved on; read again and decide again             409
      |     |-- RunIsLive      another run of this kind holds the project's lease              409
      |     |-- BudgetSpent    what may be spent in this month is spent                        409
      |     `-- BudgetReserved the rest of it is reserved by others, who may give it back      409
      `-- Unavailable          a part outside this process cannot be reached right now         503
            `-- ConnectorError a platform refused or did not answer (in `connectors`)          503

Each carries a sentence that says what is wrong and how to mend it. `api.problem_details` turns
the tree into `application/problem+json`; commands print the sentence and exit with 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal


class DomainError(Exception):
    """A refusal that its receiver can understand and act on."""

    status = 400
    title = "This cannot be done"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(DomainError):
    status = 404
    title = "Not found"


class NotAllowed(DomainError):
    status = 403
    title = "Not allowed"


class Conflict(DomainError):
    status = 409
    title = "The state has moved on"


class RunIsLive(Conflict):
    title = "A run is already live"


class BudgetSpent(Conflict):
    """`renews_on` is the first day of the next month."""

    title = "The month's budget is spent"

    def __init__(self, detail: str, *, renews_on: date) -> None:
        super().__init__(detail)
        self.renews_on = renews_on


class BudgetReserved(Conflict):
    title = "The month's budget is reserved"


class Unavailable(DomainError):
    status = 503
    title = "Not reachable right now"


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing wrong in a project.yaml. `path` is dotted (`queries.0.text`); lines count from 1."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.path}: {self.message}" if self.path else f"{where}{self.message}"


class ConfigError(DomainError):
    status = 422
    title = "The configuration does not hold"

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
