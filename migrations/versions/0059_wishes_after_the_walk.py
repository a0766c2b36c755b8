"""How a wish came true is shown once the wisher agreed; a donor's phone goes as the claim ends; a public name can be taken back"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import drop, guard

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

STANDING = sa.text("withdrawn_at IS NULL")

# Who asked the wisher and looked at photos and words put none of them there, and neither claimed the wish nor wished it.
ASKED_BY_ANOTHER = """
NEW.withdrawn_at IS NULL
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state = 'thanked' AND coalesce(w.own_id, 0) <> NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_claim c WHERE c.wish_id = NEW.wish_id AND c.ended_on IS NULL AND c.by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.removed_at IS NULL AND p.agreed_at IS NOT NULL
  AND p.added_by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id AND s.step = 'fulfilled' AND s.by_id = NEW.asked_by_id
  AND s.seq = (SELECT max(t.seq) FROM wish_step_entry t WHERE t.wish_id = NEW.wish_id AND t.step = 'fulfilled'))
"""
ONLY_WITHDRAWN = """
OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.wish_id = OLD.wish_id AND NEW.agreed_at = OLD.agreed_at
AND NEW.asked_by_id = OLD.asked_by_id
"""
NOT_OVER = "EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state IN ('connected', 'fulfilled'))"
GUARDS = (
    ("wish_consent_given", "INSERT", "wish_consent", ASKED_BY_ANOTHER, "consent is asked for by another", "NEW"),
    ("wish_consent_fixed", "UPDATE", "wish_consent", ONLY_WITHDRAWN, "consent is only withdrawn", "NEW"),
    ("wish_consent_kept", "DELETE", "wish_consent", "1 = 0", "consent is withdrawn, not deleted", "OLD"),
    ("wish_photo_in_time", "INSERT", "wish_photo", NOT_OVER, "photos come before the call back", "NEW"),
    ("fund_request_unnamed", "UPDATE OF public_name", "fund_request", "NEW.public_name = ''", "a public name is only taken back", "NEW"),
)
ENDED = "(SELECT s.at FROM wish_step_entry s WHERE s.claim_id = {row}.id AND s.step IN ('lapsed', 'released', 'withdrawn'))"
FORGET = "UPDATE wish_claim SET name = '', phone = '', erased_at = " + ENDED
OF_A_DONOR = "NEW.ended_on IS NOT NULL AND NEW.kind = 'donor' AND NEW.erased_at IS NULL"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table(
        "wish_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_wish_consent_withdrawn")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_wish_consent_asked_by_id_person")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_consent_wish_id_wish")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_wish_consent_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_consent")),
    )
    op.create_index("uq_wish_consent_standing", "wish_consent", ["wish_id"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING)
    _request_fixed("public_name, ", "")
    for one in GUARDS:
        for statement in guard(dialect, *one):
            op.execute(statement)
    op.execute(FORGET.format(row="wish_claim") + " WHERE kind = 'donor' AND ended_on IS NOT NULL AND erased_at IS NULL")
    for statement in _forgetting(dialect):
        op.execute(statement)


def _forgetting(dialect: str) -> list[str]:
    """As a donor's claim ends, name and phone are gone, whoever ends it."""
    body = f"{FORGET.format(row='NEW')} WHERE id = NEW.id"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER wish_claim_forgotten AFTER UPDATE OF ended_on ON wish_claim WHEN {OF_A_DONOR} BEGIN {body}; END"]
    return [
        f"CREATE FUNCTION wish_claim_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
        f"CREATE TRIGGER wish_claim_forgotten AFTER UPDATE OF ended_on ON wish_claim FOR EACH ROW WHEN ({OF_A_DONOR}) "
        "EXECUTE FUNCTION wish_claim_forgotten()",
    ]


def _request_fixed(before: str, after: str) -> None:
    """The trigger that keeps a request as it is, with other columns; whichever it holds by now."""
    bind = op.get_bind()
    name = "fund_request_fixed"
    if bind.dialect.name == "postgresql":
        said: str = bind.execute(sa.text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name"), {"name": name}).scalar_one()
        bind.exec_driver_sql(f"DROP TRIGGER {name} ON fund_request")
    else:
        said = bind.execute(sa.text("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = :name"), {"name": name}).scalar_one()
        bind.exec_driver_sql(f"DROP TRIGGER {name}")
    if before not in said:
        raise RuntimeError(f"{name} is not as this migration knows it")
    bind.exec_driver_sql(said.replace(before, after, 1))


def downgrade() -> None:
    """Consents are lost with their table; what was erased or taken back stays so."""
    dialect = op.get_bind().dialect.name
    for statement in drop(dialect, "wish_claim_forgotten", "wish_claim"):
        op.execute(statement)
    for name, _, table, *_ in GUARDS:
        for statement in drop(dialect, name, table):
            op.execute(statement)
    _request_fixed("counterparty, ", "counterparty, public_name, ")
    op.drop_table("wish_consent")
