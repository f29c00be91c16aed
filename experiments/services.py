"""The model registry. A model is registered on first use, so that every judgment and draft names one."""

from .models import ModelType, ModelVersion


def register_on_first_use(model_id: str, *, model_type: ModelType) -> ModelVersion:
    """The registry's entry for a model id such as `local/default`; made when there is none yet."""
    provider, _, _name = model_id.partition("/")
    version, _made = ModelVersion.objects.get_or_create(
        model_id=model_id,
        defaults={"provider": provider[:32], "model_type": model_type, "display_name": model_id},
    )
    return version
