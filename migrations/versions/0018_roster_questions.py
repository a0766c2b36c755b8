"""Rosters: people without a phone, likely changes of number, columns remembered for an office"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FIELDS = ("gender", "birth", "note", "home", "reported", "stage", "stage_date")
COLUMNS = (
    "name", "gender", "birth", "phone", "community", "branch", "stage", "stage_on", "joined", "reported", "note", "id_number",
)  # fmt: skip
INDEXES = {"ix_import_change_batch": ["batch_id", "field", "row"], "ix_import_change_person": ["person_id"]}
LAID = {"native_enum": False, "create_constraint": True, "length": 32}


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("cards", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_batch", sa.Column("questions", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_batch", sa.Column("take_cards", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("import_batch", sa.Column("unknown", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("import_row", sa.Column("initials", sa.String(length=40), server_default="", nullable=False))
    op.execute("ALTER TABLE import_row ADD COLUMN asks VARCHAR(32) CONSTRAINT ck_import_row_ask CHECK (asks IN ('card', 'phone'))")
    _fields((*FIELDS, "phone"))
    op.create_table(
        "import_question",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Enum("same", "other", name="answer", **LAID), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("answer IS NULL OR decided_at IS NOT NULL", name=op.f("ck_import_question_decided")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_question_batch_id_import_batch")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_import_question_decided_by_id_person")),
        sa.PrimaryKeyConstraint("batch_id", "row", name=op.f("pk_import_question")),
    )
    op.create_index(op.f("ix_import_question_decided_by_id"), "import_question", ["decided_by_id"])
    op.create_table(
        "import_heading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("means", sa.Enum(*COLUMNS, name="rostercolumn", **LAID), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_import_heading_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_import_heading_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_heading")),
        sa.UniqueConstraint("unit_id", "word", name=op.f("uq_import_heading_unit_id_word")),
    )
    op.create_index(op.f("ix_import_heading_made_by_id"), "import_heading", ["made_by_id"])
    # without it every person that is taken back costs a look through all of them
    there = sa.text("became_id IS NOT NULL")
    op.create_index("ix_person_became_id", "person", ["became_id"], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    op.drop_index("ix_person_became_id", table_name="person")
    op.drop_table("import_heading")
    op.drop_table("import_question")
    op.execute("DELETE FROM import_change WHERE field = 'phone'")
    _fields(FIELDS)
    op.drop_column("import_row", "asks")
    op.drop_column("import_row", "initials")
    for name in ("unknown", "take_cards", "questions", "cards"):
        op.drop_column("import_batch", name)


def _fields(allowed: tuple[str, ...]) -> None:
    """Which fields an import may change. SQLite can not alter a CHECK: the table, which has no triggers, is written anew."""
    listed = ", ".join(f"'{one}'" for one in allowed)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_import_change_changefield"), "import_change", type_="check")
        op.create_check_constraint(op.f("ck_import_change_changefield"), "import_change", f"field IN ({listed})")
        return
    op.rename_table("import_change", "import_change_before")
    for index in INDEXES:
        op.drop_index(index, table_name="import_change_before")
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Enum(*allowed, name="changefield", **LAID), nullable=False),
        sa.Column("before_text", sa.String(length=200), nullable=False),
        sa.Column("after_text", sa.String(length=200), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.Column("after_on", sa.Date(), nullable=True),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("unit_key", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_change_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.execute("INSERT INTO import_change SELECT * FROM import_change_before")
    op.drop_table("import_change_before")
    for index, columns in INDEXES.items():
        op.create_index(index, "import_change", columns)
