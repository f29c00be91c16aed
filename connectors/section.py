"""What connectors say of a project.yaml: does each query's platform exist, can it be searched, and is each
address that is chosen for one an address?
"""

from collections.abc import Iterator, Sequence

from signalops_site.core.config.reading import nearest
from signalops_site.core.config.schema import NOT_ACTIVE_YET, ProjectDocument, Query
from signalops_site.core.errors import ConfigProblem

from .addresses import BadAddress
from .base import AccountConnector, Capability, Connector, connectors


def check_queries(document: ProjectDocument) -> Iterator[ConfigProblem]:
    known = connectors.items()
    for index, query in enumerate(document.queries):
        path = f"queries.{index}.platform"
        if query.platform in known:
            if Capability.SEARCH not in known[query.platform].capabilities:
                yield ConfigProblem(path, _cannot_be_searched(query.platform))
            yield from _check_text(known[query.platform], query, document, path=f"queries.{index}.text")
        elif f"platforms.{query.platform}" in NOT_ACTIVE_YET:
            feature = NOT_ACTIVE_YET[f"platforms.{query.platform}"]
            yield ConfigProblem(path, f"not active yet: it arrives with {feature}", severity="warning")
        else:
            yield ConfigProblem(path, f"unknown platform {query.platform!r}{nearest(query.platform, known)}")
    labels = [query.label for query in document.queries]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            yield ConfigProblem(f"queries.{index}.label", f"two queries are labelled {label!r}")
    yield from _check_once(document.queries)


def _check_once(queries: Sequence[Query]) -> Iterator[ConfigProblem]:
    """How far a query has read is kept by its platform and text: the second of the same would find nothing new."""
    first: dict[tuple[str, str], str] = {}
    for index, query in enumerate(queries):
        label = first.setdefault((query.platform, query.text), query.label)
        if label != query.label:
            words = (
                f"the queries {label!r} and {query.label!r} ask {query.platform} for the same: keep one of them"
            )
            yield ConfigProblem(f"queries.{index}.text", words)


def _cannot_be_searched(platform: str) -> str:
    return f"{platform!r} cannot be searched: import its posts with `manage.py importposts` instead"


def _check_text(
    connector: type[Connector], query: Query, document: ProjectDocument, *, path: str
) -> Iterator[ConfigProblem]:
    """A warning: what a platform takes is the account's, too. What `${NAME}` stands for is not known here."""
    options = getattr(document.platforms, query.platform, None)
    if "${" not in query.text and (problem := connector.query_problem(query.text, options)):
        yield ConfigProblem(path, problem, severity="warning")


def check_addresses(document: ProjectDocument) -> Iterator[ConfigProblem]:
    for name, connector in connectors.items().items():
        if issubclass(connector, AccountConnector):
            try:
                connector.chosen_address(getattr(document.platforms, name, None))
            except BadAddress as error:
                yield ConfigProblem(f"platforms.{name}.{connector.address_option}", error.detail)
