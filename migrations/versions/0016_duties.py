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
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("seats > 0", name=op.f("ck_post_seats")),
        sa.CheckConstraint("held >= 0 AND held <= seats", name=op.f("ck_post_held")),
        sa.CheckConstraint("closed_on IS NULL OR held = 0", name=op.f("ck_post_closed_empty")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_post_place_id_place")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_place_id"), "post", ["place_id"], unique=False)
    op.create_index(op.f("ix_post_unit_id"), "post", ["unit_id"], unique=False)
    for name, columns, where in (
        ("uq_post_open", ["unit_id", "kind", "title", "place_id"], "closed_on IS NULL"),
        ("uq_post_open_nowhere", ["unit_id", "kind", "title"], "closed_on IS NULL AND place_id IS NULL"),
    ):
        op.create_index(name, "post", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "post_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=True),
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
        "ix_post_term_due",
        "post_term",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
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
    for statement in counted():
        op.execute(statement)


BEGINS = "UPDATE post SET held = held + 1 WHERE id = NEW.post_id"
ENDS = "UPDATE post SET held = held - 1 WHERE id = OLD.post_id"


def counted() -> list[str]:
    """Triggers that keep post.held: the number of terms that are open."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER post_term_held_begun AFTER INSERT ON post_term WHEN NEW.valid_to IS NULL BEGIN {BEGINS}; END",
            "CREATE TRIGGER post_term_held_changed AFTER UPDATE OF post_id, valid_to ON post_term BEGIN "
            f"{ENDS} AND OLD.valid_to IS NULL; {BEGINS} AND NEW.valid_to IS NULL; END",
            f"CREATE TRIGGER post_term_held_gone AFTER DELETE ON post_term WHEN OLD.valid_to IS NULL BEGIN {ENDS}; END",
        ]
    return [
        "CREATE FUNCTION count_post_holders() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {ENDS} AND OLD.valid_to IS NULL; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {BEGINS} AND NEW.valid_to IS NULL; END IF; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER post_term_held AFTER INSERT OR UPDATE OF post_id, valid_to OR DELETE ON post_term "
        "FOR EACH ROW EXECUTE FUNCTION count_post_holders()",
    ]


def downgrade() -> None:
    op.drop_table("household_contact")
    op.drop_table("post_term")
    op.drop_table("post")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_post_holders()")
