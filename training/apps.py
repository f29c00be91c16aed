from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from leads.hooks import decision_made, decision_undone, post_emptied
        from signalops_site.core.erasing import eraser

        from .preferences import drop_pairs, erase_pairs, make_pair, take_pair_back

        decision_made.register("preference pairs", make_pair)
        decision_undone.register("preference pairs", take_pair_back)
        post_emptied.register("preference pairs", drop_pairs)
        eraser.register("1-training", erase_pairs)
