"""Places in a dated tree and their ties to units; what units and places were called before; no cycles, no overlaps"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TREES = (("unit", 1), ("place", 2))  # the node's table and its part of the advisory lock, see people.service.trees
END = "'9999-12-31'"

# Going up from the new parent through every edge that shares a day with the new one must not come back to the node.
CYCLE = """
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, {end})
  UNION
  SELECT p.parent_id, {later}(up.since, p.valid_from), {earlier}(up.until, coalesce(p.valid_to, {end}))
  FROM up JOIN {tree}_parent p ON p.{tree}_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, {end}) > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.{tree}_id AND since < until
"""
OVERLAP = """
SELECT 1 FROM {tree}_parent p WHERE p.{tree}_id = NEW.{tree}_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, {end}) AND coalesce(p.valid_to, {end}) > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, {end}) AND NEW.valid_from < coalesce(NEW.valid_to, {end})
"""
CLOSED = "SELECT 1 FROM {tree} WHERE id IN (NEW.{tree}_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL"
REFUSED = (("has itself above it", CYCLE), ("already has a parent on these days", OVERLAP), ("is closed, or its parent is", CLOSED))


def guard_sqlite(tree: str) -> None:
    refusals = "\n".join(
        f"SELECT RAISE(ABORT, '{tree} {words}') WHERE EXISTS ({query.format(tree=tree, end=END, later='max', earlier='min')});"
        for words, query in REFUSED
    )
    for when, name in (("INSERT", "new"), (f"UPDATE OF {tree}_id, parent_id, valid_from, valid_to", "changed")):
        op.execute(f"CREATE TRIGGER {tree}_parent_{name} AFTER {when} ON {tree}_parent BEGIN\n{refusals}\nEND")


def guard_postgresql(tree: str, number: int) -> None:
    """Whoever changes a tree queues up until the other has committed: two moves that are harmless alone may close a circle."""
    refusals = "\n".join(
        f"IF EXISTS ({query.format(tree=tree, end=f'date {END}', later='greatest', earlier='least')}) THEN "
        f"RAISE EXCEPTION '{tree} {words}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        for words, query in REFUSED
    )
    op.execute(
        f"CREATE FUNCTION {tree}_parent_holds() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"PERFORM pg_advisory_xact_lock(7013, {number});\n{refusals}\nRETURN NULL;\nEND $$"
    )
    op.execute(
        f"CREATE TRIGGER {tree}_parent_holds AFTER INSERT OR UPDATE OF {tree}_id, parent_id, valid_from, valid_to "
        f"ON {tree}_parent FOR EACH ROW EXECUTE FUNCTION {tree}_parent_holds()"
    )


def guard_memberships(dialect: str) -> None:
    """A unit that has been closed takes nobody in; closing it and joining it at once queue up at its row."""
    if dialect == "sqlite":
        for when, name in (("INSERT", "new"), ("UPDATE OF unit_id, valid_to", "changed")):
            op.execute(
                f"CREATE TRIGGER membership_open_unit_{name} AFTER {when} ON membership WHEN NEW.valid_to IS NULL BEGIN\n"
                "SELECT RAISE(ABORT, 'unit is closed') WHERE EXISTS "
                "(SELECT 1 FROM unit WHERE id = NEW.unit_id AND closed_on IS NOT NULL);\nEND"
            )
        return
    op.execute(
        "CREATE FUNCTION membership_open_unit() RETURNS trigger LANGUAGE plpgsql AS $$\nDECLARE ended date;\nBEGIN\n"
        "SELECT closed_on INTO ended FROM unit WHERE id = NEW.unit_id FOR KEY SHARE;\n"
        "IF ended IS NOT NULL THEN RAISE EXCEPTION 'unit is closed' USING ERRCODE = 'integrity_constraint_violation'; END IF;\n"
        "RETURN NEW;\nEND $$"
    )
    op.execute(
        "CREATE TRIGGER membership_open_unit BEFORE INSERT OR UPDATE OF unit_id, valid_to ON membership "
        "FOR EACH ROW WHEN (NEW.valid_to IS NULL) EXECUTE FUNCTION membership_open_unit()"
    )


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

    op.create_index(op.f("ix_unit_parent_unit_id"), "unit_parent", ["unit_id"], unique=False)
    op.create_index(op.f("ix_place_parent_place_id"), "place_parent", ["place_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for tree, number in TREES:
        if dialect == "sqlite":
            guard_sqlite(tree)
        else:
            guard_postgresql(tree, number)
    guard_memberships(dialect)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("membership_open_unit_new", "membership_open_unit_changed"):
            op.execute(f"DROP TRIGGER {name}")
        for name in ("unit_parent_new", "unit_parent_changed", "place_parent_new", "place_parent_changed"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER membership_open_unit ON membership")
        op.execute("DROP FUNCTION membership_open_unit()")
        for tree, _ in TREES:
            op.execute(f"DROP TRIGGER {tree}_parent_holds ON {tree}_parent")
            op.execute(f"DROP FUNCTION {tree}_parent_holds()")
    op.drop_index(op.f("ix_unit_parent_unit_id"), table_name="unit_parent")
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
