"""People claim for themselves, with a photo or a witness; a name of a list may be returned alone; lists are taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KIND = "ck_claim_batch_batchkind"
BEFORE, AFTER = "kind IN ('ticked', 'paper')", "kind IN ('ticked', 'paper', 'own')"
COLUMNS = {  # each with its checks: SQLite takes them with the column only
    "claim_batch": (
        "waits_since {time}",
        "withdrawn_at {time} CONSTRAINT ck_claim_batch_withdrawn CHECK (withdrawn_at IS NULL OR decided_at IS NULL)",
    ),
    "claim": (
        "open_shift_id INTEGER CONSTRAINT fk_claim_open_shift_id_shift REFERENCES shift (id)",
        "returned VARCHAR(200) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_claim_returned CHECK (returned = '' OR (attendance_id IS NULL AND skipped = ''))",
    ),
}

NAMED = "EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.id AND claim.person_id = NEW.decided_by_id)"
WITNESSED = "EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.person_id = NEW.decided_by_id)"
DECIDES = "NEW.decided_by_id IS NOT NULL AND OLD.decided_by_id IS NULL"
UNPROVEN = (
    f"{DECIDES} AND NEW.kind = 'own' AND NEW.verdict = 'approved' "
    "AND NOT EXISTS (SELECT 1 FROM claim_photo p WHERE p.batch_id = NEW.id AND p.removed_at IS NULL) "
    "AND NOT EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.says = 'yes')"
)
SETTLED = "NEW.decided_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL"
OVER = "OLD.decided_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL"
CLOSE = "UPDATE claim SET open_shift_id = NULL WHERE batch_id = NEW.id AND open_shift_id IS NOT NULL"
OF_ONESELF = "EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.batch_id AND claim.person_id = NEW.person_id)"
ONESELF, STRANGER, PROOF = "nobody decides about a list with their own name", "a witness does not decide", "nothing proves it"
FINAL, SELF = "a decision is final", "nobody is their own witness"


def _sqlite(name: str, when: str, condition: str, words: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _postgresql(*pairs: tuple[str, str]) -> str:
    tests = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF;" for condition, words in pairs
    )
    return f"RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {tests} RETURN NEW; END $$"


GUARDS = {
    "sqlite": [
        _sqlite("claim_batch_not_for_witness", "UPDATE ON claim_batch", f"NEW.decided_by_id IS NOT NULL AND {WITNESSED}", STRANGER),
        _sqlite("claim_batch_proven", "UPDATE ON claim_batch", UNPROVEN, PROOF),
        _sqlite("claim_batch_final", "UPDATE OF decided_at, verdict, withdrawn_at ON claim_batch", OVER, FINAL),
        _sqlite("claim_witness_not_oneself", "INSERT ON claim_witness", OF_ONESELF, SELF),
        f"CREATE TRIGGER claim_batch_settled AFTER UPDATE OF decided_at, withdrawn_at ON claim_batch WHEN {SETTLED} BEGIN {CLOSE}; END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_unproven_claim() "
        + _postgresql((f"NEW.decided_by_id IS NOT NULL AND {WITNESSED}", STRANGER), (UNPROVEN, PROOF)),
        "CREATE TRIGGER claim_batch_proven BEFORE UPDATE ON claim_batch FOR EACH ROW EXECUTE FUNCTION refuse_unproven_claim()",
        "CREATE FUNCTION refuse_second_verdict() " + _postgresql((OVER, FINAL)),
        "CREATE TRIGGER claim_batch_final BEFORE UPDATE OF decided_at, verdict, withdrawn_at ON claim_batch "
        "FOR EACH ROW EXECUTE FUNCTION refuse_second_verdict()",
        "CREATE FUNCTION refuse_own_witness() " + _postgresql((OF_ONESELF, SELF)),
        "CREATE TRIGGER claim_witness_not_oneself BEFORE INSERT ON claim_witness FOR EACH ROW EXECUTE FUNCTION refuse_own_witness()",
        f"CREATE FUNCTION settle_claims() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {CLOSE}; RETURN NEW; END $$",
        "CREATE TRIGGER claim_batch_settled AFTER UPDATE OF decided_at, withdrawn_at ON claim_batch "
        f"FOR EACH ROW WHEN ({SETTLED}) EXECUTE FUNCTION settle_claims()",
    ],
}
UNGUARD = {
    "sqlite": [f"DROP TRIGGER claim_batch_{name}" for name in ("not_for_witness", "proven", "final", "settled")],
    "postgresql": [
        *(f"DROP TRIGGER claim_batch_{name} ON claim_batch" for name in ("proven", "final", "settled")),
        *(f"DROP FUNCTION {name}()" for name in ("refuse_unproven_claim", "refuse_second_verdict", "settle_claims")),
    ],
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    time = "DATETIME" if dialect == "sqlite" else "TIMESTAMP WITHOUT TIME ZONE"
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(time=time)}")
    _recheck(BEFORE, AFTER)
    op.create_table(
        "claim_witness",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("says", sa.Enum("yes", "no", name="says", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (says IS NULL)", name=op.f("ck_claim_witness_answered")),
        sa.ForeignKeyConstraint(["batch_id"], ["claim_batch.id"], name=op.f("fk_claim_witness_batch_id_claim_batch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_witness_person_id_person")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_claim_witness")),
    )
    op.create_index(op.f("ix_claim_witness_person_id"), "claim_witness", ["person_id"], unique=False)
    op.create_table(
        "claim_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("slot BETWEEN 1 AND 3", name=op.f("ck_claim_photo_slot")),
        sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name=op.f("ck_claim_photo_size")),
        sa.ForeignKeyConstraint(["batch_id"], ["claim_batch.id"], name=op.f("fk_claim_photo_batch_id_claim_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_photo")),
        sa.UniqueConstraint("batch_id", "slot", name=op.f("uq_claim_photo_batch_id_slot")),
        sa.UniqueConstraint("batch_id", "digest", name=op.f("uq_claim_photo_batch_id_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_claim_photo_name")),
    )
    op.execute("UPDATE claim_batch SET waits_since = made_at")
    waiting = "SELECT b.shift_id FROM claim_batch b WHERE b.id = claim.batch_id AND b.decided_at IS NULL"
    earlier = (
        "SELECT 1 FROM claim c JOIN claim_batch e ON e.id = c.batch_id JOIN claim_batch b ON b.id = claim.batch_id "
        "WHERE c.id < claim.id AND c.person_id = claim.person_id AND e.shift_id = b.shift_id AND e.decided_at IS NULL"
    )
    op.execute(f"UPDATE claim SET open_shift_id = ({waiting}) WHERE NOT EXISTS ({earlier})")
    op.create_index("uq_claim_open", "claim", ["open_shift_id", "person_id"], unique=True)
    op.create_index("ix_claim_batch_made_by", "claim_batch", ["made_by_id", "made_at"], unique=False)
    for statement in GUARDS[dialect]:
        op.execute(statement)


def _recheck(before: str, after: str) -> None:
    """Another CHECK in the place of one: as in 0026, since SQLite can not change a constraint."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_constraint(op.f(KIND), "claim_batch", type_="check")
        op.create_check_constraint(op.f(KIND), "claim_batch", after)
        return
    old, new = (f"CONSTRAINT {KIND} CHECK ({words})" for words in (before, after))
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'claim_batch' AND instr(sql, ?) > 0",
        (old, new, old),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    if changed.rowcount != 1:
        raise RuntimeError(f"{KIND} is not as this migration knows it")


def downgrade() -> None:
    """What people claimed for themselves becomes a list of one name; what was taken back goes."""
    dialect = op.get_bind().dialect.name
    for statement in UNGUARD[dialect]:
        op.execute(statement)
    op.execute("DELETE FROM claim WHERE batch_id IN (SELECT id FROM claim_batch WHERE withdrawn_at IS NOT NULL)")
    op.drop_table("claim_photo")
    op.drop_table("claim_witness")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION refuse_own_witness()")
    op.execute("DELETE FROM claim_batch WHERE withdrawn_at IS NOT NULL")
    op.execute("UPDATE claim_batch SET kind = 'ticked' WHERE kind = 'own'")
    _recheck(AFTER, BEFORE)
    op.drop_index("ix_claim_batch_made_by", table_name="claim_batch")
    op.drop_index("uq_claim_open", table_name="claim")
    for table, names in (("claim", ("returned", "open_shift_id")), ("claim_batch", ("withdrawn_at", "waits_since"))):
        for name in names:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
