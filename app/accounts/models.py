"""How a person signs in, from which devices, and with which roles."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.rules import CodePurpose, SecretKind
from app.core.db import Base
from app.core.permissions import Role


class Account(Base):
    """`login_phone` is the only phone that is unique. `secret_hash` is argon2id.

    NULL: registered with a number that another account signs in with. Such an account signs in by the person's
    contact number and its own secret, so that nobody learns from registering whether a number is known.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    login_phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    secret_kind: Mapped[SecretKind]
    created_at: Mapped[datetime]


class AccountSession(Base):
    """One signed-in device. The cookie holds a random token; only its SHA-256 is stored."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device: Mapped[str] = mapped_column(String(60))  # "iPhone·微信", for its owner to recognise
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]  # when the secret was last given, for approving on behalf of others
    factor_at: Mapped[datetime | None]  # when the code of the second factor was given; without it some roles sleep
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed try, kept for throttling. Phones and devices stand here only as keyed hashes."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_phone", "phone_hash", "at"),
        Index("ix_sign_in_attempt_device", "device_hash", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_hash: Mapped[str] = mapped_column(String(64))
    device_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ActivationCode(Base):
    """A one-time code given in person or on a printed slip. Only its keyed hash is stored."""

    __tablename__ = "activation_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[CodePurpose]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


OPEN = text("valid_to IS NULL")


class RoleGrant(Base):
    """A role in a unit and everything below it, with dates; granted by somebody, never by oneself.

    Triggers refuse a third deputy of a unit at a time, and the same role of the same person twice at a time.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("uq_role_grant_open", "person_id", "role", "unit_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dated"),
        CheckConstraint("granted_by_id IS NULL OR granted_by_id <> person_id", name="not_by_oneself"),
        CheckConstraint("role <> 'deputy' OR valid_to IS NOT NULL", name="dated_deputy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: the command line


class SecondFactor(Base):
    """A person's TOTP key, sealed (accounts.factor); `pending` is one that waits for its first code.

    `last_step` is the newest 30 seconds whose code was used: none is taken twice.
    """

    __tablename__ = "second_factor"
    __table_args__ = (CheckConstraint("(confirmed_at IS NULL) = (sealed IS NULL)", name="confirmed"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    sealed: Mapped[str | None] = mapped_column(String(200))
    pending: Mapped[str | None] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(server_default="0")


class RecoveryCode(Base):
    """For a lost phone: one of ten, shown once and used once. Only its keyed hash is stored."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
