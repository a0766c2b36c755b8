"""What an activity asks and offers: template, series, who may join, insurance"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STANDS = sa.text("withdrawn_at IS NULL")
TRAINS = sa.text("gives_training <> ''")

# Added one by one, each with its own checks: SQLite's copy of the table would have to let go of everything that refers to it.
COLUMNS: tuple[tuple[str, sa.types.TypeEngine[object], str], ...] = (
    ("template", sa.String(32), ""),
    ("insurance_note", sa.String(300), "DEFAULT '' NOT NULL"),
    ("for_unit_id", sa.Integer(), "CONSTRAINT fk_activity_for_unit_id_unit REFERENCES unit (id)"),
    ("age_from", sa.Integer(), "CONSTRAINT ck_activity_age_from CHECK (age_from BETWEEN 1 AND 120)"),
    ("age_to", sa.Integer(), "CONSTRAINT ck_activity_age_to CHECK (age_to BETWEEN 1 AND 120 AND (age_from IS NULL OR age_to >= age_from))"),
    ("for_stages", sa.String(80), "DEFAULT '' NOT NULL"),
    ("asks_training", sa.String(40), "DEFAULT '' NOT NULL"),
    (
        "training_months",
        sa.Integer(),
        "CONSTRAINT ck_activity_training_months"
        " CHECK (training_months IS NULL OR (training_months BETWEEN 1 AND 120 AND asks_training <> ''))",
    ),
    ("gives_training", sa.String(40), "DEFAULT '' NOT NULL"),
    ("form_id", sa.String(36), ""),
    ("series_id", sa.Integer(), "CONSTRAINT fk_activity_series_id_activity_series REFERENCES activity_series (id)"),
    ("series_on", sa.Date(), "CONSTRAINT ck_activity_series_on CHECK ((series_id IS NULL) = (series_on IS NULL))"),
    ("publication_asked_at", sa.DateTime(), ""),
    (
        "publication_asked_by_id",
        sa.Integer(),
        "CONSTRAINT fk_activity_publication_asked_by_id_person REFERENCES person (id)"
        " CONSTRAINT ck_activity_publication_asked CHECK ((publication_asked_at IS NULL) = (publication_asked_by_id IS NULL))"
        " CONSTRAINT ck_activity_second_person"
        " CHECK (published_by_id IS NULL OR publication_asked_by_id IS NULL OR published_by_id <> publication_asked_by_id)",
    ),
    ("cancel_reason", sa.String(100), ""),
)


def upgrade() -> None:
    op.create_table(
        "activity_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column(
            "every",
            sa.Enum("week", "fortnight", "month_day", "month_weekday", name="every", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("form_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_on >= first_on", name=op.f("ck_activity_series_dated")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_activity_series_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_series_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_series")),
        sa.UniqueConstraint("form_id", name=op.f("uq_activity_series_form_id")),
    )
    op.create_index(op.f("ix_activity_series_unit_id"), "activity_series", ["unit_id"], unique=False)
    op.create_table(
        "activity_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=True),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_activity_template_withdrawn")),
        sa.CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= made_at", name=op.f("ck_activity_template_dated")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_template_activity_id_activity")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_activity_template_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_template_unit_id_unit")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_activity_template_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_template")),
    )
    op.create_index(
        "uq_activity_template_name", "activity_template", ["unit_id", "name"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    dialect = op.get_bind().dialect
    for name, kind, rest in COLUMNS:
        op.execute(f"ALTER TABLE activity ADD COLUMN {name} {kind.compile(dialect)} {rest}".strip())
    op.create_index("uq_activity_form_id", "activity", ["form_id"], unique=True)
    op.create_index("uq_activity_series", "activity", ["series_id", "series_on"], unique=True)
    op.create_index("ix_activity_gives_training", "activity", ["gives_training"], sqlite_where=TRAINS, postgresql_where=TRAINS)
    op.add_column("signup", sa.Column("risk_read_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("signup", "risk_read_at")
    for index in ("ix_activity_gives_training", "uq_activity_series", "uq_activity_form_id"):
        op.drop_index(index, table_name="activity")
    for name, _, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE activity DROP COLUMN {name}")
    op.drop_table("activity_template")
    op.drop_table("activity_series")
