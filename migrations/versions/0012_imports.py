"""Imported rosters: what was read, remarked and changed; and the way from a person to phones, ties and confirmations"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("staged_at", sa.DateTime(), nullable=True),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("date_moves", sa.Integer(), nullable=False),
        sa.Column("move_dates", sa.Boolean(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("applied_at", sa.DateTime(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.Column("last_person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("applied_at IS NULL OR started_at IS NOT NULL", name=op.f("ck_import_batch_started")),
        sa.CheckConstraint("running IS NULL OR running = 1", name=op.f("ck_import_batch_running")),
        sa.CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name=op.f("ck_import_batch_applied")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_import_batch_made_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_import_batch_undone_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_import_batch_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("running", name=op.f("uq_import_batch_running")),
    )
    op.create_index("ix_import_batch_unit", "import_batch", ["unit_id", "made_at"], unique=False)
    op.create_table(
        "import_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "gender",
                "birth",
                "note",
                "home",
                "reported",
                "stage",
                "stage_date",
                name="changefield",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("before_text", sa.String(length=200), nullable=False),
        sa.Column("after_text", sa.String(length=200), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.Column("after_on", sa.Date(), nullable=True),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("unit_key", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_change_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.create_index("ix_import_change_batch", "import_change", ["batch_id", "field", "row"], unique=False)
    op.create_index("ix_import_change_person", "import_change", ["person_id"], unique=False)
    op.create_table(
        "import_remark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("refuses", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("column_title", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_remark_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_remark")),
    )
    op.create_index("ix_import_remark_batch", "import_remark", ["batch_id", "refuses", "row"], unique=False)
    op.create_table(
        "import_unit",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "subdistrict",
                "community",
                "general_branch",
                "branch",
                "group",
                "team",
                "neighbours",
                "self_governance",
                "society",
                "owners_committee",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent_key", sa.Integer(), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_unit_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("batch_id", "key", name=op.f("pk_import_unit")),
    )
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("new", "changed", "unchanged", "refused", name="verdict", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("gender", sa.Enum("male", "female", name="gender", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "masses",
                "applicant",
                "activist",
                "candidate",
                "probationary",
                "member",
                name="stagekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("stage_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("home_key", sa.Integer(), nullable=True),
        sa.Column("reported_key", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id", "home_key"], ["import_unit.batch_id", "import_unit.key"], name="fk_import_row_home"),
        sa.ForeignKeyConstraint(["batch_id", "reported_key"], ["import_unit.batch_id", "import_unit.key"], name="fk_import_row_reported"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_person", "import_row", ["person_id"], unique=False)
    op.create_index("ix_import_row_verdict", "import_row", ["batch_id", "verdict", "row"], unique=False)
    # without these three, taking a batch back scans whole tables once a person
    op.create_index("ix_phone_person", "phone", ["person_id"])
    op.create_index("ix_membership_person", "membership", ["person_id"])
    op.create_index("ix_person_confirmed_by_id", "person", ["confirmed_by_id"])


def downgrade() -> None:
    op.drop_index("ix_person_confirmed_by_id", table_name="person")
    op.drop_index("ix_membership_person", table_name="membership")
    op.drop_index("ix_phone_person", table_name="phone")
    op.drop_index("ix_import_row_verdict", table_name="import_row")
    op.drop_index("ix_import_row_person", table_name="import_row")
    op.drop_table("import_row")
    op.drop_table("import_unit")
    op.drop_index("ix_import_remark_batch", table_name="import_remark")
    op.drop_table("import_remark")
    op.drop_index("ix_import_change_person", table_name="import_change")
    op.drop_index("ix_import_change_batch", table_name="import_change")
    op.drop_table("import_change")
    op.drop_index("ix_import_batch_unit", table_name="import_batch")
    op.drop_table("import_batch")
