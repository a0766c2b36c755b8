"""双50: versions of the rule that two people put into force, and what a branch confirmed, as it stood"""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OPEN = sa.text("decided_at IS NULL")
TIMES = ("made_at", "published_at", "dropped_at")
LINKS = {"family_id": "requirement_set", "based_on_id": "requirement_set", "made_by_id": "person"}
# (table, name, verb, condition, words): what the database refuses beyond append-only
PUBLISHED = "EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = {row}.set_id AND s.published_at IS NOT NULL)"
GUARDS = (
    ("requirement_set", "published", "UPDATE", "OLD.published_at IS NOT NULL", "a published requirement set never changes"),
    ("requirement_set", "kept", "DELETE", "OLD.published_at IS NOT NULL", "a published requirement set never changes"),
    ("requirement", "added", "INSERT", PUBLISHED.format(row="NEW"), "a published requirement set never changes"),
    (
        "requirement",
        "changed",
        "UPDATE",
        f"{PUBLISHED.format(row='OLD')} OR {PUBLISHED.format(row='NEW')}",
        "a published requirement set never changes",
    ),
    ("requirement", "removed", "DELETE", PUBLISHED.format(row="OLD"), "a published requirement set never changes"),
    ("requirement_choice", "decided", "UPDATE", "OLD.decided_at IS NOT NULL", "a decided choice never changes"),
    ("requirement_choice", "kept", "DELETE", "OLD.decided_at IS NOT NULL", "a decided choice never changes"),
    (
        "confirmed_pack",
        "one_stands",
        "INSERT",
        "NEW.nth > 1 AND NOT EXISTS (SELECT 1 FROM confirmed_pack p JOIN pack_withdrawal w ON w.pack_id = p.id "
        "WHERE p.person_id = NEW.person_id AND p.stage = NEW.stage AND p.began_on = NEW.began_on AND p.nth = NEW.nth - 1)",
        "another confirmation stands",
    ),
    (
        "pack_withdrawal",
        "second_person",
        "INSERT",
        "EXISTS (SELECT 1 FROM confirmed_pack p WHERE p.id = NEW.pack_id "
        "AND (p.confirmed_by_id = NEW.withdrawn_by_id OR p.person_id = NEW.withdrawn_by_id))",
        "a second person withdraws",
    ),
)


def stored(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column("requirement_set", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    for name, table in LINKS.items():  # by plain SQL: Alembic would copy the table on SQLite
        fk = f"CONSTRAINT fk_requirement_set_{name}_{table} REFERENCES {table} (id)"
        op.execute(f"ALTER TABLE requirement_set ADD COLUMN {name} INTEGER {fk}")
    for name in TIMES:
        op.add_column("requirement_set", sa.Column(name, sa.DateTime(), nullable=True))
    op.create_index("uq_requirement_set_family", "requirement_set", ["family_id", "version"], unique=True)
    op.create_table(
        "requirement_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", stored("choiceverdict", "confirmed", "returned", "withdrawn"), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (verdict IS NULL)", name=op.f("ck_requirement_choice_decided")),
        sa.CheckConstraint(
            "verdict = 'withdrawn' OR decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_requirement_choice_two_people")
        ),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f("ck_requirement_choice_answer")),
        sa.ForeignKeyConstraint(["set_id"], ["requirement_set.id"], name=op.f("fk_requirement_choice_set_id_requirement_set")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_requirement_choice_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_requirement_choice_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_choice")),
    )
    op.create_index("uq_requirement_choice_open", "requirement_choice", ["set_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    _keep_what_holds()
    for column in ("valid_from", "activated_at"):
        op.drop_column("requirement_set", column)
    _create_packs()
    for table in ("confirmed_pack", "pack_withdrawal"):
        for statement in append_only(table, op.get_bind().dialect.name):
            op.execute(statement)
    _guard()


def _keep_what_holds() -> None:
    """What was activated becomes a dated choice: the first from the day that it named, later ones from the day they were chosen."""
    bind = op.get_bind()
    times = (sa.column(name, sa.DateTime()) for name in ("activated_at", "published_at"))
    sets = sa.table("requirement_set", sa.column("id"), sa.column("valid_from", sa.Date()), *times)
    choice = sa.table(
        "requirement_choice",
        *(sa.column(name) for name in ("set_id", "verdict", "answer")),
        *(sa.column(name, sa.DateTime()) for name in ("asked_at", "decided_at")),
        sa.column("valid_from", sa.Date()),
    )
    chosen = bind.execute(
        sa.select(sets.c.id, sets.c.valid_from, sets.c.activated_at).where(sets.c.activated_at.is_not(None)).order_by(sets.c.activated_at)
    ).all()
    for nth, (set_id, valid_from, at) in enumerate(chosen):
        since: date = max(valid_from, (at + timedelta(hours=8)).date()) if nth else valid_from
        values = {"set_id": set_id, "valid_from": since, "asked_at": at, "decided_at": at, "verdict": "confirmed", "answer": ""}
        bind.execute(sa.insert(choice).values(**values))
    shipped = sa.literal(datetime(2026, 11, 1), sa.DateTime())
    bind.execute(sa.update(sets).values(published_at=sa.func.coalesce(sets.c.activated_at, shipped)))


def _create_packs() -> None:
    stages = ("masses", "applicant", "activist", "candidate", "probationary", "member")
    op.create_table(
        "confirmed_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stage", stored("stagekind", *stages), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("nth > 0", name=op.f("ck_confirmed_pack_nth")),
        sa.CheckConstraint("confirmed_by_id <> person_id", name=op.f("ck_confirmed_pack_two_people")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_confirmed_pack_digest")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_confirmed_pack_{column}_{table}"))
            for column, table in (
                ("person_id", "person"),
                ("unit_id", "unit"),
                ("set_id", "requirement_set"),
                ("confirmed_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmed_pack")),
        sa.UniqueConstraint("person_id", "stage", "began_on", "nth", name=op.f("uq_confirmed_pack_person_id_stage_began_on_nth")),
    )
    op.create_index("ix_confirmed_pack_unit", "confirmed_pack", ["unit_id", "confirmed_at"])
    op.create_table(
        "pack_withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_pack_withdrawal_reason")),
        sa.ForeignKeyConstraint(["pack_id"], ["confirmed_pack.id"], name=op.f("fk_pack_withdrawal_pack_id_confirmed_pack")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_pack_withdrawal_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_withdrawal")),
        sa.UniqueConstraint("pack_id", name=op.f("uq_pack_withdrawal_pack_id")),
    )


def _guard() -> None:
    for table, name, verb, condition, words in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END")
            continue
        op.execute(
            f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN {'OLD' if verb == 'DELETE' else 'NEW'}; END $$"
        )
        op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()")


def downgrade() -> None:
    """Drafts and choices are lost; the set chosen last is the one that holds."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("pack_withdrawal", "confirmed_pack"):
        op.drop_table(table)
    for table, name, *_ in GUARDS:
        if table in ("requirement", "requirement_set"):
            op.execute(f"DROP TRIGGER {table}_{name}{f' ON {table}' if postgresql else ''}")
    op.execute("ALTER TABLE requirement_set ADD COLUMN valid_from DATE DEFAULT '2000-01-01' NOT NULL")
    op.execute("ALTER TABLE requirement_set ADD COLUMN activated_at TIMESTAMP")
    op.execute(
        "UPDATE requirement_set SET activated_at = (SELECT max(decided_at) FROM requirement_choice c "
        "WHERE c.set_id = requirement_set.id AND c.verdict = 'confirmed')"
    )
    op.drop_table("requirement_choice")
    op.execute("DELETE FROM requirement WHERE set_id IN (SELECT id FROM requirement_set WHERE published_at IS NULL)")
    op.execute("DELETE FROM requirement_set WHERE published_at IS NULL")
    if postgresql:
        for table, name, *_ in GUARDS:
            op.execute(f"DROP FUNCTION {table}_{name}()")
    op.drop_index("uq_requirement_set_family", table_name="requirement_set")
    for name in (*TIMES, *LINKS, "version"):
        op.execute(f"ALTER TABLE requirement_set DROP COLUMN {name}")
