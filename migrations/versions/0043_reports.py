"""Reports as they were sent up, and figures from before this site; each is frozen, and a second person stands behind it"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

FIGURES = (
    *("communities", "organisations", "members", "teams", "neighbours", "self_governance", "societies", "owners_committees", "heads"),
    *("stations", "activities", "served", "volunteers", "scanned", "named"),
    *("hygiene", "facilities", "disputes", "public_safety", "hazards", "parking", "lifts"),
    *("fund_spent", "fund_projects", "fund_people"),
)
TABLES = ("report_entry", "report_sending_entry", "opening_figure_entry", "opening_word_entry")
TWO_PEOPLE = {  # whoever made it is not who sends or confirms it
    "report_sending_entry": "NEW.sent_by_id IN (SELECT made_by_id FROM report_entry WHERE id = NEW.report_id)",
    "opening_word_entry": "NEW.said_by_id IN (SELECT recorded_by_id FROM opening_figure_entry WHERE id = NEW.opening_id)",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "report_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("cut_off_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_report_entry_version")),
        sa.CheckConstraint("length(period) IN (4, 7)", name=op.f("ck_report_entry_period")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_report_entry_digest")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_entry_unit_id_unit")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_report_entry_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_entry")),
        sa.UniqueConstraint("unit_id", "period", "version", name=op.f("uq_report_entry_unit_id_period_version")),
    )
    op.create_table(
        "report_sending_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("report_id", big, nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report_entry.id"], name=op.f("fk_report_sending_entry_report_id_report_entry")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_report_sending_entry_sent_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_sending_entry")),
        sa.UniqueConstraint("report_id", name=op.f("uq_report_sending_entry_report_id")),
    )
    figure = sa.Enum(*FIGURES, name="figure", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "opening_figure_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("figure", figure, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_opening_figure_entry_amount")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_opening_figure_entry_source")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_opening_figure_entry_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_figure_entry")),
    )
    op.create_table(
        "opening_word_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("opening_id", big, nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_id"], ["opening_figure_entry.id"], name=op.f("fk_opening_word_entry_opening_id_opening_figure_entry")
        ),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_opening_word_entry_said_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_word_entry")),
        sa.UniqueConstraint("opening_id", name=op.f("uq_opening_word_entry_opening_id")),
    )
    for table in TABLES:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for table, same in TWO_PEOPLE.items():
        for statement in _two_people(table, same, dialect):
            op.execute(statement)


def _two_people(table: str, same: str, dialect: str) -> list[str]:
    words = "takes two people"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {table}_two_people BEFORE INSERT ON {table} WHEN {same} BEGIN SELECT RAISE(ABORT, '{table} {words}'); END"]
    return [
        f"CREATE FUNCTION {table}_two_people() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {same} THEN "
        f"RAISE EXCEPTION '{table} {words}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {table}_two_people BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_two_people()",
    ]


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
        if table in TWO_PEOPLE and op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_two_people()")
