"""Places in a dated tree and their ties to units; what units and places were called before"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_unit_name_dated")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_name_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_name")),
    )
    op.create_index(op.f("ix_unit_name_name"), "unit_name", ["name"], unique=False)
    op.create_index(op.f("ix_unit_name_unit_id"), "unit_name", ["unit_id"], unique=False)
    op.create_table(
        "place_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_place_name_dated")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_name_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_name")),
    )
    op.create_index(op.f("ix_place_name_place_id"), "place_name", ["place_id"], unique=False)
    op.create_table(
        "place_parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("place_id <> parent_id", name=op.f("ck_place_parent_not_itself")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_place_parent_dated")),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_parent_id_place")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_parent_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_parent")),
    )
    op.create_index(op.f("ix_place_parent_parent_id"), "place_parent", ["parent_id"], unique=False)
    op.create_index(
        "uq_place_parent_open",
        "place_parent",
        ["place_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "place_ancestry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("ancestor_id", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_place_ancestry_dated")),
        sa.ForeignKeyConstraint(["ancestor_id"], ["place.id"], name=op.f("fk_place_ancestry_ancestor_id_place")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_ancestry_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_ancestry")),
    )
    op.create_index("ix_place_ancestry_down", "place_ancestry", ["ancestor_id", "place_id", "valid_from", "valid_to"], unique=False)
    op.create_index(
        "uq_place_ancestry_open",
        "place_ancestry",
        ["place_id", "ancestor_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "place_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_place_unit_dated")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_unit_place_id_place")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_unit")),
    )
    op.create_index("ix_place_unit_unit", "place_unit", ["unit_id", "valid_to"], unique=False)
    op.create_index(
        "uq_place_unit_open",
        "place_unit",
        ["place_id", "unit_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )

    op.execute("CREATE TEMPORARY TABLE before_place AS SELECT id, parent_id, unit_id FROM place")
    op.add_column("place", sa.Column("opened_on", sa.Date(), server_default="2020-01-01", nullable=False))
    op.add_column("place", sa.Column("closed_on", sa.Date(), nullable=True))
    op.drop_index(op.f("ix_place_parent_id"), table_name="place")
    op.drop_index(op.f("ix_place_unit_id"), table_name="place")
    with op.batch_alter_table("place") as place:
        place.drop_constraint(op.f("fk_place_parent_id_place"), type_="foreignkey")
        place.drop_constraint(op.f("fk_place_unit_id_unit"), type_="foreignkey")
        place.drop_column("parent_id")
        place.drop_column("unit_id")
        place.alter_column("opened_on", server_default=None)
    op.create_index(op.f("ix_place_name"), "place", ["name"], unique=False)
    op.execute(
        "INSERT INTO place_parent (place_id, parent_id, valid_from) "
        "SELECT id, parent_id, '2020-01-01' FROM before_place WHERE parent_id IS NOT NULL"
    )
    op.execute(
        "INSERT INTO place_unit (place_id, unit_id, valid_from) "
        "SELECT id, unit_id, '2020-01-01' FROM before_place WHERE unit_id IS NOT NULL"
    )
    op.execute(
        "INSERT INTO place_ancestry (place_id, ancestor_id, depth, valid_from) "
        "WITH RECURSIVE up (place_id, ancestor_id, depth) AS (SELECT id, id, 0 FROM before_place UNION ALL "
        "SELECT up.place_id, b.parent_id, up.depth + 1 FROM up JOIN before_place b ON b.id = up.ancestor_id WHERE b.parent_id IS NOT NULL) "
        "SELECT place_id, ancestor_id, depth, '2020-01-01' FROM up"
    )
    op.execute("DROP TABLE before_place")


def downgrade() -> None:
    op.drop_index(op.f("ix_place_name"), table_name="place")
    with op.batch_alter_table("place") as place:
        place.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        place.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        place.create_foreign_key(op.f("fk_place_parent_id_place"), "place", ["parent_id"], ["id"])
        place.create_foreign_key(op.f("fk_place_unit_id_unit"), "unit", ["unit_id"], ["id"])
        place.drop_column("closed_on")
        place.drop_column("opened_on")
    op.create_index(op.f("ix_place_parent_id"), "place", ["parent_id"], unique=False)
    op.create_index(op.f("ix_place_unit_id"), "place", ["unit_id"], unique=False)
    op.execute("UPDATE place SET parent_id = (SELECT p.parent_id FROM place_parent p WHERE p.place_id = place.id AND p.valid_to IS NULL)")
    op.execute("UPDATE place SET unit_id = (SELECT min(u.unit_id) FROM place_unit u WHERE u.place_id = place.id AND u.valid_to IS NULL)")
    op.drop_table("place_unit")
    op.drop_table("place_ancestry")
    op.drop_table("place_parent")
    op.drop_table("place_name")
    op.drop_table("unit_name")
