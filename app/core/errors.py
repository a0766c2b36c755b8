"""Errors that carry what a person needs: a status, plain words, and the fields they belong to.

A recorded refusal (a scan that came too early) is a result, not an error. These are broken preconditions.
"""

from collections.abc import Mapping


class DomainError(Exception):
    """Something the user can act on. `message` is shown to them as it is."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(DomainError):
    """Absent, or not this actor's to see: both answer alike."""

    status = 404

    def __init__(self, message: str = "没有找到这一页，可能已经移走，或不归您管理。") -> None:
        super().__init__(message)


class Refused(DomainError):
    """Known to the actor, yet not theirs to do (approving one's own record)."""

    status = 403


class Conflict(DomainError):
    """The state has moved on, or the same id came with another content."""

    status = 409


class Invalid(DomainError):
    """What was filled in can not be accepted. `fields` maps a field name to its message."""

    status = 422

    def __init__(self, fields: Mapping[str, str], message: str = "有几处要改，您填的内容都还在。") -> None:
        super().__init__(message)
        self.fields = dict(fields)


class TooMany(DomainError):
    """Throttled; `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfigError(Exception):
    """The process must not start with this configuration."""
