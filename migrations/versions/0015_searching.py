"""Initials of names, for searching; a guardian's consent for those under 14"""

import sqlalchemy as sa
from alembic import op

from app.people.naming import initials

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STEP = 2000


def upgrade() -> None:
    op.add_column("person", sa.Column("initials", sa.String(length=40), server_default="", nullable=False))
    op.add_column("person", sa.Column("minor_until", sa.Date(), nullable=True))
    op.create_table(
        "guardian_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("guardian_name", sa.String(length=40), nullable=False),
        sa.Column("guardian_phone", sa.String(length=20), nullable=False),
        sa.Column(
            "relation",
            sa.Enum("mother", "father", "grandparent", "other", name="relation", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "given_how",
            sa.Enum("in_person", "on_paper", "by_account", name="givenhow", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guardian_consent_person_id_person")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_guardian_consent_recorded_by_id_person")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_guardian_consent_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_consent")),
    )
    op.create_index(op.f("ix_guardian_consent_person_id"), "guardian_consent", ["person_id"], unique=False)
    op.create_index(
        "uq_guardian_consent_given",
        "guardian_consent",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    _fill()
    op.create_index(op.f("ix_person_initials"), "person", ["initials"], unique=False)


def _fill() -> None:
    """The initials of everybody there is, some thousand at a time."""
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("initials", sa.String))
    setting = sa.update(person).where(person.c.id == sa.bindparam("who")).values(initials=sa.bindparam("letters"))
    connection, last = op.get_bind(), 0
    asking = sa.select(person.c.id, person.c.name).order_by(person.c.id).limit(STEP)
    while rows := connection.execute(asking.where(person.c.id > last)).all():
        connection.execute(setting, [{"who": row.id, "letters": initials(row.name)} for row in rows])
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("guardian_consent")
    op.drop_index(op.f("ix_person_initials"), table_name="person")
    op.drop_column("person", "minor_until")
    op.drop_column("person", "initials")
