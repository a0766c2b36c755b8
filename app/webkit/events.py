"""What matters for security, one line each in the log: who signed in or could not, what was refused, who was slowed down.

No phone, no name, no address: `who` is the number of a person's row, which means somebody only while that row does; `about` is a keyed
digest, the same for the same number, so that tries at one account can be counted. A decision that was taken stands in the audit instead.
"""

import logging

log = logging.getLogger("shulin.security")
log.setLevel(logging.INFO)


def noted(event: str, **fields: str | int | None) -> None:
    """`event` in a few plain words, the same ones each time."""
    said = {"event": event, **{name: value for name, value in fields.items() if value is not None}}
    log.info(event, extra={"fields": said})
