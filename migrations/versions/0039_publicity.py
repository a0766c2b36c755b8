"""公示 and objections"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

SHOWN = (
    "EXISTS (SELECT 1 FROM publicity WHERE publicity.id = NEW.publicity_id AND withdrawn_at IS NULL AND concluded_on IS NULL"
    " AND NEW.received_on BETWEEN starts_on AND ends_on)"
)
FULL = (
    "(SELECT count(*) FROM publicity_line WHERE publicity_id = NEW.publicity_id)"
    " >= (SELECT people FROM publicity WHERE publicity.id = NEW.publicity_id)"
)
OPEN = "EXISTS (SELECT 1 FROM objection WHERE objection.publicity_id = NEW.id AND answered_at IS NULL)"
CONCERNED = (
    "EXISTS (SELECT 1 FROM publicity_line WHERE publicity_line.publicity_id = NEW.publicity_id"
    " AND publicity_line.person_id = NEW.answered_by_id)"
)
FIXED = {
    "publicity": (
        *("id", "subject_kind", "subject_id", "unit_id", "reach", "title", "words", "phone", "place", "people"),
        *("starts_on", "ends_on", "published_at", "published_by_id"),
    ),
    "objection": (
        *("id", "publicity_id", "unit_id", "about_id", "way", "by_id", "by_name", "by_phone", "said"),
        *("received_on", "received_at", "keyed_by_id"),
    ),
}


def changed(table: str, dialect: str) -> str:
    unlike = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"NEW.{column} {unlike} OLD.{column}" for column in FIXED[table])


def upgrade() -> None:
    publicities()
    lines()
    objections()
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def rules(dialect: str) -> list[tuple[str, str, str, str]]:
    """(table, verb, when, what is said): what the database refuses."""
    return [
        ("publicity_line", "insert", FULL, "a publicity has its lines from the beginning"),
        ("publicity_line", "update", "1 = 1", "what was shown stays"),
        ("publicity_line", "delete", "1 = 1", "what was shown stays"),
        (
            "publicity",
            "update",
            f"OLD.withdrawn_at IS NOT NULL OR OLD.concluded_on IS NOT NULL OR {changed('publicity', dialect)}"
            f" OR (NEW.concluded_on IS NOT NULL AND {OPEN})",
            "a publicity is concluded once, with no objection open, or withdrawn",
        ),
        ("publicity", "delete", "1 = 1", "what was shown stays"),
        ("objection", "insert", f"NOT {SHOWN}", "objections are made while it is shown"),
        (
            "objection",
            "update",
            f"OLD.answered_at IS NOT NULL OR {changed('objection', dialect)}"
            " OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at <> OLD.acknowledged_at)"
            f" OR (NEW.about_id IS NULL AND NEW.answered_by_id IS NOT NULL AND {CONCERNED})",
            "an objection is answered once, by somebody whom it does not concern",
        ),
        ("objection", "delete", "1 = 1", "an objection stays"),
    ]


def guards(dialect: str) -> list[str]:
    made = []
    for table, verb, when, said in rules(dialect):
        if dialect == "sqlite":
            made.append(
                f"CREATE TRIGGER {table}_on_{verb} BEFORE {verb.upper()} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        else:
            made += [
                f"CREATE FUNCTION {table}_on_{verb}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
                f"RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END IF; "
                f"RETURN {'OLD' if verb == 'delete' else 'NEW'}; END $$",
                f"CREATE TRIGGER {table}_on_{verb} BEFORE {verb.upper()} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_on_{verb}()",
            ]
    if dialect != "sqlite":
        made += [
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for table in ("publicity", "publicity_line", "objection")
        ]
    return made


def publicities() -> None:
    op.create_table(
        "publicity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum("assessment", "honour", "certificate", name="subjectkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Enum("branch", "public", name="reach", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("concluded_on", sa.Date(), nullable=True),
        sa.CheckConstraint("withdrawn_at IS NULL OR reason <> ''", name=op.f("ck_publicity_reason")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_publicity_withdrawn")),
        sa.CheckConstraint(
            "concluded_on IS NULL OR (withdrawn_at IS NULL AND concluded_on > ends_on)", name=op.f("ck_publicity_concluded")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_publicity_dated")),
        sa.CheckConstraint("people > 0", name=op.f("ck_publicity_people")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_publicity_published_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_publicity_unit_id_unit")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_publicity_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
    )
    op.create_index("ix_publicity_reach", "publicity", ["reach", "ends_on"], unique=False)
    op.create_index("ix_publicity_unit", "publicity", ["unit_id", "ends_on"], unique=False)
    op.create_index(
        "uq_publicity_subject",
        "publicity",
        ["subject_kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def lines() -> None:
    op.create_table(
        "publicity_line",
        sa.Column("publicity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_publicity_line_person_id_person")),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"], name=op.f("fk_publicity_line_publicity_id_publicity")),
        sa.PrimaryKeyConstraint("publicity_id", "person_id", name=op.f("pk_publicity_line")),
    )
    op.create_index("ix_publicity_line_person", "publicity_line", ["person_id"], unique=False)


def objections() -> None:
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publicity_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column(
            "way",
            sa.Enum("online", "in_person", "phone", "letter", name="way", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=40), nullable=False),
        sa.Column("by_phone", sa.String(length=20), nullable=False),
        sa.Column("said", sa.String(length=500), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("keyed_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict", sa.Enum("upheld", "rejected", name="verdict", native_enum=False, create_constraint=True, length=32), nullable=True
        ),
        sa.Column("answer", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL) AND (answered_at IS NULL) = (verdict IS NULL)"
            " AND (answered_at IS NULL OR (answer <> '' AND acknowledged_at IS NOT NULL))",
            name=op.f("ck_objection_answered"),
        ),
        sa.CheckConstraint("(way = 'online') = (keyed_by_id IS NULL)", name=op.f("ck_objection_keyed")),
        sa.CheckConstraint("by_id IS NOT NULL OR by_name <> ''", name=op.f("ck_objection_somebody")),
        sa.CheckConstraint("way <> 'online' OR by_id IS NOT NULL", name=op.f("ck_objection_own")),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)", name=op.f("ck_objection_acknowledged")),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR ((by_id IS NULL OR answered_by_id <> by_id) AND (about_id IS NULL OR answered_by_id <> about_id)"
            " AND (keyed_by_id IS NULL OR answered_by_id <> keyed_by_id))",
            name=op.f("ck_objection_another"),
        ),
        sa.CheckConstraint("keyed_by_id IS NULL OR by_id IS NULL OR keyed_by_id <> by_id", name=op.f("ck_objection_keyed_for_another")),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name=op.f("fk_objection_about_id_person")),
        sa.ForeignKeyConstraint(["acknowledged_by_id"], ["person.id"], name=op.f("fk_objection_acknowledged_by_id_person")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_objection_answered_by_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_objection_by_id_person")),
        sa.ForeignKeyConstraint(["keyed_by_id"], ["person.id"], name=op.f("fk_objection_keyed_by_id_person")),
        sa.ForeignKeyConstraint(
            ["publicity_id", "about_id"],
            ["publicity_line.publicity_id", "publicity_line.person_id"],
            name=op.f("fk_objection_publicity_id_publicity_line"),
        ),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"], name=op.f("fk_objection_publicity_id_publicity")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_objection_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index("ix_objection_by", "objection", ["by_id"], unique=False)
    op.create_index("ix_objection_publicity", "objection", ["publicity_id", "answered_at"], unique=False)
    op.create_index(
        "ix_objection_waits",
        "objection",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_objection_waits",
        table_name="objection",
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.drop_index("ix_objection_publicity", table_name="objection")
    op.drop_index("ix_objection_by", table_name="objection")
    op.drop_table("objection")
    op.drop_index("ix_publicity_line_person", table_name="publicity_line")
    op.drop_table("publicity_line")
    op.drop_index(
        "uq_publicity_subject",
        table_name="publicity",
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index("ix_publicity_unit", table_name="publicity")
    op.drop_index("ix_publicity_reach", table_name="publicity")
    op.drop_table("publicity")
    if op.get_bind().dialect.name == "postgresql":
        for table, verb, _, _ in rules("postgresql"):
            op.execute(f"DROP FUNCTION {table}_on_{verb}()")
