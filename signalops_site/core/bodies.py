"""What requests bring: JSON that can be kept, and fields that exist."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from .config.reading import nearest


class BodyParser(JSONParser):
    """JSON as the framework reads it, but what no program could mean is a 400 and not an error of ours: thousands
    of lists in each other, and halves of characters, which no database takes.
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            content = super().parse(stream, media_type, parser_context)
            _refuse_halves(content)
        except RecursionError:
            raise ParseError("The body nests too deeply.") from None
        except UnicodeEncodeError:
            raise ParseError("The body holds half of a surrogate pair, which is no character.") from None
        return content


def _refuse_halves(content: Any) -> None:
    """UnicodeEncodeError when a text in it, or a name, is no Unicode."""
    if isinstance(content, str):
        content.encode()
    elif isinstance(content, Mapping):
        for name, value in content.items():
            name.encode()
            _refuse_halves(value)
    elif isinstance(content, list):
        for value in content:
            _refuse_halves(value)


class StrictSerializer(serializers.Serializer[Any]):
    """The shape of a body, named first among a serializer's bases: a field that does not exist is refused.

    Passed over, a misspelt `limit` would start a run without one, and look as if it had counted.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                told = {name: [f"There is no such field{nearest(name, self.fields)}"] for name in unknown}
                raise serializers.ValidationError(told)
        return super().to_internal_value(data)
