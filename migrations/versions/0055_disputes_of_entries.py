"""Objections to hours from before this system, answered by who had no part in the record; one revocation waits at a time"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import drop, guard

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

OPEN_ENTRY = sa.text("answered_at IS NULL AND entry_id IS NOT NULL")
REVOKING = sa.text("decided_at IS NULL AND revokes_id IS NOT NULL")
HAD_A_PART = "EXISTS (SELECT 1 FROM dispute_aside WHERE dispute_aside.dispute_id = NEW.id AND dispute_aside.person_id = NEW.answered_by_id)"
NOT_THEIR_OWN = f"NEW.answered_by_id IS NULL OR NEW.outcome IS NULL OR NEW.outcome <> 'upheld' OR NOT {HAD_A_PART}"
ENDS = "scan.id = attendance.in_scan_id OR scan.id = attendance.out_scan_id"
PARTS = (  # who had a part in the record of an objection that waits: attendance id and person id
    f"SELECT attendance.id AS of_id, scan.by_id AS who FROM attendance JOIN scan ON {ENDS}",
    "SELECT source_id, made_by_id FROM hour_entry WHERE source_kind = 'attendance'",
    "SELECT source_id, approved_by_id FROM hour_entry WHERE source_kind = 'attendance'",
    *(
        f"SELECT attendance.id, activity.{column} FROM attendance JOIN shift ON shift.id = attendance.shift_id "
        "JOIN activity ON activity.id = shift.activity_id"
        for column in ("created_by_id", "contact_id", "closed_by_id")
    ),
    "SELECT attendance_id, made_by_id FROM attendance_decision",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _attendance(nullable=True)
    entry = "INTEGER" if dialect == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE dispute ADD COLUMN entry_id {entry} CONSTRAINT fk_dispute_entry_id_hour_entry REFERENCES hour_entry (id) "
        "CONSTRAINT ck_dispute_of_one CHECK ((attendance_id IS NULL) <> (entry_id IS NULL))"
    )
    op.create_index("uq_dispute_open_entry", "dispute", ["entry_id"], unique=True, sqlite_where=OPEN_ENTRY, postgresql_where=OPEN_ENTRY)
    op.create_table(
        "dispute_aside",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_aside_dispute_id_dispute")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dispute_aside_person_id_person")),
        sa.PrimaryKeyConstraint("dispute_id", "person_id", name=op.f("pk_dispute_aside")),
    )
    op.execute(
        "INSERT INTO dispute_aside (dispute_id, person_id) SELECT DISTINCT dispute.id, part.who FROM dispute "
        f"JOIN ({' UNION ALL '.join(PARTS)}) AS part ON part.of_id = dispute.attendance_id "
        "WHERE dispute.answered_at IS NULL AND part.who IS NOT NULL AND part.who <> dispute.person_id"
    )
    words = "who made the record does not uphold it"
    for statement in guard(dialect, "dispute_two_hands", "UPDATE", "dispute", NOT_THEIR_OWN, words):
        op.execute(statement)
    # Two at once left two that wait: the later ones are taken back by their maker.
    op.execute(
        "UPDATE point_proposal SET verdict = 'withdrawn', decided_at = made_at, decided_by_id = made_by_id "
        "WHERE decided_at IS NULL AND revokes_id IS NOT NULL AND EXISTS (SELECT 1 FROM point_proposal AS first "
        "WHERE first.revokes_id = point_proposal.revokes_id AND first.decided_at IS NULL AND first.id < point_proposal.id)"
    )
    op.create_index(
        "uq_point_proposal_revoking", "point_proposal", ["revokes_id"], unique=True, sqlite_where=REVOKING, postgresql_where=REVOKING
    )


def _attendance(*, nullable: bool) -> None:
    """On SQLite as its documentation says ("Making other kinds of table schema changes"): NOT NULL is a word of the text."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.alter_column("dispute", "attendance_id", nullable=nullable)
        return
    old, new = ("attendance_id INTEGER NOT NULL", "attendance_id INTEGER")
    if not nullable:
        old, new = f"{new}, ", f"{old}, "
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'dispute' AND instr(sql, ?) > 0", (old, new, old)
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    if changed.rowcount != 1:
        raise RuntimeError("dispute is not as this migration knows it")


def downgrade() -> None:
    """Objections to hours from before this system have no place any more; it stops where a correction answered one."""
    dialect = op.get_bind().dialect.name
    op.drop_index("uq_point_proposal_revoking", table_name="point_proposal")
    for statement in drop(dialect, "dispute_two_hands", "dispute"):
        op.execute(statement)
    op.drop_table("dispute_aside")
    op.drop_index("uq_dispute_open_entry", table_name="dispute")
    op.execute("DELETE FROM dispute WHERE entry_id IS NOT NULL")
    if dialect == "sqlite":
        op.execute("ALTER TABLE dispute DROP COLUMN entry_id")
    else:
        op.drop_column("dispute", "entry_id")
    _attendance(nullable=False)
