"""Photos and outcomes of an activity; how it was closed, and who may decide afterwards"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STANDS = sa.text("removed_at IS NULL")
OUTCOMES = ("hygiene", "facilities", "disputes", "public_safety", "hazards", "parking", "lifts")
BY_SOMEBODY = "closed_at IS NULL OR (closed_by_id IS NOT NULL AND served_count IS NOT NULL)"
BY_ITSELF_TOO = "closed_at IS NULL OR closed_by_id IS NULL OR served_count IS NOT NULL"
REASONS = "'elsewhere', 'too_near', 'shared_device', 'outside', 'late', 'short', 'long_day', 'longest_day', 'staff', 'kin'"
COLUMNS = (
    ("came_counted", "CONSTRAINT ck_activity_came_counted CHECK (came_counted >= 0)"),
    ("came_said", "CONSTRAINT ck_activity_came_said CHECK (came_said IS NULL OR (came_said >= 0 AND came_counted IS NOT NULL))"),
)
ONES_OWN = (
    "NEW.made_by_id IN (SELECT scan.by_id FROM attendance JOIN shift ON shift.id = attendance.shift_id "
    "JOIN activity ON activity.id = shift.activity_id JOIN scan ON scan.id IN (attendance.in_scan_id, attendance.out_scan_id) "
    "WHERE attendance.id = NEW.attendance_id AND activity.closed_at IS NOT NULL AND scan.by_id IS NOT NULL)"
)
GUARD = {
    "sqlite": [
        "CREATE TRIGGER attendance_decision_two_people BEFORE INSERT ON attendance_decision "
        f"WHEN {ONES_OWN} BEGIN SELECT RAISE(ABORT, 'a change after closing takes two people'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_one_person() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {ONES_OWN} THEN RAISE EXCEPTION 'a change after closing takes two people' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER attendance_decision_two_people BEFORE INSERT ON attendance_decision "
        "FOR EACH ROW EXECUTE FUNCTION refuse_one_person()",
    ],
}
UNGUARD = {
    "sqlite": ["DROP TRIGGER attendance_decision_two_people"],
    "postgresql": ["DROP TRIGGER attendance_decision_two_people ON attendance_decision", "DROP FUNCTION refuse_one_person()"],
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "activity_outcome",
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Enum(*OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_activity_outcome_count")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_outcome_activity_id_activity")),
        sa.PrimaryKeyConstraint("activity_id", "kind", name=op.f("pk_activity_outcome")),
    )
    op.create_table(
        "activity_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("slot BETWEEN 1 AND 9", name=op.f("ck_activity_photo_slot")),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_activity_photo_alt")),
        sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name=op.f("ck_activity_photo_size")),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_activity_photo_removed")),
        sa.CheckConstraint("removed_at IS NULL OR removed_at >= added_at", name=op.f("ck_activity_photo_dated")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_photo_activity_id_activity")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_activity_photo_added_by_id_person")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name=op.f("fk_activity_photo_removed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_activity_photo_name")),
    )
    for column in ("slot", "digest"):
        op.create_index(
            f"uq_activity_photo_{column}",
            "activity_photo",
            ["activity_id", column],
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        )
    for column, check in COLUMNS:
        op.execute(f"ALTER TABLE activity ADD COLUMN {column} INTEGER {check}")
    _recheck("activity", "ck_activity_closed", BY_SOMEBODY, BY_ITSELF_TOO)
    _recheck("attendance_reason", "ck_attendance_reason_reason", f"reason IN ({REASONS})", f"reason IN ({REASONS}, 'closed')")
    for statement in GUARD[dialect]:
        op.execute(statement)


def _recheck(table: str, name: str, before: str, after: str) -> None:
    """Another CHECK in the place of one.

    SQLite can not change a constraint, and making the table anew would let go of what refers to it; its documentation
    ("Making other kinds of table schema changes") has this way for constraints: the text itself, then reading it again.
    """
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after)
        return
    old, new = (f"CONSTRAINT {name} CHECK ({words})" for words in (before, after))
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0", (old, new, table, old)
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    if changed.rowcount != 1:
        raise RuntimeError(f"{name} is not as this migration knows it")


def downgrade() -> None:
    """What closed by itself is open again; what was held because it came after closing is for its organisers to look at."""
    dialect = op.get_bind().dialect.name
    for statement in UNGUARD[dialect]:
        op.execute(statement)
    op.execute("DELETE FROM attendance_reason WHERE reason = 'closed'")
    op.execute("UPDATE activity SET closed_at = NULL WHERE closed_by_id IS NULL")
    _recheck("attendance_reason", "ck_attendance_reason_reason", f"reason IN ({REASONS}, 'closed')", f"reason IN ({REASONS})")
    _recheck("activity", "ck_activity_closed", BY_ITSELF_TOO, BY_SOMEBODY)
    for column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE activity DROP COLUMN {column}")
    op.drop_table("activity_photo")
    op.drop_table("activity_outcome")
