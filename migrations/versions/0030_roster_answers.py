"""Rosters: what ends with a move, shared numbers, new units with nearly the name of another"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# without these every person that is taken back costs a look through all that anybody ever made, approved or scanned
NAMING = (
    ("hour_entry", "made_by"), ("hour_entry", "approved_by"), ("point_entry", "made_by"), ("point_entry", "approved_by"),
    ("scan", "by"), ("attendance", "excluded_by"),
)  # fmt: skip


def upgrade() -> None:
    for table, role in NAMING:
        there = sa.text(f"{role}_id IS NOT NULL")
        op.create_index(f"ix_{table}_{role}", table, [f"{role}_id"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "import_ending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("holding", sa.String(length=20), nullable=False),
        sa.Column("held_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_ending_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_ending")),
        sa.UniqueConstraint("batch_id", "holding", "held_id", name=op.f("uq_import_ending_batch_id_holding_held_id")),
    )
    op.create_index("ix_import_ending_batch", "import_ending", ["batch_id", "row"])
    op.add_column("import_unit", sa.Column("likes", sa.String(length=80), server_default="", nullable=False))
    op.add_column("import_batch", sa.Column("shares", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_batch", sa.Column("waiting", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_question", sa.Column("with_row", sa.Integer(), nullable=True))
    _asks("'card', 'phone', 'share'")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("import_question", "person_id", nullable=True)
    else:
        _anew("person_id", "INTEGER", "import_question")


def downgrade() -> None:
    for table, role in NAMING:
        op.drop_index(f"ix_{table}_{role}", table_name=table)
    op.execute("DELETE FROM import_question WHERE person_id IS NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("import_question", "person_id", nullable=False)
    else:
        _anew("person_id", "INTEGER NOT NULL DEFAULT 0", "import_question")
    op.execute("UPDATE import_row SET asks = NULL WHERE asks = 'share'")
    _asks("'card', 'phone'")
    op.drop_column("import_question", "with_row")
    op.drop_column("import_batch", "waiting")
    op.drop_column("import_batch", "shares")
    op.drop_column("import_unit", "likes")
    op.drop_index("ix_import_ending_batch", table_name="import_ending")
    op.drop_table("import_ending")


def _asks(allowed: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_import_row_ask"), "import_row", type_="check")
        op.create_check_constraint(op.f("ck_import_row_ask"), "import_row", f"asks IN ({allowed})")
    else:
        _anew("asks", f"VARCHAR(32) CONSTRAINT ck_import_row_ask CHECK (asks IN ({allowed}))", "import_row")


def _anew(column: str, laid: str, table: str) -> None:
    """SQLite can not alter a column; both here stand in no index and no constraint but their own, which goes with them."""
    laid_out = laid.replace(f"{column} IN", f"{column}_anew IN")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column}_anew {laid_out}")
    op.execute(f"UPDATE {table} SET {column}_anew = {column}")
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {column}_anew TO {column}")
