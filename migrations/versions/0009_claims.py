"""Made-up records and disputes"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAMED = "EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.id AND claim.person_id = NEW.decided_by_id)"
NOT_FOR_ONESELF = {
    "sqlite": [
        "CREATE TRIGGER claim_batch_not_for_oneself BEFORE UPDATE ON claim_batch "
        f"WHEN NEW.decided_by_id IS NOT NULL AND {NAMED} "
        "BEGIN SELECT RAISE(ABORT, 'nobody decides about a list with their own name'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_own_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.decided_by_id IS NOT NULL AND {NAMED} THEN "
        "RAISE EXCEPTION 'nobody decides about a list with their own name' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER claim_batch_not_for_oneself BEFORE UPDATE ON claim_batch FOR EACH ROW EXECUTE FUNCTION refuse_own_claim()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "claim_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("ticked", "paper", name="batchkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict", sa.Enum("approved", "returned", name="verdict", native_enum=False, create_constraint=True, length=32), nullable=True
        ),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f("ck_claim_batch_answer")),
        sa.CheckConstraint("(decided_at IS NULL) = (verdict IS NULL)", name=op.f("ck_claim_batch_decided")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> made_by_id", name=op.f("ck_claim_batch_two_people")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_claim_batch_decided_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_claim_batch_made_by_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_claim_batch_shift_id_shift")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_claim_batch_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_batch")),
    )
    op.create_index("ix_claim_batch_unit", "claim_batch", ["unit_id", "decided_at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("in_at", sa.DateTime(), nullable=False),
        sa.Column("out_at", sa.DateTime(), nullable=False),
        sa.Column("attendance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("skipped", sa.String(length=60), server_default="", nullable=False),
        sa.CheckConstraint("out_at > in_at", name=op.f("ck_claim_out_after_in")),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_claim_attendance_id_attendance")),
        sa.ForeignKeyConstraint(["batch_id"], ["claim_batch.id"], name=op.f("fk_claim_batch_id_claim_batch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("attendance_id", name=op.f("uq_claim_attendance_id")),
        sa.UniqueConstraint("batch_id", "person_id", name=op.f("uq_claim_batch_id_person_id")),
    )
    op.create_index(op.f("ix_claim_person_id"), "claim", ["person_id"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.String(length=300), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_dispute_answered")),
        sa.CheckConstraint("answered_by_id IS NULL OR answered_by_id <> person_id", name=op.f("ck_dispute_two_people")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_dispute_answered_by_id_person")),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_dispute_attendance_id_attendance")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dispute_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_dispute_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_person_id"), "dispute", ["person_id"], unique=False)
    op.create_index("ix_dispute_unit", "dispute", ["unit_id", "answered_at"], unique=False)
    op.create_index(
        "uq_dispute_open",
        "dispute",
        ["attendance_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    for statement in NOT_FOR_ONESELF[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        "uq_dispute_open",
        table_name="dispute",
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.drop_index("ix_dispute_unit", table_name="dispute")
    op.drop_index(op.f("ix_dispute_person_id"), table_name="dispute")
    op.drop_table("dispute")
    op.drop_index(op.f("ix_claim_person_id"), table_name="claim")
    op.drop_table("claim")
    op.drop_index("ix_claim_batch_unit", table_name="claim_batch")
    op.drop_table("claim_batch")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_own_claim()")
