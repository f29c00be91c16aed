from django.apps import AppConfig
from django.core.checks import register


class CoreConfig(AppConfig):
    name = "signalops_site.core"
    label = "core"
    verbose_name = "Projects and runs"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from .access.lock_out import record_lock_out
        from .beat import beat
        from .checks import check_clusters, check_encryption_keys, check_lease, check_queues
        from .run_queue import take_over_runs

        user_locked_out.connect(record_lock_out, dispatch_uid="signalops.lock_out")
        beat.register("reaper", take_over_runs)
        register(check_queues)
        register(check_clusters)
        register(check_lease)
        register(check_encryption_keys)
