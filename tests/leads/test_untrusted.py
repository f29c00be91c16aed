import json

import pytest

from leads.untrusted import as_data


@pytest.mark.parametrize(
    "sign", "<>\u00ab\u00bb\u2039\u203a\u226a\u226b\u227a\u227b\u27e8\u27e9\u27ea\u27eb\u3008\u300a\uff1c"
)
def test_whatever_looks_like_an_angle_bracket_is_an_escape(sign: str) -> None:
    told = as_data({"text": f"{sign}/post{sign}"})
    assert sign not in told
    assert json.loads(told) == {"text": f"{sign}/post{sign}"}
