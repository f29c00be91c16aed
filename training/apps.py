from datetime import timedelta

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from leads.hooks import decision_made, decision_undone, post_emptied
        from signalops_site.core.beat import beat
        from signalops_site.core.erasing import eraser

        from .exports import tidy_exports
        from .forgetting import erase_training, forget_posts
        from .preferences import make_pair, take_pair_back

        decision_made.register("preference pairs", make_pair)
        decision_undone.register("preference pairs", take_pair_back)
        post_emptied.register("preference pairs", forget_posts)
        eraser.register("1-training", erase_training)
        beat.register("training exports", tidy_exports, every=timedelta(hours=1))
