"""Records made up by people (补录): named by one, approved by another; and 这条记录不对."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.claims.correction_rules import DisputeOutcome
from app.claims.rules import BatchKind, Says, Verdict
from app.core.db import Base, BigId, stored


class ClaimBatch(Base):
    """Names for one shift, sent for approval together: a list, or one person's own claim. Decided once, by someone else.

    `waits_since` is when it came before those who decide: an own claim without a photo waits for its witness first (NULL).
    Its maker may take it back while it is open. The database refuses a decision by the maker (a check), by anybody named in
    it or asked as a witness, a second decision, and the approval of an own claim that nothing proves (triggers).
    """

    __tablename__ = "claim_batch"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> made_by_id", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
        CheckConstraint("withdrawn_at IS NULL OR decided_at IS NULL", name="withdrawn"),
        Index("ix_claim_batch_unit", "unit_id", "decided_at"),
        Index("ix_claim_batch_made_by", "made_by_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BatchKind]
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose secretary or deputies decide
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None]
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    waits_since: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Claim(Base):
    """One person of a batch. On approval it becomes a spell of attendance, or `skipped` says why not.

    `returned`: the reason why this one was sent back where the others of a list were confirmed. `open_shift_id` is the
    shift while the batch is open (a trigger empties it), so that one person waits once a shift.
    """

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("batch_id", "person_id"),
        CheckConstraint("out_at > in_at", name="out_after_in"),
        CheckConstraint("returned = '' OR (attendance_id IS NULL AND skipped = '')", name="returned"),
        Index("uq_claim_open", "open_shift_id", "person_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("claim_batch.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    in_at: Mapped[datetime]
    out_at: Mapped[datetime]
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"), unique=True)
    skipped: Mapped[str] = mapped_column(String(60), default="", server_default="")
    open_shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    returned: Mapped[str] = mapped_column(String(200), default="", server_default="")


class ClaimWitness(Base):
    """Who was there too and was asked to say so, on their own phone. One a claim, never oneself (a trigger)."""

    __tablename__ = "claim_witness"
    __table_args__ = (CheckConstraint("(answered_at IS NULL) = (says IS NULL)", name="answered"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("claim_batch.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    says: Mapped[Says | None]


class ClaimPhoto(Base):
    """A photo as evidence, seen by who decides and by the maker only. `name` is of its files (activities.photo_files).

    `removed_at`: the claim was taken back; the files go a while later.
    """

    __tablename__ = "claim_photo"
    __table_args__ = (
        CheckConstraint("slot BETWEEN 1 AND 3", name="slot"),
        CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="size"),
        UniqueConstraint("batch_id", "slot"),
        UniqueConstraint("batch_id", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("claim_batch.id"))
    slot: Mapped[int]
    name: Mapped[str] = mapped_column(String(32), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


OPEN_ENTRY = text("answered_at IS NULL AND entry_id IS NOT NULL")


class Dispute(Base):
    """这条记录不对: said by the person, answered in writing by the unit (民政部令第67号) until `due_on`, at the latest.

    Of an attendance, or of hours from before this system: `entry_id` is then the first entry of that line of the register, whatever
    stands of it since. `outcome` is None while it waits, and of answers from before it was kept. Who had a part in the record
    (DisputeAside) may have it corrected, by two people, and does not uphold it: the database refuses that.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered"),
        CheckConstraint("answered_by_id IS NULL OR answered_by_id <> person_id", name="two_people"),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)", name="acknowledged"),
        CheckConstraint("acknowledged_by_id IS NULL OR acknowledged_by_id <> person_id", name="acknowledged_by_another"),
        CheckConstraint("outcome IS NULL OR answered_at IS NOT NULL", name="outcome_answered"),
        CheckConstraint("(attendance_id IS NULL) <> (entry_id IS NULL)", name="of_one"),
        Index("ix_dispute_unit", "unit_id", "answered_at"),
        Index("uq_dispute_open_entry", "entry_id", unique=True, sqlite_where=OPEN_ENTRY, postgresql_where=OPEN_ENTRY),
        Index(
            "uq_dispute_open",
            "attendance_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    said: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(300), default="", server_default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[DisputeOutcome | None] = mapped_column(stored(DisputeOutcome, "outcome"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("hour_entry.id"))


class DisputeAside(Base):
    """Who had a part in the record (scanned, named, approved, organised, brought it in) when it was said to be wrong."""

    __tablename__ = "dispute_aside"

    dispute_id: Mapped[int] = mapped_column(ForeignKey("dispute.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
