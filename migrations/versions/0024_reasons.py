"""Why somebody should look at an attendance, and who decided"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

HELD = sa.text("held_at IS NOT NULL")
OF_A_PHONE = sa.text("device_hash IS NOT NULL AND person_id IS NOT NULL AND by_id IS NULL")
REASONS = (
    "elsewhere", "too_near", "shared_device", "outside", "late", "short", "long_day", "longest_day", "staff", "kin",
)  # fmt: skip
RUNGS = "held_for IN ('organiser', 'parent', 'subdistrict')"
UNCOUNTED = "held_at IS NULL OR (out_at IS NOT NULL AND credited_from IS NULL AND excluded_at IS NULL)"
EXCLUDED = "excluded_at IS NULL OR (credited_from IS NULL AND (excluded_by_id IS NULL OR excluded_by_id <> person_id))"
COLUMNS = (  # each with its checks: SQLite takes them with the column only
    f"held_at {{time}} CONSTRAINT ck_attendance_held_uncounted CHECK ({UNCOUNTED}) "
    f"CONSTRAINT ck_attendance_excluded_uncounted CHECK ({EXCLUDED})",
    f"held_for VARCHAR(32) CONSTRAINT ck_attendance_held_for CHECK ({RUNGS}) "
    "CONSTRAINT ck_attendance_held_for_somebody CHECK ((held_at IS NULL) = (held_for IS NULL))",
    "held_unit_id INTEGER CONSTRAINT fk_attendance_held_unit_id_unit REFERENCES unit (id) "
    "CONSTRAINT ck_attendance_held_by_a_unit CHECK ((held_at IS NULL) = (held_unit_id IS NULL))",
    "reminded_at {time}",
)
ABOUT_ONESELF = "NEW.made_by_id = (SELECT person_id FROM attendance WHERE id = NEW.attendance_id)"
DECIDED = "EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id)"
BECAME = "EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id AND made_by_id = NEW.person_id)"
AGAIN = "((NEW.out_at IS NULL AND OLD.out_at IS NOT NULL) OR (NEW.held_at IS NOT NULL AND OLD.held_at IS NULL))"
GUARDS = {
    "sqlite": [
        "CREATE TRIGGER attendance_decision_not_oneself BEFORE INSERT ON attendance_decision "
        f"WHEN {ABOUT_ONESELF} BEGIN SELECT RAISE(ABORT, 'nobody decides about themselves'); END",
        "CREATE TRIGGER attendance_decision_final BEFORE UPDATE OF out_at, held_at ON attendance "
        f"WHEN {AGAIN} AND {DECIDED} BEGIN SELECT RAISE(ABORT, 'a decision is final'); END",
        "CREATE TRIGGER attendance_decision_not_of_oneself BEFORE UPDATE OF person_id ON attendance "
        f"WHEN {BECAME} BEGIN SELECT RAISE(ABORT, 'nobody decides about themselves'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_own_decision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {ABOUT_ONESELF} THEN RAISE EXCEPTION 'nobody decides about themselves' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {DECIDED} THEN RAISE EXCEPTION 'a decision is final' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE FUNCTION refuse_decider_as_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {BECAME} THEN RAISE EXCEPTION 'nobody decides about themselves' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER attendance_decision_not_oneself BEFORE INSERT ON attendance_decision "
        "FOR EACH ROW EXECUTE FUNCTION refuse_own_decision()",
        "CREATE TRIGGER attendance_decision_final BEFORE UPDATE OF out_at, held_at ON attendance "
        f"FOR EACH ROW WHEN {AGAIN} EXECUTE FUNCTION refuse_second_decision()",
        "CREATE TRIGGER attendance_decision_not_of_oneself BEFORE UPDATE OF person_id ON attendance "
        "FOR EACH ROW EXECUTE FUNCTION refuse_decider_as_owner()",
    ],
}
UNGUARD = {
    "sqlite": ["DROP TRIGGER attendance_decision_final", "DROP TRIGGER attendance_decision_not_of_oneself"],
    "postgresql": [
        "DROP TRIGGER attendance_decision_final ON attendance",
        "DROP TRIGGER attendance_decision_not_of_oneself ON attendance",
        "DROP FUNCTION refuse_second_decision()",
        "DROP FUNCTION refuse_decider_as_owner()",
    ],
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "attendance_reason",
        sa.Column("attendance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Enum(*REASONS, name="reason", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_attendance_reason_attendance_id_attendance")),
        sa.ForeignKeyConstraint(["other_id"], ["attendance.id"], name=op.f("fk_attendance_reason_other_id_attendance")),
        sa.PrimaryKeyConstraint("attendance_id", "reason", name=op.f("pk_attendance_reason")),
    )
    op.create_table(
        "attendance_decision",
        sa.Column("attendance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict", sa.Enum("count", "leave", name="verdict", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_attendance_decision_attendance_id_attendance")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_attendance_decision_made_by_id_person")),
        sa.PrimaryKeyConstraint("attendance_id", name=op.f("pk_attendance_decision")),
    )
    op.create_index("ix_attendance_decision_by", "attendance_decision", ["made_by_id"])
    time = "DATETIME" if dialect == "sqlite" else "TIMESTAMP WITHOUT TIME ZONE"
    for column in COLUMNS:
        op.execute(f"ALTER TABLE attendance ADD COLUMN {column.format(time=time)}")
    _hold_what_was_for_review()
    op.drop_column("attendance", "review")
    op.create_index("ix_attendance_held", "attendance", ["held_unit_id", "held_at"], sqlite_where=HELD, postgresql_where=HELD)
    columns = ["device_hash", "activity_id", "person_id"]
    op.create_index("ix_scan_device", "scan", columns, sqlite_where=OF_A_PHONE, postgresql_where=OF_A_PHONE)
    for statement in [*GUARDS[dialect], *append_only("attendance_decision", dialect)]:
        op.execute(statement)


def _hold_what_was_for_review() -> None:
    """`review` only ever said overlap. It waits since the end was made, for the organisers of the activity."""
    waits = "review IS NOT NULL AND out_at IS NOT NULL AND credited_from IS NULL AND excluded_at IS NULL"
    op.execute(
        "INSERT INTO attendance_reason (attendance_id, reason, made_at, holds) "
        f"SELECT id, 'elsewhere', out_at, {sa.true().compile(dialect=op.get_bind().dialect)} FROM attendance WHERE {waits}"
    )
    unit = "SELECT activity.unit_id FROM activity JOIN shift ON shift.activity_id = activity.id WHERE shift.id = attendance.shift_id"
    op.execute(f"UPDATE attendance SET held_at = out_at, held_for = 'organiser', held_unit_id = ({unit}) WHERE {waits}")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("attendance", sa.Column("review", sa.String(length=40), nullable=True))
    op.execute("UPDATE attendance SET review = 'overlap' WHERE held_at IS NOT NULL")
    for statement in UNGUARD[dialect]:
        op.execute(statement)
    op.drop_index("ix_scan_device", table_name="scan")
    op.drop_index("ix_attendance_held", table_name="attendance")
    for column in ("reminded_at", "held_unit_id", "held_for", "held_at"):
        op.execute(f"ALTER TABLE attendance DROP COLUMN {column}")
    op.drop_table("attendance_decision")
    op.drop_table("attendance_reason")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_own_decision()")
