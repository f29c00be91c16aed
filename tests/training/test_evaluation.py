import json
import math
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as project_settings

from leads.judges.base import Label, PostView
from signalops_site.core.errors import DomainError
from tests.leads.judges.conftest import LEDGER
from training.evaluation import (
    GoldPost,
    Group,
    Prediction,
    calibration_error,
    compare_judges,
    evaluate,
    match_asking_phrases,
    read_test_set,
)

R, M, N = Label.RELEVANT, Label.MAYBE, Label.IRRELEVANT
CORPUS = Path(project_settings.BASE_DIR).parent / "shared" / "corpora" / "need_vs_offer.jsonl"


def hand_made() -> tuple[list[Prediction], list[Label]]:
    """Pairs of (said, gold): 8 of 12 right; of 6 relevant posts 4 found, of 6 said to be relevant 4 are."""
    pairs = [(R, R)] * 4 + [(R, M), (R, N), (M, R), (N, R), (M, M)] + [(N, N)] * 3
    said = [Prediction(label, 0.8, latency_ms=2.0, cost_usd=Decimal("0.001")) for label, _ in pairs]
    return said, [gold for _, gold in pairs]


def test_the_figures_of_a_hand_made_table_are_exact() -> None:
    figures = evaluate(*hand_made())
    assert figures["n"] == 12
    assert figures["accuracy"] == pytest.approx(8 / 12)
    assert figures["precision"] == pytest.approx(4 / 6)
    assert figures["recall"] == pytest.approx(4 / 6)
    assert figures["f1"] == pytest.approx(4 / 6)
    assert figures["mcc"] == pytest.approx((4 * 4 - 2 * 2) / 36)
    assert figures["confusion"] == {
        "relevant": {"relevant": 4, "maybe": 1, "irrelevant": 1},
        "maybe": {"relevant": 1, "maybe": 1, "irrelevant": 0},
        "irrelevant": {"relevant": 1, "maybe": 0, "irrelevant": 3},
    }
    assert figures["mean_confidence"] == pytest.approx(0.8)
    assert figures["ece"] == pytest.approx(0.8 - 8 / 12)
    assert figures["latency_ms"] == pytest.approx(2.0)
    assert figures["cost_usd"] == pytest.approx(0.012)


def test_maybe_may_count_as_relevant_on_both_sides() -> None:
    figures = evaluate(*hand_made(), maybe_as_relevant=True)
    assert figures["precision"] == pytest.approx(7 / 8)
    assert figures["recall"] == pytest.approx(7 / 8)
    assert figures["mcc"] == pytest.approx((7 * 3 - 1 * 1) / math.sqrt(8 * 8 * 4 * 4))


def test_the_keys_are_the_public_ones() -> None:
    public = "n accuracy precision recall f1 mcc confusion mean_confidence ece latency_ms cost_usd"
    assert list(evaluate(*hand_made())) == public.split()


def test_nothing_to_evaluate_gives_null_and_no_crash() -> None:
    figures = evaluate([], [])
    assert figures["n"] == 0
    for key in ("accuracy", "precision", "recall", "f1", "mcc", "mean_confidence", "ece", "latency_ms"):
        assert dict(figures)[key] is None
    json.dumps(figures, allow_nan=False)


def test_one_class_only_leaves_the_correlation_open() -> None:
    figures = evaluate([Prediction(N, 0.9)] * 3, [N, N, M])
    assert (figures["mcc"], figures["precision"], figures["recall"]) == (None, None, None)
    assert figures["accuracy"] == pytest.approx(2 / 3)


def test_predictions_and_gold_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="1 predictions for 2"):
        evaluate([Prediction(R, 1.0)], [R, R])


def test_calibration_error_weighs_each_bin_by_its_size() -> None:
    confidences, hits = [0.95, 0.95, 0.95, 1.0, 0.15], [True, True, True, False, False]
    assert calibration_error(confidences, hits) == pytest.approx((abs(3.85 - 3) + 0.15) / 5)


@pytest.mark.parametrize(
    ("text", "label"),
    [("Anyone know a good plumber?", R), ("LOOKING FOR a kettle", R), ("Our kettle is out now", N)],
)
def test_the_yardstick_finds_asking_phrases(text: str, label: Label) -> None:
    assert match_asking_phrases(text).label is label


def test_a_test_set_is_read_in_both_forms(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(
        '{"text": "a", "gold_label": "maybe", "author_bio": "cook"}\n\n'
        '{"title": "b", "text": "c", "label": 1}\n{"text": "d\\u2028e", "label": 0}\n'
    )
    assert read_test_set(path) == [
        GoldPost(PostView(text="a", author_bio="cook"), M),
        GoldPost(PostView(text="b\nc"), R),
        GoldPost(PostView(text="d\u2028e"), N),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"gold_label": "relevant"}',
        '{"text": 5, "gold_label": "relevant"}',
        '{"text": "a", "gold_label": "perhaps"}',
        '{"text": "a", "label": 2}',
        '{"text": "a", "label": true}',
        '{"text": "a", "author_bio": 1, "label": 1}',
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"text": "a", "label": 1}\n' + line + "\n")
    with pytest.raises(DomainError, match="line 2"):
        read_test_set(path)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="cannot be read"):
        read_test_set(tmp_path / "none.jsonl")


def test_judges_are_compared_on_the_same_posts_with_the_yardstick_last() -> None:
    posts = [GoldPost(PostView(text="looking for invoices"), R), GoldPost(PostView(text="hello"), N)]
    figures = compare_judges(["local/keyword"], [Group(LEDGER, posts)])
    assert list(figures) == ["local/keyword", "asking-phrases"]
    assert figures["asking-phrases"]["mcc"] == pytest.approx(1.0)
    assert figures["local/keyword"]["confusion"]["relevant"]["maybe"] == 1


@pytest.mark.corpora
@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpora/need_vs_offer.jsonl")
def test_real_posts_are_read_and_measured() -> None:
    posts = read_test_set(CORPUS)
    figures = compare_judges(["local/keyword"], [Group(LEDGER, posts)])["asking-phrases"]
    assert figures["n"] == 2307
    assert figures["mcc"] is not None
