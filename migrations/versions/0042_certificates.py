"""志愿服务记录证明"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL AND issued_at IS NULL")
STANDING = sa.text("verdict IS NULL OR verdict = 'confirmed'")
NEXT = "(SELECT coalesce(max(seq), 0) + 1 FROM certificate WHERE unit_id = NEW.unit_id AND year = NEW.year)"
ASKED = (
    "NOT EXISTS (SELECT 1 FROM certificate_request r WHERE r.id = NEW.request_id"
    " AND r.person_id = NEW.person_id AND r.unit_id = NEW.unit_id"
    " AND r.accepted_at IS NOT NULL AND r.ended_at IS NULL AND r.accepted_by_id <> NEW.issued_by_id"
    " AND coalesce(r.replaces_id, 0) = coalesce(NEW.replaces_id, 0))"
)
REVOKED = (
    "EXISTS (SELECT 1 FROM certificate_revocation WHERE certificate_revocation.certificate_id = NEW.replaces_id AND verdict = 'confirmed')"
)
HELD = "EXISTS (SELECT 1 FROM certificate WHERE certificate.id = NEW.certificate_id AND certificate.person_id = NEW.decided_by_id)"
# (table, verb, when it is refused, what is said)
RULES = [
    ("certificate", "insert", f"NEW.seq <> {NEXT}", "certificates are numbered without a gap"),
    ("certificate", "insert", ASKED, "a certificate is issued of what another has accepted"),
    ("certificate", "insert", f"NEW.replaces_id IS NOT NULL AND {REVOKED}", "what was revoked is not replaced"),
    ("certificate_request", "update", "OLD.issued_at IS NOT NULL OR OLD.ended_at IS NOT NULL", "what was issued or has ended stays"),
    ("certificate_request", "delete", "1 = 1", "a request stays"),
    ("certificate_revocation", "update", "OLD.decided_at IS NOT NULL", "a decision stays"),
    ("certificate_revocation", "update", f"NEW.decided_by_id IS NOT NULL AND {HELD}", "nobody decides about their own"),
    ("certificate_revocation", "delete", "1 = 1", "a decision stays"),
]


def stored(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    batches_and_requests()
    certificates()
    revocations()
    dialect = op.get_bind().dialect.name
    for statement in append_only("certificate", dialect):
        op.execute(statement)
    for nth, (table, verb, when, said) in enumerate(RULES, 1):
        name = f"{table}_rule_{nth}"
        if dialect == "sqlite":
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END")
        else:
            row = "OLD" if verb == "delete" else "NEW"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
                f"RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def batches_and_requests() -> None:
    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_certificate_batch_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_batch_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
    )
    op.create_index(op.f("ix_certificate_batch_unit_id"), "certificate_batch", ["unit_id"], unique=False)
    op.create_table(
        "certificate_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("document_kind", stored("documentkind", "id_card", "passport", "hk_macao", "taiwan"), nullable=True),
        sa.Column("document_masked", sa.String(length=40), server_default="", nullable=False),
        sa.Column("document_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("contact", sa.String(length=40), server_default="", nullable=False),
        sa.Column("notes", sa.String(length=200), server_default="", nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ending", stored("ending", "returned", "withdrawn"), nullable=True),
        sa.Column("end_reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_certificate_request_period")),
        sa.CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name=op.f("ck_certificate_request_accepted")),
        sa.CheckConstraint("accepted_by_id IS NULL OR accepted_by_id <> person_id", name=op.f("ck_certificate_request_not_for_oneself")),
        sa.CheckConstraint("accepted_at IS NULL OR contact <> ''", name=op.f("ck_certificate_request_contact")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ending IS NULL) AND (ended_at IS NULL) = (ended_by_id IS NULL)",
            name=op.f("ck_certificate_request_ended"),
        ),
        sa.CheckConstraint("ending <> 'returned' OR end_reason <> ''", name=op.f("ck_certificate_request_end_reason")),
        sa.CheckConstraint(
            "issued_at IS NULL OR (accepted_at IS NOT NULL AND ended_at IS NULL)", name=op.f("ck_certificate_request_issued")
        ),
        sa.CheckConstraint(
            "(document_kind IS NULL) = (document_masked = '') AND (document_kind IS NULL) = (document_hash = '')",
            name=op.f("ck_certificate_request_document"),
        ),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["person.id"], name=op.f("fk_certificate_request_accepted_by_id_person")),
        sa.ForeignKeyConstraint(["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_request_batch_id_certificate_batch")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_certificate_request_ended_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_certificate_request_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_request_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_request")),
    )
    op.create_index(op.f("ix_certificate_request_batch_id"), "certificate_request", ["batch_id"], unique=False)
    op.create_index("ix_certificate_request_unit", "certificate_request", ["unit_id", "issued_at", "ended_at"], unique=False)
    op.create_index("ix_certificate_request_person", "certificate_request", ["person_id", "made_at"], unique=False)
    op.create_index(
        "uq_certificate_request_open",
        "certificate_request",
        ["person_id", "unit_id", "since", "until"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def certificates() -> None:
    op.create_table(
        "certificate_counter",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_certificate_counter_last")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_counter_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_certificate_counter")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("shown_as_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("seq > 0", name=op.f("ck_certificate_seq")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_certificate_digest")),
        sa.CheckConstraint("length(token) >= 22", name=op.f("ck_certificate_token")),
        sa.CheckConstraint("issued_by_id <> person_id", name=op.f("ck_certificate_not_for_oneself")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_certificate_issued_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")),
        sa.ForeignKeyConstraint(["replaces_id"], ["certificate.id"], name=op.f("fk_certificate_replaces_id_certificate")),
        sa.ForeignKeyConstraint(["request_id"], ["certificate_request.id"], name=op.f("fk_certificate_request_id_certificate_request")),
        sa.ForeignKeyConstraint(["shown_as_id"], ["certificate.id"], name=op.f("fk_certificate_shown_as_id_certificate")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_certificate_replaces_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_certificate_request_id")),
        sa.UniqueConstraint("token", name=op.f("uq_certificate_token")),
        sa.UniqueConstraint("unit_id", "year", "seq", name=op.f("uq_certificate_unit_id_year_seq")),
    )
    op.create_index("ix_certificate_person_id", "certificate", ["person_id"], unique=False)


def revocations() -> None:
    op.create_table(
        "certificate_revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", stored("certificateverdict", "confirmed", "refused"), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_certificate_revocation_reason")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_certificate_revocation_decided"),
        ),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_certificate_revocation_two_people")),
        sa.CheckConstraint("verdict <> 'refused' OR answer <> ''", name=op.f("ck_certificate_revocation_answer")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_certificate_revocation_asked_by_id_person")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_revocation_certificate_id_certificate")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_certificate_revocation_decided_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_revocation_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_revocation")),
    )
    op.create_index("ix_certificate_revocation_unit", "certificate_revocation", ["unit_id", "decided_at"], unique=False)
    op.create_index(
        "uq_certificate_revocation_standing",
        "certificate_revocation",
        ["certificate_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    op.drop_table("certificate_revocation")
    op.drop_table("certificate")
    op.drop_table("certificate_counter")
    op.drop_table("certificate_request")
    op.drop_table("certificate_batch")
    if op.get_bind().dialect.name == "postgresql":
        for nth, (table, *_) in enumerate(RULES, 1):
            op.execute(f"DROP FUNCTION {table}_rule_{nth}()")
