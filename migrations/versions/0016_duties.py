"""Posts, their terms, household contacts"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "duty", "building_head", "lane_head", "street_head", name="postkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("duties", sa.String(length=400), server_default="", nullable=False),
        sa.Column("seats", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("seats > 0", name=op.f("ck_post_seats")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_post_place_id_place")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_place_id"), "post", ["place_id"], unique=False)
    op.create_index(op.f("ix_post_unit_id"), "post", ["unit_id"], unique=False)
    op.create_table(
        "post_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("handover_note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_post_term_dated")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_post_term_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_term_person_id_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_term_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_term")),
    )
    op.create_index(op.f("ix_post_term_person_id"), "post_term", ["person_id"], unique=False)
    op.create_index("ix_post_term_post", "post_term", ["post_id", "valid_to"], unique=False)
    op.create_index(
        "uq_post_term_open",
        "post_term",
        ["post_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "household_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_household_contact_dated")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_household_contact_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_household_contact_person_id_person")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_household_contact_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_contact")),
    )
    op.create_index(op.f("ix_household_contact_person_id"), "household_contact", ["person_id"], unique=False)
    op.create_index(op.f("ix_household_contact_place_id"), "household_contact", ["place_id"], unique=False)
    op.create_index(
        "uq_household_contact_open",
        "household_contact",
        ["person_id", "place_id", "household"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("household_contact")
    op.drop_table("post_term")
    op.drop_table("post")
