"""抽查: drawn by a recorded seed, noted, answered"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, guard

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

LEDGERS = ("spot_check_pick_entry", "spot_check_note_entry")
FIXED = "number, first_on, last_on, size, seed, source, last_voucher, population, digest, announced_at, announced_by_id"

# The books of the period as they stand.
ANNOUNCED = """
NEW.drawn_at IS NULL
AND NEW.last_voucher = (SELECT max(m.voucher_no) FROM fund_movement_entry m)
AND NEW.population = (SELECT count(*) FROM fund_movement_entry m
  WHERE m.line_no = 1 AND m.voucher_no <= NEW.last_voucher AND m.booked_on BETWEEN NEW.first_on AND NEW.last_on)
"""
PICKED = """
EXISTS (SELECT 1 FROM spot_check c JOIN fund_movement_entry m ON m.id = NEW.movement_id
  WHERE c.id = NEW.check_id AND c.drawn_at IS NULL AND NEW.place <= c.size
  AND m.line_no = 1 AND m.voucher_no <= c.last_voucher AND m.booked_on BETWEEN c.first_on AND c.last_on)
"""
DRAWN = """
OLD.drawn_at IS NULL AND NEW.drawn_at IS NOT NULL AND NEW.drawn_at >= OLD.announced_at
AND OLD.size = (SELECT count(*) FROM spot_check_pick_entry p WHERE p.check_id = OLD.id)
"""
# The auditor speaks first and may add a word at any time; an answer follows a question or a fault, and is somebody else's.
SAID = """
NEW.seq = (SELECT coalesce(max(n.seq), 0) + 1 FROM spot_check_note_entry n WHERE n.pick_id = NEW.pick_id)
AND EXISTS (SELECT 1 FROM spot_check_pick_entry p JOIN spot_check c ON c.id = p.check_id
  WHERE p.id = NEW.pick_id AND c.drawn_at IS NOT NULL)
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_pick_entry p
  JOIN fund_movement_entry m ON m.id = p.movement_id JOIN fund_step_entry s ON s.request_id = m.request_id
  WHERE p.id = NEW.pick_id AND (s.by_id = NEW.by_id OR s.for_id = NEW.by_id)))
AND (NEW.step = 'found' OR EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.finding IN ('question', 'fault') AND n.by_id <> NEW.by_id))
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.step = 'answered' AND n.by_id = NEW.by_id))
"""

GUARDS = (
    ("spot_check_announced", "INSERT", "spot_check", ANNOUNCED, "a spot check is of the books as they stand", "NEW"),
    ("spot_check_fixed", f"UPDATE OF {FIXED}", "spot_check", "1 = 0", "spot_check does not change", "NEW"),
    ("spot_check_drawn", "UPDATE OF drawn_at, drawn_by_id", "spot_check", DRAWN, "a spot check is drawn once, in full", "NEW"),
    ("spot_check_kept", "DELETE", "spot_check", "1 = 0", "spot_check is kept", "OLD"),
    ("spot_check_picked", "INSERT", "spot_check_pick_entry", PICKED, "not an entry of what was announced", "NEW"),
    ("spot_check_said", "INSERT", "spot_check_note_entry", SAID, "spot_check_note_entry out of turn", "NEW"),
)


def upgrade() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("last_voucher", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("announced_at", sa.DateTime(), nullable=False),
        sa.Column("announced_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=True),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_spot_check_dated")),
        sa.CheckConstraint("size BETWEEN 1 AND population", name=op.f("ck_spot_check_size")),
        sa.CheckConstraint("seed <> '' AND source <> ''", name=op.f("ck_spot_check_words")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_spot_check_digest")),
        sa.CheckConstraint("(drawn_at IS NULL) = (drawn_by_id IS NULL)", name=op.f("ck_spot_check_drawn")),
        sa.ForeignKeyConstraint(["announced_by_id"], ["person.id"], name=op.f("fk_spot_check_announced_by_id_person")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["person.id"], name=op.f("fk_spot_check_drawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("number", name=op.f("uq_spot_check_number")),
        sa.UniqueConstraint("seed", name=op.f("uq_spot_check_seed")),
    )
    op.create_table(
        "spot_check_pick_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.CheckConstraint("place > 0 AND length(fingerprint) = 64", name=op.f("ck_spot_check_pick_entry_fingerprint")),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"], name=op.f("fk_spot_check_pick_entry_check_id_spot_check")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["fund_movement_entry.id"], name=op.f("fk_spot_check_pick_entry_movement_id_fund_movement_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_pick_entry")),
        sa.UniqueConstraint("check_id", "place", name=op.f("uq_spot_check_pick_entry_check_id_place")),
        sa.UniqueConstraint("check_id", "movement_id", name=op.f("uq_spot_check_pick_entry_check_id_movement_id")),
    )
    op.create_index("ix_spot_check_pick_entry_movement", "spot_check_pick_entry", ["movement_id"], unique=False)
    op.create_table(
        "spot_check_note_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pick_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("found", "answered", name="spotcheckstep", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "finding",
            sa.Enum("fine", "question", "fault", name="spotcheckfinding", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(step = 'found') = (finding IS NOT NULL)", name=op.f("ck_spot_check_note_entry_finding")),
        sa.CheckConstraint("words <> '' OR (seq = 1 AND finding = 'fine')", name=op.f("ck_spot_check_note_entry_words")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_spot_check_note_entry_by_id_person")),
        sa.ForeignKeyConstraint(
            ["pick_id"], ["spot_check_pick_entry.id"], name=op.f("fk_spot_check_note_entry_pick_id_spot_check_pick_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_note_entry")),
        sa.UniqueConstraint("pick_id", "seq", name=op.f("uq_spot_check_note_entry_pick_id_seq")),
    )
    dialect = op.get_bind().dialect.name
    for table in LEDGERS:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for name, event, table, condition, message, row in GUARDS:
        for statement in guard(dialect, name, event, table, condition, message, row):
            op.execute(statement)


def downgrade() -> None:
    for table in ("spot_check_note_entry", "spot_check_pick_entry", "spot_check"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {name}()")
