"""Faults that systems of this kind have had, each with the test here that has to turn red when it comes back.

`python -m tests.faults` plants them one after the other in a copy of the project. A test is named as its runner
names it: `tests/...py::test_it` (pytest), `frontend/...test.tsx::part of its name` (vitest), or `lint-imports`.
"""

from dataclasses import dataclass

LINTER = "lint-imports"
ASSERTION = r"^(assert|AssertionError|Failed: )"
"""How a message begins that came from a test's own assertion, and not from something that broke on the way."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`before` stands exactly once in `file`; `after` takes its place. `reason` is in what the test says."""

    name: str
    file: str
    before: str
    after: str
    test: str
    reason: str = ASSERTION


FLOORS = (
    Fault(
        "an upward import",
        "scoring/engine.py",
        "from .base import Facts, Points\n",
        "from leads.judges.base import Label\n\nfrom .base import Facts, Points\n",
        LINTER,
        r"scoring is not allowed to import leads",
    ),
    Fault(
        "an import from one middle app into another",
        "connectors/selectors.py",
        "from .models import Account\n",
        "from scoring.base import Facts\n\nfrom .models import Account\n",
        LINTER,
        r"connectors is not allowed to import scoring",
    ),
    Fault(
        "an upward foreign key",
        "signalops_site/core/models/projects.py",
        "    is_active = models.BooleanField(default=True)\n",
        "    is_active = models.BooleanField(default=True)\n"
        '    best = models.ForeignKey("leads.Lead", null=True, on_delete=models.SET_NULL, related_name="+")\n',
        "tests/architecture/test_floors.py::test_every_foreign_key_points_down",
    ),
)

SCORING = (
    Fault(
        "a rule operator turned round",
        "scoring/rule_builder.py",
        '"<": operator.lt,',
        '"<": operator.gt,',
        "tests/scoring/test_rules.py::test_a_true_rule_holds_and_its_negation_does_not",
    ),
    Fault(
        "an unknown fact treated as 0",
        "scoring/rule_facts.py",
        "return value if isinstance(value, float) and not isnan(value) else None",
        "return value if isinstance(value, float) and not isnan(value) else 0",
        "tests/scoring/test_rules.py::test_a_comparison_with_an_unknown_fact_is_false_whatever_the_operator",
    ),
    Fault(
        "an unknown number of followers scored as none",
        "scoring/plugins/authority.py",
        'return 0.0, "followers unknown"',
        "followers = 0",
        "tests/scoring/plugins/test_formulas.py::test_unknown_followers_are_left_out_and_named",
    ),
    Fault(
        "an empty phrase that matches every post",
        "scoring/rule_builder.py",
        "    if not text.strip():\n",
        "    if False:\n",
        "tests/scoring/test_rules.py::test_a_wrong_rule_is_refused_with_its_place",
    ),
    Fault(
        "a phrase found inside a word",
        "scoring/phrases.py",
        "if form in normalized and _stands_in(normalized, form)]",
        "if form in normalized]",
        "tests/scoring/test_phrases.py::test_a_phrase_is_found_as_whole_words",
    ),
    Fault(
        "a keyword found inside a word",
        "leads/judges/keyword.py",
        r'rf"(?<!\w){body}(?!\w)"',
        "body",
        "tests/leads/judges/test_keyword.py::test_a_keyword_matches_whole_words_only_and_is_no_expression",
    ),
    Fault(
        "a broken plugin that takes the whole score with it",
        "scoring/engine.py",
        "        return _failed(active, error)\n",
        "        raise error\n",
        "tests/scoring/test_engine.py::test_a_plugin_that_raises_is_left_out_and_recorded",
        r"Error",
    ),
    Fault(
        "a score above 100",
        "scoring/engine.py",
        "min(max(total, 0.0), HIGHEST)",
        "max(total, 0.0)",
        "tests/scoring/test_engine.py::test_a_total_never_passes_100",
    ),
)

CONFIG = (
    Fault(
        "an unknown key that is ignored",
        "signalops_site/core/config/schema.py",
        'model_config = ConfigDict(extra="forbid", ',
        'model_config = ConfigDict(extra="ignore", ',
        "tests/core/test_config_reading.py::test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one",
        rf"{ASSERTION}|StopIteration|IndexError|ValueError: not enough values",
    ),
    Fault(
        "an unset variable that stays ${NAME} and is posted to",
        "signalops_site/core/config/reading.py",
        '            raise ConfigError([ConfigProblem("", f"${{{name}}} is not set in the environment.")])\n',
        "            return match.group(0)\n",
        "tests/leads/pipeline/test_walk.py::test_an_unset_variable_in_a_query_is_told_and_never_sent",
    ),
    Fault(
        "a variable of the environment that nobody allowed",
        "signalops_site/core/config/reading.py",
        "        if name not in settings.CONFIG_ENV_ALLOW:\n",
        "        if False:\n",
        "tests/core/test_config_reading.py::test_references_are_expanded_only_when_allowed",
    ),
)

ACCESS = (
    Fault(
        "a role check removed",
        "signalops_site/core/permissions.py",
        "    if held.rank < role.rank:\n",
        "    if False:\n",
        "tests/core/test_access_matrix.py::test_everybody_gets_the_answer_of_the_table",
    ),
    Fault(
        "a role check removed from one service",
        "leads/services/undoing.py",
        "    require_role(by, draft.lead.project, Role.REVIEWER)\n    decision = _own_decision_on",
        "    decision = _own_decision_on",
        "tests/core/test_access_matrix.py::test_everybody_gets_the_answer_of_the_table",
    ),
    Fault(
        "an API key that ignores its own role",
        "signalops_site/core/permissions.py",
        "    return held and min(held, highest_role(user), key=lambda role: role.rank)\n",
        "    return held\n",
        "tests/core/test_access_keys.py::test_an_owner_is_never_lowered_by_a_key_but_the_key_is",
    ),
    Fault(
        "an API key that reaches projects it was not made for",
        "signalops_site/core/permissions.py",
        "    if isinstance(user, KeyHolder) and not user.key.all_projects:\n",
        "    if False:\n",
        "tests/core/test_access_keys.py::test_a_key_of_a_deleted_project_does_not_widen",
    ),
    Fault(
        "a revoked API key that still opens",
        "signalops_site/core/access/keys.py",
        "    if key is None or not key.is_usable:\n",
        "    if key is None:\n",
        "tests/core/test_access_keys.py::test_ended_and_made_up_keys_open_nothing",
    ),
    Fault(
        "a WebSocket without a check of its origin",
        "signalops_site/core/routing.py",
        "self.application if allowed else DENIER",
        "self.application",
        "tests/core/test_websocket.py::test_strangers_outsiders_and_other_sites_are_refused",
    ),
    Fault(
        "secrets shown in an answer",
        "connectors/serializers.py",
        '            "handle",\n            "scopes",\n',
        '            "handle",\n            "credentials",\n            "scopes",\n',
        "tests/connectors/test_api.py::test_an_account_answers_nothing_that_is_kept_secret_not_even_sealed",
    ),
    Fault(
        "a consent that somebody else may bring back",
        "connectors/connecting.py",
        "    found = ConnectAttempt.objects.filter(state_digest=_digest(state, session_key), user_id=by.pk)\n",
        "    found = ConnectAttempt.objects.filter(state_digest=_digest(state, session_key))\n",
        "tests/connectors/test_connecting.py::test_another_persons_state_is_theirs",
    ),
    Fault(
        "a refresh token that two processes use",
        "connectors/sessions.py",
        '        return lease if taken else ""\n',
        "        return lease\n",
        "tests/connectors/test_oauth_race.py::test_processes_on_one_file_use_each_refresh_token_once",
    ),
    Fault(
        "the digest of a key shown in an answer",
        "signalops_site/core/serializers_access.py",
        '            "prefix",\n            "owner",\n',
        '            "prefix",\n            "digest",\n            "owner",\n',
        "tests/core/test_access_keys.py::test_a_key_is_shown_once_and_kept_as_a_digest",
    ),
)

AUDIT = (
    Fault(
        "an audit digest that does not cover who acted",
        "signalops_site/core/audit_digest.py",
        "        content.actor_id,\n",
        "",
        "tests/core/test_audit.py::test_whatever_is_changed_in_an_entry_is_found",
    ),
    Fault(
        "an audit digest that does not cover which project",
        "signalops_site/core/audit_digest.py",
        "        content.scope,\n",
        "",
        "tests/core/test_audit.py::test_an_entry_moved_to_another_project_is_found_in_both",
        rf"{ASSERTION}|Error",
    ),
    Fault(
        "entries cut off the end of the audit log unseen",
        "signalops_site/core/audit_verification.py",
        "        elif head.sequence > self.sequence and head == self.head:\n",
        "        elif False:\n",
        "tests/core/test_audit.py::test_entries_removed_from_the_end_are_missed",
    ),
)

DATA = (
    Fault(
        "a cursor taken from the oldest row of a page",
        "leads/pipeline/query_walk.py",
        "cursor.pending_newest_id = page.newest_id or page.posts[0].id",
        "cursor.pending_newest_id = page.newest_id or page.posts[-1].id",
        "tests/leads/pipeline/test_walk.py::test_a_second_run_only_takes_what_is_new",
    ),
    Fault(
        "a cursor taken from what a repost reposts",
        "leads/pipeline/query_walk.py",
        "page.newest_id or page.posts[0].id",
        "page.posts[0].id",
        "tests/connectors/test_collecting.py::test_a_query_with_reposts_reads_on_from_the_repost",
    ),
    Fault(
        "a post that is hidden taken for deleted",
        "connectors/platforms/x.py",
        'if is_asked and problem_code(problem) == "resource-not-found":',
        "if is_asked:",
        "tests/connectors/contract/test_abilities.py::test_x_says_by_type_what_became_of_a_post",
    ),
    Fault(
        "a query that dies with its window",
        "connectors/x_pages.py",
        'if self.since_id and "since_id" in error.detail:',
        "if False:",
        "tests/connectors/test_collecting.py::test_a_query_of_x_outlives_its_window",
    ),
    Fault(
        "others' rules taken away from a stream",
        "connectors/x_stream.py",
        'if rule.get("tag") == tag]',
        "if True]",
        "tests/connectors/test_x_stream.py::test_the_rules_become_those_of_the_project",
    ),
    Fault(
        "a lost cursor",
        "leads/pipeline/query_walk.py",
        "        _mark_read(cursor)\n    cursor.save()\n",
        "        _mark_read(cursor)\n",
        "tests/leads/pipeline/test_walk.py::test_a_second_run_only_takes_what_is_new",
    ),
    Fault(
        "a cursor that an empty answer wipes",
        "leads/pipeline/query_walk.py",
        "cursor.pending_newest_id or cursor.newest_id",
        "cursor.pending_newest_id",
        "tests/connectors/test_collecting.py::test_the_second_run_adds_nothing_and_the_third_only_what_is_new",
    ),
    Fault(
        "a retry that loses posts",
        "leads/pipeline/query_walk.py",
        'cursor.page_token = page.next_token or ""',
        'cursor.page_token = ""',
        "tests/leads/pipeline/test_walk.py::test_a_cut_walk_goes_on_at_its_page_and_loses_nothing",
    ),
    Fault(
        "a failed lead that is never tried again",
        "leads/pipeline/base.py",
        "Q(retry_at__isnull=True, attempts=0) | Q(retry_at__lte=now, attempts__lt=MAX_ATTEMPTS)",
        "Q(retry_at__isnull=True, attempts=0)",
        "tests/leads/pipeline/test_walk.py::test_a_failed_call_is_no_judgment_and_is_tried_again",
    ),
    Fault(
        "a duplicate post that rolls the others back",
        "leads/services/ingest.py",
        "insert_rows(Post, POST_FIELDS, values, ignore_conflicts=True)",
        "insert_rows(Post, POST_FIELDS, (_post_values(post, authors) for post in fetched.values()))",
        "tests/leads/services/test_imports.py::test_importing_again_adds_nothing",
        r"IntegrityError: UNIQUE constraint failed: leads_post",
    ),
    Fault(
        "follower facts lost between connector and score",
        "leads/services/ingest.py",
        "        author.followers,\n",
        "        None,\n",
        "tests/leads/pipeline/test_walk.py::test_author_facts_survive_to_the_score",
    ),
    Fault(
        "a number that a platform hides taken for 0",
        "connectors/platforms/bluesky.py",
        'followers=as_count(view.get("followersCount")),',
        'followers=as_count(view.get("followersCount")) or 0,',
        "tests/connectors/contract/test_unknown_facts.py::test_a_bluesky_author_whose_profile_is_not_told_is_known_by_name_only",
    ),
    Fault(
        "an unknown fact that wipes a known one",
        "leads/services/ingest.py",
        'value not in (None, "", getattr(row, name))',
        "value != getattr(row, name)",
        "tests/leads/pipeline/test_walk.py::test_a_fact_that_is_unknown_this_time_wipes_none_that_was_known",
    ),
    Fault(
        "a stale search document after a deletion",
        "leads/search/sqlite.py",
        '"BEGIN DELETE FROM leads_search WHERE rowid = old.id; END"',
        '"BEGIN SELECT 1; END"',
        "tests/leads/search/test_matching.py::test_a_deleted_lead_leaves_no_document",
    ),
    Fault(
        "words of an erased person left in the index",
        "leads/services/erasing.py",
        "        search.forget_words()\n",
        "        pass\n",
        "tests/leads/services/test_erasing.py::test_no_word_of_the_person_is_left_in_the_search_index",
    ),
)

PIPELINE = (
    Fault(
        "a stage that judges twice",
        "leads/pipeline/stages/judge.py",
        "exclude_verdict(view, document.relevance) or kept.get(lead.pk)",
        "exclude_verdict(view, document.relevance)",
        "tests/leads/pipeline/test_walk.py::test_no_lead_is_judged_twice_by_the_same_model_and_prompt",
    ),
    Fault(
        "a person's label that the judge overrules",
        "leads/pipeline/stages/judge.py",
        "    if lead.labelled_by_human:\n",
        "    if False:\n",
        "tests/leads/pipeline/test_walk.py::test_a_persons_label_outweighs_the_judge",
    ),
    Fault(
        "an old lead announced again on each run",
        "leads/pipeline/stages/notify.py",
        "        .filter(~Exists(announced))\n",
        "        .filter(Exists(announced) | ~Exists(announced))\n",
        "tests/leads/pipeline/test_walk.py::test_a_lead_is_announced_once",
    ),
    Fault(
        "a model whose activation for a project changes nothing",
        "experiments/services.py",
        '        name_model(scope, model.model_type, model.model_id, by=by)\n    audit.record("model.activate"',
        '        pass\n    audit.record("model.activate"',
        "tests/experiments/test_services.py::test_the_next_run_uses_the_model_that_was_activated",
    ),
    Fault(
        "a model whose activation for all projects changes nothing",
        "leads/judges/factory.py",
        "    return active.model_id if active else DEFAULT_MODEL_ID\n",
        "    return DEFAULT_MODEL_ID\n",
        "tests/experiments/test_services.py::test_a_model_that_is_active_for_all_judges_where_none_was_chosen",
    ),
    Fault(
        "a write to a platform that is tried twice",
        "connectors/http.py",
        '        return self._ask("POST", path, endpoint or path, issues=issues, headers=headers, **sent)\n',
        "        try:\n"
        '            return self._ask("POST", path, endpoint or path, issues=issues, headers=headers, **sent)\n'
        "        except NoAnswer:\n"
        '            return self._ask("POST", path, endpoint or path, issues=issues, headers=headers, **sent)\n',
        "tests/connectors/test_http.py::test_what_writes_is_never_tried_again",
    ),
    Fault(
        "a socket that tells the first events and no more",
        "signalops_site/core/consumers.py",
        "                more = await self._send_batch()\n",
        "                more = await self._send_batch()\n                return\n",
        "tests/core/test_websocket.py::test_everything_after_a_number_is_replayed_and_then_followed",
        rf"{ASSERTION}|TimeoutError",
    ),
)

LISTS = (
    Fault(
        "a keyset over a column that may hold NULL",
        "leads/views.py",
        '"created": ("-created_at", "-id")}',
        '"created": ("-scored_at", "-id")}',
        "tests/core/test_pagination.py::test_no_list_is_ordered_by_a_column_that_may_hold_null",
    ),
    Fault(
        "a row without a place in a list, passed over in silence",
        "signalops_site/core/pagination.py",
        "        if any(value is None for value in values):\n",
        "        if False:\n",
        "tests/core/test_pagination.py::test_a_row_without_a_place_in_the_order_is_an_error_of_ours",
    ),
    Fault(
        "a cursor that loses microseconds",
        "signalops_site/core/pagination.py",
        'return o.isoformat() if hasattr(o, "isoformat") else super().default(o)',
        "return super().default(o)",
        "tests/core/test_pagination.py::test_ties_neither_skip_nor_repeat_a_row",
    ),
    Fault(
        "a list with a query for each row",
        "leads/selectors.py",
        '        leads.select_related("project", "post__author")\n',
        '        leads.select_related("project", "post")\n',
        "tests/leads/api/test_leads.py::test_a_list_or_detail_takes_as_many_queries_for_50_as_for_5",
    ),
    Fault(
        "a queue with a query for each row",
        "leads/selectors.py",
        '            "lead__queries", _judgments',
        "            _judgments",
        "tests/leads/api/test_queue.py::test_the_queue_takes_as_many_queries_for_20_as_for_5",
    ),
    Fault(
        "a list that counts the whole table",
        "signalops_site/core/pagination.py",
        "rows.count() if _wants_count(request.query_params) else None",
        "rows.count()",
        "tests/core/test_pagination.py::test_a_page_is_two_queries_without_offset_or_count",
    ),
)

MARKUP = (
    Fault(
        "a post that is not escaped in a page of the admin",
        "signalops_site/core/admin/display.py",
        "return format_html('<div class=\"so-prose\">{}</div>', text)",
        "return format_html('<div class=\"so-prose\">' + text + '{}</div>', '')",
        "tests/signalops_site/test_admin.py::test_what_posts_say_is_text",
    ),
    Fault(
        "a link of a post that runs a script, in the admin",
        "signalops_site/core/admin/display.py",
        'if parts.scheme not in {"http", "https"} or not parts.netloc:',
        'if parts.scheme == "":',
        "tests/signalops_site/test_admin.py::test_what_posts_say_is_text",
    ),
    Fault(
        "a post that is not escaped in the dashboard",
        "frontend/src/components/lead/post-view.tsx",
        'whitespace-pre-wrap">\n          {post.text}\n        </p>',
        'whitespace-pre-wrap" dangerouslySetInnerHTML={{ __html: post.text }} />',
        "frontend/src/features/leads/leads-page.test.tsx::shows the post as text, never as markup",
        r"AssertionError|TestingLibraryElementError|Error: expect\(",
    ),
    Fault(
        "a link of a post that runs a script, in the dashboard",
        "frontend/src/components/ui/safe-link.tsx",
        'return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;',
        "return parsed.href;",
        "frontend/src/components/ui/safe-link.test.ts::takes web addresses and nothing else for a link",
        r"AssertionError",
    ),
)

POLICY = (
    Fault(
        "a gate that lets through what it does not know",
        "connectors/policies.py",
        'return Policy(Mode.BLOCKED, f"No rule of',
        'return Policy(Mode.API, f"No rule of',
        "tests/connectors/test_policies.py::test_what_is_unknown_is_blocked",
    ),
    Fault(
        "a mention of another project's account that counts as one of ours",
        "leads/replying.py",
        "and sender.project_id in (None, lead.project_id)",
        "and lead.project_id",
        "tests/leads/test_replying.py::test_a_mention_counts_when_it_is_of_the_projects_own_account_or_a_shared_one",
    ),
)

MODELS = (
    Fault(
        "a shadowing canary in whose stead another model is asked",
        "leads/pipeline/arms.py",
        "only_watches = self.is_shadow and variant == Variant.CANARY",
        "only_watches = False",
        "tests/leads/pipeline/test_canaries.py"
        "::test_nobody_steps_in_for_a_shadowing_canary_and_it_is_given_up_after_five_tries",
    ),
    Fault(
        "what a canary says of somebody who is erased meanwhile, kept",
        "leads/pipeline/shadow.py",
        "living = lock_living(self._context.project, came)",
        "living = set(came)",
        "tests/leads/pipeline/test_canaries.py::test_who_is_erased_while_the_canary_is_asked_leaves_nothing",
    ),
    Fault(
        "labels of another experiment's disagreements taken for a random sample",
        "experiments/results.py",
        "        rows = rows.filter(experiment__in=disagreeing)\n",
        "        pass\n",
        "tests/experiments/test_results.py"
        "::test_disagreements_of_another_experiment_are_no_sample_of_what_two_arms_agree_on",
    ),
    Fault(
        "an answer that was paid for and is none, counted as free",
        "signalops_site/core/llm/trying.py",
        "        cost=paid.cost,\n",
        "        cost=NOTHING,\n",
        "tests/core/llm/test_spending.py::test_a_malformed_answer_is_settled",
    ),
)

FAULTS: tuple[Fault, ...] = (
    *FLOORS,
    *SCORING,
    *CONFIG,
    *ACCESS,
    *AUDIT,
    *DATA,
    *PIPELINE,
    *LISTS,
    *MARKUP,
    *POLICY,
    *MODELS,
)
