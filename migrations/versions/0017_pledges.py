"""What communities offer, who took it on, and the half-yearly word to the home branch"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ONE_REPORT = "valid_to IS NULL AND kind = 'reported'"
STANDS = "withdrawn_at IS NULL"


def upgrade() -> None:
    where = sa.text(ONE_REPORT)
    op.create_index("uq_membership_reported", "membership", ["person_id"], unique=True, sqlite_where=where, postgresql_where=where)
    offers()
    pledges()
    feedback()
    for statement in [*counted(), *append_only("feedback_entry", op.get_bind().dialect.name)]:
        op.execute(statement)


def offers() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("post", "project", "wish", name="offerkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=400), server_default="", nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("seats > 0", name=op.f("ck_offer_seats")),
        sa.CheckConstraint("taken >= 0 AND (seats IS NULL OR taken <= seats)", name=op.f("ck_offer_taken")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= opens_on", name=op.f("ck_offer_dated")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_offer_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_offer_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_unit", "offer", ["unit_id", "closed_on"], unique=False)


def pledges() -> None:
    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (confirmed_by_id IS NULL)", name=op.f("ck_pledge_confirmed")),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> person_id", name=op.f("ck_pledge_two_people")),
        sa.CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_pledge_done_or_withdrawn")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_pledge_confirmed_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_pledge_made_by_id_person")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_pledge_offer_id_offer")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pledge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index(op.f("ix_pledge_person_id"), "pledge", ["person_id"], unique=False)
    where = sa.text(STANDS)
    op.create_index("uq_pledge_standing", "pledge", ["offer_id", "person_id"], unique=True, sqlite_where=where, postgresql_where=where)


def feedback() -> None:
    op.create_table(
        "feedback_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "grade", sa.Enum("good", "fair", "plain", name="grade", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("words", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("version > 0 AND (version = 1 OR reason <> '')", name=op.f("ck_feedback_entry_version")),
        sa.CheckConstraint("made_by_id <> person_id", name=op.f("ck_feedback_entry_two_people")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_feedback_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feedback_entry_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feedback_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_entry")),
        sa.UniqueConstraint("person_id", "half", "unit_id", "version", name=op.f("uq_feedback_entry_person_id_half_unit_id_version")),
    )
    op.create_index("ix_feedback_entry_unit", "feedback_entry", ["unit_id", "half"], unique=False)


MADE = "UPDATE offer SET taken = taken + 1 WHERE id = NEW.offer_id"
GONE = "UPDATE offer SET taken = taken - 1 WHERE id = OLD.offer_id"


def counted() -> list[str]:
    """Triggers that keep offer.taken: the number of pledges that stand."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER pledge_taken_made AFTER INSERT ON pledge WHEN NEW.{STANDS} BEGIN {MADE}; END",
            "CREATE TRIGGER pledge_taken_changed AFTER UPDATE OF offer_id, withdrawn_at ON pledge BEGIN "
            f"{GONE} AND OLD.{STANDS}; {MADE} AND NEW.{STANDS}; END",
            f"CREATE TRIGGER pledge_taken_gone AFTER DELETE ON pledge WHEN OLD.{STANDS} BEGIN {GONE}; END",
        ]
    return [
        "CREATE FUNCTION count_pledges() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {GONE} AND OLD.{STANDS}; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {MADE} AND NEW.{STANDS}; END IF; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER pledge_taken AFTER INSERT OR UPDATE OF offer_id, withdrawn_at OR DELETE ON pledge "
        "FOR EACH ROW EXECUTE FUNCTION count_pledges()",
    ]


def downgrade() -> None:
    op.drop_table("feedback_entry")
    op.drop_table("pledge")
    op.drop_table("offer")
    op.drop_index("uq_membership_reported", "membership")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_pledges()")
