from django.apps import AppConfig
from django.core.checks import register


class CoreConfig(AppConfig):
    name = "signalops_site.core"
    label = "core"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        from axes.signals import user_locked_out
        from django_q.signals import post_execute_in_worker

        from .access.lock_out import record_lock_out
        from .beat import beat
        from .checks import check_clusters, check_encryption_keys, check_lease, check_queues
        from .llm.tracing import flush_after_task
        from .run_queue import take_over_runs

        user_locked_out.connect(record_lock_out, dispatch_uid="signalops.lock_out")
        post_execute_in_worker.connect(flush_after_task, dispatch_uid="signalops.traces")
        beat.register("reaper", take_over_runs)
        register(check_queues)
        register(check_clusters)
        register(check_lease)
        register(check_encryption_keys)
