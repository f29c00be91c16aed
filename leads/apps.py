from datetime import timedelta

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from connectors.hooks import account_refused
        from signalops_site.core.access.members import membership_changed
        from signalops_site.core.beat import beat
        from signalops_site.core.config.reading import config_section
        from signalops_site.core.erasing import eraser
        from signalops_site.core.metrics import Kept, database_metrics
        from signalops_site.core.run_queue import run_tasks

        from . import checks
        from .hooks import decision_made, decision_undone, outcome_recorded
        from .metrics import lead_metrics
        from .notifying.alerts import alert_of_account
        from .notifying.digests import write_due_digests
        from .notifying.outbox import enqueue_due, forget_old
        from .outcomes import schedule as outcomes
        from .outcomes.metrics import outcome_metrics
        from .search import keep_trigger
        from .section import check_leads_sections
        from .sending.metrics import sending_metrics
        from .sending.schedule import enqueue_sending
        from .sequences import exits
        from .sequences.schedule import LOOKED_FOR_EVERY as FOLLOWED_UP_EVERY
        from .sequences.schedule import enqueue_follow_ups
        from .services import retention
        from .services.availability import LOOKED_FOR_EVERY, enqueue_checks
        from .services.desk import release_leads
        from .services.erasing import erase_author
        from .services.schedules import mend_clocks

        config_section.register("leads", check_leads_sections)
        eraser.register("2-leads", erase_author)
        membership_changed.register("leads", release_leads)
        run_tasks.register("pipeline", "leads.tasks.run_pipeline")
        beat.register("availability", enqueue_checks, every=LOOKED_FOR_EVERY)
        beat.register("digests", write_due_digests)
        beat.register("notifications", enqueue_due)
        beat.register("old notifications", forget_old, every=timedelta(days=1))
        account_refused.register("leads", alert_of_account)
        beat.register("retention", retention.enqueue_retention, every=retention.LOOKED_FOR_EVERY)
        beat.register("schedules", mend_clocks)
        beat.register("sending", enqueue_sending)
        beat.register("outcomes", outcomes.enqueue_tracking, every=outcomes.LOOKED_FOR_EVERY)
        beat.register("old interactions", outcomes.forget_interactions, every=timedelta(days=1))
        beat.register("sequences", enqueue_follow_ups, every=FOLLOWED_UP_EVERY)
        decision_made.register("sequences", exits.end_after_rejection)
        decision_undone.register("sequences", exits.go_on_after_undo)
        outcome_recorded.register("sequences", exits.end_after_outcome)
        database_metrics.register("leads", Kept(lead_metrics))
        database_metrics.register("sending", Kept(sending_metrics))
        database_metrics.register("outcomes", Kept(outcome_metrics))
        post_migrate.connect(keep_trigger, sender=self)
