"""微心愿: wishes with what is private about them, who claimed them, every step, rounds, photos and the payments behind them.

Triggers (migration 0049) keep a wish's state and a claim's days from the append-only steps, and refuse a step out of order or by the wrong
person. Private words stand in a table of their own, so that no public query can read them by mistake.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.wishes.rules import ClaimKind, ForWhom, Step, Way, WishKind


class WishRound(Base):
    """一轮 of a community, or of the whole subdistrict: both days in. Rounds of one unit never overlap (trigger)."""

    __tablename__ = "wish_round"
    __table_args__ = (
        CheckConstraint("closes_on >= opens_on", name="dated"),
        CheckConstraint("name <> ''", name="named"),
        UniqueConstraint("unit_id", "opens_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(40))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class Wish(Base):
    """What may be public of a wish. Its words change only before it is verified; `state` to `ended_on` follow WishStepEntry.

    `own_id` told it for themselves. `device_hash` and `slot` bound how many one device tells a day. `veiled_at`: its words are taken from
    the public pages for good.
    """

    __tablename__ = "wish"
    __table_args__ = (
        CheckConstraint("cost > 0", name="cost"),
        CheckConstraint("(way = 'signed') = (own_id IS NOT NULL)", name="own"),
        CheckConstraint("(way = 'form') = (told_by_id IS NULL)", name="told_by"),
        CheckConstraint("(way = 'unit') = (source_unit_id IS NOT NULL)", name="source"),
        CheckConstraint("(device_hash IS NULL) = (slot IS NULL) AND (slot IS NULL OR slot BETWEEN 1 AND 3)", name="slot"),
        CheckConstraint("(way = 'form') = (device_hash IS NOT NULL)", name="device"),
        CheckConstraint("(veiled_at IS NULL) = (veiled_by_id IS NULL)", name="veiled"),
        UniqueConstraint("device_hash", "told_on", "slot"),
        Index("ix_wish_unit", "unit_id", "state"),
        Index("ix_wish_state", "state", "published_on"),
        Index("ix_wish_own", "own_id"),
        Index("ix_wish_project", "project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[WishKind] = mapped_column(stored(WishKind, "wishkind"))
    whom: Mapped[ForWhom] = mapped_column(stored(ForWhom, "forwhom"))
    way: Mapped[Way] = mapped_column(stored(Way, "wishway"))
    cost: Mapped[int | None] = mapped_column(BigInteger)  # about, in fen
    title: Mapped[str] = mapped_column(String(30), default="", server_default="")
    words: Mapped[str] = mapped_column(String(200), default="", server_default="")
    source_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    own_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    told_at: Mapped[datetime]
    told_on: Mapped[date]
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    device_hash: Mapped[str | None] = mapped_column(String(64))
    slot: Mapped[int | None]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("fund_project.id"))
    veiled_at: Mapped[datetime | None]
    veiled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[Step | None] = mapped_column(stored(Step, "wishstep"))
    steps: Mapped[int] = mapped_column(default=0, server_default="0")
    state_at: Mapped[datetime | None]
    state_on: Mapped[date | None]
    last_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_on: Mapped[date | None]
    ended_on: Mapped[date | None]


class WishPrivate(Base):
    """The words as they were told, and whom to reach. Read by those who handle it alone; erased some days after the end."""

    __tablename__ = "wish_private"
    __table_args__ = (
        CheckConstraint("erased_at IS NULL OR (words = '' AND name = '' AND phone = '' AND place = '')", name="erased"),
        CheckConstraint("erased_at IS NOT NULL OR words <> ''", name="words"),
        Index("ix_wish_private_kept", "wish_id", sqlite_where=text("erased_at IS NULL"), postgresql_where=text("erased_at IS NULL")),
    )

    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"), primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(String(600))
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(120))
    erased_at: Mapped[datetime | None]


STANDS = text("ended_on IS NULL")
WAITS = text("ended_on IS NULL AND connected_on IS NULL")


class WishClaim(Base):
    """Who takes a wish on: one at a time. `connected_on` and `ended_on` follow the steps.

    A donor without an account leaves a name and a phone; `donor_digest` (keyed, of the phone) allows one that waits. `slot` bounds how
    many one person has waiting, and how many one device leaves a day.
    """

    __tablename__ = "wish_claim"
    __table_args__ = (
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name="unit"),
        CheckConstraint("kind = 'donor' OR by_id IS NOT NULL", name="by"),
        CheckConstraint("kind = 'donor' OR (name = '' AND phone = '')", name="contact"),
        CheckConstraint("kind <> 'donor' OR erased_at IS NOT NULL OR (name <> '' AND phone <> '')", name="donor"),
        CheckConstraint("erased_at IS NULL OR (name = '' AND phone = '')", name="erased"),
        CheckConstraint("(kind = 'donor') = (donor_digest IS NOT NULL)", name="digest"),
        CheckConstraint("(by_id IS NULL) = (device_hash IS NOT NULL)", name="device"),
        CheckConstraint("slot BETWEEN 1 AND 3", name="slot"),
        CheckConstraint("due_on >= claimed_on", name="due"),
        CheckConstraint("connected_on IS NULL OR connected_on BETWEEN claimed_on AND due_on", name="connected"),
        CheckConstraint("ended_on IS NULL OR ended_on >= claimed_on", name="ended"),
        UniqueConstraint("device_hash", "claimed_on", "slot"),
        Index("uq_wish_claim_standing", "wish_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("uq_wish_claim_waiting", "by_id", "slot", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        Index("uq_wish_claim_donor", "donor_digest", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        Index("ix_wish_claim_wish", "wish_id", "claimed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    kind: Mapped[ClaimKind] = mapped_column(stored(ClaimKind, "wishclaimkind"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(20), default="", server_default="")
    donor_digest: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime]
    claimed_on: Mapped[date]
    due_on: Mapped[date]
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    device_hash: Mapped[str | None] = mapped_column(String(64))
    slot: Mapped[int]
    connected_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    erased_at: Mapped[datetime | None]


class WishStepEntry(Base):
    """A step that somebody took; nobody, for what was told or claimed without an account, and for what lapsed. Append-only.

    `note` of `fulfilled` and `thanked` (what was given, and the thanks) is public while a WishConsent stands; of the others it is the
    reason, for those who handle it.
    """

    __tablename__ = "wish_step_entry"
    __table_args__ = (
        UniqueConstraint("wish_id", "seq"),
        CheckConstraint("by_id IS NOT NULL OR step IN ('told', 'claimed', 'lapsed')", name="by"),
        CheckConstraint(
            "claim_id IS NOT NULL OR step NOT IN ('claimed', 'connected', 'fulfilled', 'thanked', 'lapsed', 'released')", name="claim"
        ),
        CheckConstraint("step NOT IN ('released', 'returned', 'declined', 'withdrawn', 'fulfilled') OR note <> ''", name="note"),
        Index("ix_wish_step_entry_claim", "claim_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    seq: Mapped[int]
    step: Mapped[Step] = mapped_column(stored(Step, "wishstep"))
    at: Mapped[datetime]
    happened_on: Mapped[date]  # Guicheng's day of `at`; of `lapsed` the first day on which it was free again
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("wish_claim.id"))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reference: Mapped[str] = mapped_column(String(60), default="", server_default="")  # of `fulfilled`: the receipt's number


SHOWN = text("removed_at IS NULL")


class WishPhoto(Base):
    """A photo of the wish that came true. Public only where those on it agreed and a WishConsent stands. Files: activities.photo_files."""

    __tablename__ = "wish_photo"
    __table_args__ = (
        CheckConstraint("slot BETWEEN 1 AND 3", name="slot"),
        CheckConstraint("alt <> ''", name="alt"),
        CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="size"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),
        Index("uq_wish_photo_slot", "wish_id", "slot", unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN),
        Index("uq_wish_photo_digest", "wish_id", "digest", unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    slot: Mapped[int]
    name: Mapped[str] = mapped_column(String(32), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(80))
    width: Mapped[int]
    height: Mapped[int]
    agreed_at: Mapped[datetime | None]  # when who sends it said that those on it agreed
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


NOT_WITHDRAWN = text("withdrawn_at IS NULL")


class WishConsent(Base):
    """The wisher agreed that it is shown how it came true; who asked had looked at photos and words. Withdrawn, they are hidden at once.

    A trigger refuses who claimed it, wished it, put a photo there or wrote the words.
    """

    __tablename__ = "wish_consent"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
        Index("uq_wish_consent_standing", "wish_id", unique=True, sqlite_where=NOT_WITHDRAWN, postgresql_where=NOT_WITHDRAWN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    agreed_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class WishPayment(Base):
    """The fund's payment that a wish was fulfilled with, of the wish's own project. A wrong link is removed with a reason."""

    __tablename__ = "wish_payment"
    __table_args__ = (
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),
        CheckConstraint("removed_at IS NULL OR reason <> ''", name="reason"),
        Index("uq_wish_payment_standing", "wish_id", "request_id", unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN),
        Index("ix_wish_payment_request", "request_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("fund_request.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
