"""What Flask-Login carries: a session token in, an actor out."""

from dataclasses import dataclass

from app.accounts.queries import actor_of_session
from app.core.actor import Actor


@dataclass(frozen=True)
class SignedIn:
    """Flask-Login's user. Its id is the session token, so that revoking the row ends the session."""

    token: str
    actor: Actor
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token


def load_user(token: str) -> SignedIn | None:
    actor = actor_of_session(token)
    return SignedIn(token, actor) if actor else None
