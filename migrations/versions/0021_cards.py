"""Member cards, and who acts for whom"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPEN = sa.text("valid_to IS NULL")
VALID = sa.text("revoked_at IS NULL")
WAITING = sa.text("answered_at IS NULL AND proxy_id IS NOT NULL")


def stored(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "member_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_member_card_number")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_member_card_revoked")),
        sa.CheckConstraint("revoked_at IS NULL OR revoked_at >= issued_at", name=op.f("ck_member_card_dated")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_member_card_issued_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_card_person_id_person")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_member_card_revoked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_card")),
        sa.UniqueConstraint("person_id", "number", name=op.f("uq_member_card_person_id_number")),
    )
    op.create_index("uq_member_card_valid", "member_card", ["person_id"], unique=True, sqlite_where=VALID, postgresql_where=VALID)
    op.create_table(
        "proxy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("proxy_id", sa.Integer(), nullable=False),
        sa.Column("relation", stored("relation", "family", "head", "neighbour"), nullable=False),
        sa.Column("person_agreed", stored("person_agreed", "own_phone", "in_person"), nullable=False),
        sa.Column("person_agreed_at", sa.DateTime(), nullable=False),
        sa.Column("proxy_agreed_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("person_id <> proxy_id", name=op.f("ck_proxy_not_oneself")),
        sa.CheckConstraint(
            "person_agreed <> 'in_person' OR (made_by_id <> person_id AND made_by_id <> proxy_id)", name=op.f("ck_proxy_witnessed")
        ),
        sa.CheckConstraint("person_agreed <> 'own_phone' OR made_by_id = person_id", name=op.f("ck_proxy_own_phone")),
        sa.CheckConstraint("(valid_to IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_proxy_ended")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_proxy_dated")),
        sa.CheckConstraint("person_agreed_at <= valid_from AND proxy_agreed_at <= valid_from", name=op.f("ck_proxy_agreed")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_proxy_ended_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_proxy_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proxy_person_id_person")),
        sa.ForeignKeyConstraint(["proxy_id"], ["person.id"], name=op.f("fk_proxy_proxy_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
    )
    op.create_index("ix_proxy_proxy", "proxy", ["proxy_id", "valid_to"], unique=False)
    op.create_index("uq_proxy_open", "proxy", ["person_id", "proxy_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "proxy_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("proxy_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("tail", sa.String(length=4), nullable=False),
        sa.Column("relation", stored("relation", "family", "head", "neighbour"), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answer", stored("answer", "accepted", "declined", "withdrawn"), nullable=True),
        sa.CheckConstraint("proxy_id IS NULL OR person_id <> proxy_id", name=op.f("ck_proxy_request_not_oneself")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_proxy_request_answered")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proxy_request_person_id_person")),
        sa.ForeignKeyConstraint(["proxy_id"], ["person.id"], name=op.f("fk_proxy_request_proxy_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_request")),
    )
    op.create_index("ix_proxy_request_person", "proxy_request", ["person_id", "answered_at"], unique=False)
    op.create_index("ix_proxy_request_proxy", "proxy_request", ["proxy_id", "answered_at"], unique=False)
    op.create_index(
        "uq_proxy_request_waiting", "proxy_request", ["person_id", "proxy_id"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_table("proxy_request")
    op.drop_table("proxy")
    op.drop_table("member_card")
