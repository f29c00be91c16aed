import pytest

from signalops_site.core.config.schema import Platforms


@pytest.mark.parametrize("platform", sorted(Platforms.model_fields))
def test_a_platform_is_enabled_as_its_section_says(platform: str) -> None:
    for said in (True, False):
        platforms = Platforms.model_validate({platform: {"enabled": said}})
        assert platforms.is_enabled(platform) is said


def test_a_platform_that_has_no_section_is_wanted() -> None:
    platforms = Platforms.model_validate({name: {"enabled": False} for name in Platforms.model_fields})
    for name in ("carrier_pigeon", "is_enabled"):
        assert platforms.is_enabled(name) is True
