from pathlib import Path

import pytest
from django.conf import settings

from signalops_site.core.config.reading import dump_yaml, expand, nearest, read_document, read_project
from signalops_site.core.config.schema import NOT_ACTIVE_YET
from signalops_site.core.errors import ConfigError
from tests.factories import document

VALID = dump_yaml(document().model_dump(mode="json", exclude_unset=True))
EXAMPLES = sorted((settings.BASE_DIR / "projects").glob("*.yaml"))


def problems(source: str) -> list[tuple[str, int | None, str]]:
    return [(p.path, p.line, p.message) for p in read_project(source).problems if p.severity == "error"]


def test_a_valid_file_has_no_errors() -> None:
    reading = read_project(VALID)
    assert reading.errors == []
    assert reading.require().project_id == "tidewater"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_project_is_valid(path: Path) -> None:
    assert read_project(path.read_text()).errors == []


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() -> None:
    found = problems(VALID + "\ndrafts:\n  min_scor: 40\n")
    line = (VALID + "\ndrafts:\n  min_scor: 40\n").splitlines().index("  min_scor: 40") + 1
    assert found == [("drafts.min_scor", line, "unknown key 'min_scor'; did you mean 'min_score'?")]


def test_an_unknown_key_in_a_list_names_its_place() -> None:
    source = VALID.replace("label: everything", "label: everything\n    platfrm: x")
    (found,) = problems(source)
    assert found[0] == "queries.0.platfrm"
    assert "did you mean 'platform'" in found[2]
    assert source.splitlines()[(found[1] or 0) - 1].strip() == "platfrm: x"


def test_every_problem_is_told_at_once() -> None:
    source = VALID.replace("project_name: Tidewater", "project_name: 5") + "\nicp: {min_followers: many}\nfoo: 1\n"
    assert {path for path, _, _ in problems(source)} == {"project_name", "icp.min_followers", "foo"}


def test_a_missing_key_is_told_at_its_section() -> None:
    source = VALID.replace("    system_prompt", "    system_promt").replace("  system_prompt", "  system_promt")
    paths = {path for path, _, _ in problems(source)}
    assert paths == {"relevance.system_prompt", "relevance.system_promt"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "mapping of keys"),
        ("- a\n- b\n", "mapping of keys"),
        ("a: [1, 2\n", "expected"),
        ("a: 1\na: 2\n", "twice"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("a: \x00", "not YAML"),
        ("a: !!python/object:os.system {}\n", "unknown key"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested more than 20"),
        ("x" * 600_000, "larger than"),
    ],
)
def test_what_is_no_project_is_refused_in_a_sentence(source: str, said: str) -> None:
    found = problems(source)
    assert any(said in message for _, _, message in found), found


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("a: 1\na: 2\n", 2, 1, "the same key stands here twice"),
        ("b: 1\n  a: 2\n", 2, 4, "mapping values are not allowed here"),
        ("x: 'abc", 1, 8, "found unexpected end of stream"),
        ("k: &x 1\nb: *x\n", 2, None, "YAML aliases (*name) are not used here; write it out."),
    ],
)
def test_what_is_no_yaml_is_told_at_its_line_and_column(
    source: str, line: int, column: int | None, message: str
) -> None:
    (problem,) = read_project(source).problems
    assert (problem.path, problem.line, problem.column, problem.message) == ("", line, column, message)
    assert problem.severity == "error"


def test_a_problem_stands_at_its_line_and_column() -> None:
    (problem,) = read_project(VALID + "\ndrafts:\n  min_scor: 40\n").problems
    assert (problem.line, problem.column) == ((VALID + "\ndrafts:\n  min_scor: 40").count("\n") + 1, 3)


def test_syntax_errors_carry_their_line() -> None:
    ((_, line, _),) = problems("project_id: demo\nqueries: [\n")
    assert line in (2, 3)


@pytest.mark.parametrize("number", [".nan", ".inf", "-1", "101"])
def test_numbers_that_are_no_scores_are_refused(number: str) -> None:
    assert [path for path, _, _ in problems(VALID + f"\ndrafts: {{min_score: {number}}}\n")] == [
        "drafts.min_score"
    ]


def test_a_broken_rule_is_told_at_its_line() -> None:
    source = VALID + "\nscoring:\n  custom_rules:\n    - name: broken\n"
    source += "      condition: text contains looking for\n      boost: 5\n"
    (found,) = problems(source)
    assert found[0] == "scoring.custom_rules.0.condition"
    assert source.splitlines()[(found[1] or 0) - 1].strip().startswith("condition")
    with pytest.raises(ConfigError, match="must stand in quotes"):
        read_project(source).require()


def test_a_broken_template_is_told_at_its_line() -> None:
    source = VALID + "\ntemplates:\n  - {id: a, name: A, use_when: always, template: 'Hi {{ nobody }}'}\n"
    (found,) = problems(source)
    assert found[0] == "templates.0.template"
    assert "nobody" in found[2]


def test_a_template_cannot_reach_python() -> None:
    attack = "{{ ''.__class__.__mro__ }}"
    source = VALID + f'\ntemplates:\n  - {{id: a, name: A, use_when: always, template: "{attack}"}}\n'
    assert [path for path, _, _ in problems(source)] == ["templates.0.template"]


def test_an_unknown_platform_names_the_nearest() -> None:
    ((path, _, message),) = problems(VALID.replace("platform: sample", "platform: sampel"))
    assert path == "queries.0.platform"
    assert "'sample'" in message


def test_a_key_that_is_not_active_yet_is_a_warning_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NOT_ACTIVE_YET, "stream", "a later release")
    reading = read_project(VALID + "\nstream: {enabled: false}\n")
    assert reading.errors == []
    assert [(warning.path, warning.message) for warning in reading.warnings] == [
        ("stream", "not active yet: it arrives with a later release")
    ]
    assert reading.warnings[0].line == (VALID + "\nstream").count("\n") + 1


def test_redis_is_accepted_with_a_warning() -> None:
    (warning,) = read_project(VALID + "\nredis: {url: anything}\n").warnings
    assert "REDIS_URL" in warning.message
    assert (warning.path, warning.line) == ("redis", (VALID + "\nredis").count("\n") + 1)


def test_a_document_round_trips_through_yaml() -> None:
    first = document(templates=[{"id": "a", "name": "Ä", "use_when": "x: y #", "template": "line\nline\n"}])
    assert read_document(first.model_dump(mode="json")).require() == first


def test_references_are_expanded_only_when_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCT", "https://tide.example")
    monkeypatch.setattr(settings, "CONFIG_ENV_ALLOW", frozenset({"PRODUCT", "UNSET_NAME"}))
    assert expand("see ${PRODUCT}!") == "see https://tide.example!"
    for name, why in {"UNSET_NAME": "is not set in the environment", "HOME": "is not listed"}.items():
        with pytest.raises(ConfigError) as refused:
            expand(f"${{{name}}}")
        (problem,) = refused.value.problems
        assert (problem.path, f"${{{name}}} {why}" in problem.message) == ("", True)


@pytest.mark.parametrize(
    "line",
    [
        'product_url: "\\ud800"',
        'scoring: {keyword_boost: {keywords: ["\\ud800"]}}',
        'redis: {url: "\\ud800"}',
        'description: "\\0"',
        f"product_url: {'x' * 501}",
    ],
)
def test_what_no_database_could_store_is_refused(line: str) -> None:
    source = "\n".join(kept for kept in VALID.splitlines() if not kept.startswith("description"))
    (found,) = problems(f"{source}\n{line}\n")
    assert found[1] == len(source.splitlines()) + 1


def test_a_name_that_its_column_cannot_hold_is_refused() -> None:
    ((path, _, _),) = problems(VALID.replace("project_name: Tidewater", f"project_name: {'x' * 201}"))
    assert path == "project_name"


def test_problems_come_in_the_order_of_their_lines() -> None:
    lines = [line for _, line, _ in problems("zzz: 1\nicp: {min_folowers: 1}\n" + VALID + "\naaa: 1\n")]
    assert len(lines) == 3
    assert lines == sorted(line or 0 for line in lines)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("min_scor", ["max_score", "min_score"], "; did you mean 'min_score'?"),
        ("zzz", ["label", "boost"], "; the keys here are boost, label"),
        ("zzz", [], ""),
    ],
)
def test_the_nearest_word_is_offered_or_else_all_there_are(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("icp: {min_followers: many}", "Input should be a valid integer"),
        ("icp: 5", "Input should be"),
        ('product_url: "\\ud800"', "holds"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_plain_words(line: str, message: str) -> None:
    ((_, _, said),) = problems(f"{VALID}\n{line}\n")
    assert message in said
    assert "Value error" not in said


def test_a_problem_of_no_place_has_no_line() -> None:
    (problem,) = read_project("- a\n").problems
    assert (problem.path, problem.line, problem.column) == ("", None, None)
