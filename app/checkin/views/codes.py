"""The site's key, the signed address in 我的码, and whose code a scanned text is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from app.cards import queries as cards
from app.cards.rules import is_card_token, read_token
from app.checkin.queries.uploads import bearer as bearer_of
from app.checkin.rules import CodeFault, Way
from app.checkin.timed_codes import is_timed, public_id, session_key, take_apart
from app.core import clock
from app.people import queries as people

CODE_LIFE = timedelta(minutes=3)  # the page renews it every minute
AT_A_GATE = re.compile(r"([0-9A-Za-z-]{4,12})/([0-9]{1,2})")  # 8F2K/2, as a phone keeps the code of a gate
SLACK = timedelta(seconds=10)  # between the clock of the phone that scanned and ours, once corrected


def key() -> str:
    return cast(str, current_app.secret_key)


class Stamped(TimestampSigner):
    """Stamps with the one clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def signer() -> URLSafeTimedSerializer:
    """Of a person's id, for 我的码."""
    return URLSafeTimedSerializer(key(), salt="personal-code", signer=Stamped)


def prefix() -> str:
    """What stands before the token in 我的码: https://…/p/."""
    settings = current_app.config["SETTINGS"]
    return f"{settings.public_url}{url_for('checkin.personal', token='-')[:-1]}"  # noqa: S106 (none at all)


def code_address(person_id: int) -> str:
    """The https address in 我的码: signed, good for three minutes, says nothing to anyone else."""
    return f"{prefix()}{signer().dumps(person_id)}"


def code_key(session_id: int) -> tuple[str, bytes] | None:
    """The public id and the key of a session, for codes that its phone makes without signal."""
    bearer = bearer_of(session_id)
    return (public_id(session_id), session_key(key(), session_id, bearer.token_hash)) if bearer else None


@dataclass(frozen=True)
class Holder:
    """Whose code it is, and whether it is shown on a phone or stands on a card. `fault`: theirs, and not good at that moment."""

    person_id: int
    way: Way
    fault: CodeFault | None = None


def holder_of(token: str, at: datetime) -> Holder | None:
    """Whose token this is, judged at `at`; None for what this site did not make."""
    if is_timed(token):
        return _of_a_session(token, at)
    if is_card_token(token):
        return _of_a_card(token, at)
    try:
        person_id, made_at = signer().loads(token, return_timestamp=True)
    except BadSignature:
        return None
    made_at = made_at.replace(tzinfo=UTC) if made_at.tzinfo is None else made_at
    fresh = made_at - SLACK <= at <= made_at + CODE_LIFE + SLACK
    return Holder(people.who_now(int(person_id)), Way.PERSONAL_CODE, None if fresh else CodeFault.STALE)


def _of_a_card(token: str, at: datetime) -> Holder | None:
    card_id = read_token(key(), token)
    card = cards.card(card_id) if card_id is not None else None
    if card is None:
        return None
    revoked = card.revoked_at is not None and card.revoked_at <= at
    return Holder(people.who_now(card.person_id), Way.CARD, CodeFault.REVOKED if revoked else None)


def _of_a_session(token: str, at: datetime) -> Holder | None:
    """A session that has ended by `at` makes no codes; one from before its own beginning was made by nobody."""
    said = take_apart(token)
    bearer = bearer_of(said.session_id) if said else None
    if said is None or bearer is None or not said.made_with(session_key(key(), said.session_id, bearer.token_hash)):
        return None
    person_id = people.who_now(bearer.person_id)
    if bearer.ended_at <= at:
        return Holder(person_id, Way.PERSONAL_CODE, CodeFault.REVOKED)
    return Holder(person_id, Way.PERSONAL_CODE, None if said.fits(at) else CodeFault.STALE)


@dataclass(frozen=True)
class ScannedText:
    """What a scanned QR holds: a personal token (of a phone or a card), or a short code of a poster or a screen, perhaps of a gate."""

    token: str = ""
    code: str = ""
    gate: int | None = None


def read_text(text: str) -> ScannedText | None:
    """None for anything that is not an address of this site, nor a token or a short code by itself."""
    if shown := AT_A_GATE.fullmatch(text):
        return ScannedText(code=shown[1], gate=int(shown[2]))
    if "/" not in text:
        text = text.replace("—", "-")  # as a phone's keyboard writes it
        plain = text.isascii() and 0 < len(text) <= 200
        return (ScannedText(token=text) if "." in text or len(text) > 12 else ScannedText(code=text)) if plain else None
    try:
        parts = urlsplit(text)
    except ValueError:  # http://[
        return None
    own = {urlsplit(current_app.config["SETTINGS"].public_url).netloc, request.host}
    if parts.scheme not in {"http", "https"} or parts.netloc not in own:
        return None
    kind, _, rest = parts.path.strip("/").partition("/")
    if kind == "p" and rest and "/" not in rest:
        return ScannedText(token=rest)
    if kind == "c" and rest:
        code, _, gate = rest.partition("/")
        return ScannedText(code=code, gate=int(gate) if AT_A_GATE.fullmatch(rest) else None)
    return None
