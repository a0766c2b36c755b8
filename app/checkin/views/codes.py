"""The site's key, and the signed address in 我的码."""

from typing import cast

from flask import current_app, url_for
from itsdangerous import URLSafeTimedSerializer


def key() -> str:
    return cast(str, current_app.secret_key)


def signer() -> URLSafeTimedSerializer:
    """Of a person's id, for 我的码."""
    return URLSafeTimedSerializer(key(), salt="personal-code")


def code_address(person_id: int) -> str:
    """The https address in 我的码: signed, good for three minutes, says nothing to anyone else."""
    settings = current_app.config["SETTINGS"]
    return f"{settings.public_url}{url_for('checkin.personal', token=signer().dumps(person_id))}"
