"""The deployment's pepper, from an SSM SecureString, read once per process."""

from functools import cached_property

from reelsmith import aws


class ParameterPepper:
    """A callable that gives the pepper."""

    def __init__(self, parameter: str) -> None:
        self._parameter = parameter

    def __call__(self) -> bytes:
        """The pepper's bytes."""
        return self._value

    @cached_property
    def _value(self) -> bytes:
        found = aws.client("ssm").get_parameter(Name=self._parameter, WithDecryption=True)
        value: str = found["Parameter"]["Value"]
        return value.encode()
