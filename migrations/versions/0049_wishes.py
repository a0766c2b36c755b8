"""微心愿: wishes, what is private about them, claims, steps, rounds, photos, payments"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TABLES = ("wish_payment", "wish_photo", "wish_step_entry", "wish_claim", "wish_private", "wish", "wish_round")

# Which step follows which (app.wishes.rules.FOLLOWS, app.wishes.step_rules).
FOLLOWS = """
(w.state IS NULL AND NEW.step = 'told')
OR (w.state = 'returned' AND NEW.step = 'told' AND NEW.by_id IS NOT NULL)
OR (w.state = 'told' AND NEW.step IN ('verified', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'verified' AND NEW.step IN ('published', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'returned' AND NEW.step IN ('declined', 'withdrawn'))
OR (w.state IN ('published', 'lapsed', 'released') AND NEW.step IN ('claimed', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'claimed' AND NEW.step IN ('connected', 'lapsed', 'released', 'withdrawn'))
OR (w.state = 'connected' AND NEW.step IN ('fulfilled', 'released', 'withdrawn'))
OR (w.state = 'fulfilled' AND NEW.step IN ('thanked', 'connected'))
"""

# In a round of the wish's community or of a unit above it; where no round was ever held, always.
IN_A_ROUND = """
NOT EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on))
OR EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on)
  WHERE NEW.happened_on BETWEEN r.opens_on AND r.closes_on)
"""

# Who may: nobody verifies what they told, publishes what they verified, connects or thanks what they claimed, or decides about their own.
STEP_ORDER = f"""
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id)
AND (NEW.happened_on = {{day}} OR (NEW.step = 'lapsed' AND NEW.happened_on <= {{day}}))
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND ({FOLLOWS})
  AND (w.state IS NOT NULL OR coalesce(NEW.by_id, 0) = coalesce(w.told_by_id, 0))
  AND (coalesce(w.own_id, 0) <> coalesce(NEW.by_id, -1) OR NEW.step IN ('told', 'released', 'withdrawn'))
  AND (NEW.step NOT IN ('verified', 'published', 'thanked') OR coalesce(w.last_by_id, 0) <> NEW.by_id)
  AND (NEW.step NOT IN ('verified', 'published') OR (w.title <> '' AND w.words <> ''))
  AND (NEW.step <> 'withdrawn' OR NEW.claim_id IS NOT NULL OR w.state NOT IN ('claimed', 'connected'))
  AND (NEW.step <> 'connected' OR w.state <> 'fulfilled' OR NEW.note <> '')
  AND (NEW.step <> 'claimed' OR {IN_A_ROUND}))
AND (NEW.claim_id IS NULL OR EXISTS (SELECT 1 FROM wish_claim c WHERE c.id = NEW.claim_id AND c.wish_id = NEW.wish_id
  AND c.ended_on IS NULL
  AND (NEW.step = 'claimed') = (NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.claim_id = c.id))
  AND (NEW.step <> 'claimed' OR (coalesce(c.by_id, 0) = coalesce(NEW.by_id, 0) AND c.claimed_on = NEW.happened_on))
  AND (NEW.step NOT IN ('connected', 'thanked') OR coalesce(c.by_id, 0) <> NEW.by_id)
  AND (NEW.step <> 'connected' OR c.connected_on IS NOT NULL OR NEW.happened_on <= c.due_on)
  AND (NEW.step <> 'lapsed' OR (c.connected_on IS NULL AND NEW.happened_on > c.due_on AND NEW.by_id IS NULL))))
AND (NEW.step <> 'fulfilled' OR NEW.reference <> ''
  OR EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.agreed_at IS NOT NULL AND p.removed_at IS NULL))
"""

# The state is the last step's, the day of publication the first's; nothing else moves them.
STATE_KEPT = """
EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.seq = NEW.steps AND s.step = NEW.state AND s.at = NEW.state_at
  AND s.happened_on = NEW.state_on AND coalesce(s.by_id, 0) = coalesce(NEW.last_by_id, 0))
AND NEW.steps = (SELECT max(s.seq) FROM wish_step_entry s WHERE s.wish_id = NEW.id)
AND coalesce(NEW.published_on, '9999-12-31') = coalesce(
  (SELECT min(s.happened_on) FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.step = 'published'), '9999-12-31')
AND (NEW.ended_on IS NULL) = (NEW.state NOT IN ('thanked', 'declined', 'withdrawn'))
AND (NEW.ended_on IS NULL OR NEW.ended_on = NEW.state_on)
"""
CLAIM_DAYS = """
(NEW.connected_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step = 'connected' AND s.happened_on = NEW.connected_on))
AND (OLD.connected_on IS NULL OR NEW.connected_on = OLD.connected_on)
AND (NEW.ended_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step IN ('lapsed', 'released', 'withdrawn') AND s.happened_on = NEW.ended_on))
AND (OLD.ended_on IS NULL OR NEW.ended_on = OLD.ended_on)
"""
OWN_PROJECT = "EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.kind = 'wish')"
PAID_FROM = """
EXISTS (SELECT 1 FROM wish_payment y JOIN fund_request r ON r.id = y.request_id
  WHERE y.wish_id = NEW.id AND y.removed_at IS NULL AND r.project_id <> coalesce(NEW.project_id, 0))
"""
OF_THE_PROJECT = """
EXISTS (SELECT 1 FROM fund_request r JOIN wish w ON w.id = NEW.wish_id
  WHERE r.id = NEW.request_id AND r.kind = 'payment' AND r.project_id = w.project_id)
"""
APART = """
NOT EXISTS (SELECT 1 FROM wish_round r WHERE r.unit_id = NEW.unit_id AND r.id <> coalesce(NEW.id, 0)
  AND r.opens_on <= NEW.closes_on AND NEW.opens_on <= r.closes_on)
"""
WISH_FIXED = "number, unit_id, way, source_unit_id, own_id, told_by_id, told_at, told_on, form_key, device_hash, slot"
CLAIM_FIXED = "wish_id, kind, by_id, unit_id, donor_digest, claimed_at, claimed_on, due_on, form_key, device_hash, slot"
STATE = "state, steps, state_at, state_on, last_by_id, published_on, ended_on"

# name, event, table, what must hold, what is said otherwise
GUARDS = (
    ("wish_step_order", "INSERT", "wish_step_entry", STEP_ORDER, "wish_step_entry out of order"),
    ("wish_begins", "INSERT", "wish", "NEW.state IS NULL AND NEW.steps = 0", "a wish begins with its first step"),
    ("wish_fixed", f"UPDATE OF {WISH_FIXED}", "wish", "1 = 0", "wish does not change"),
    ("wish_worded", "UPDATE OF title, words, kind, whom, cost", "wish", "OLD.state IN ('told', 'returned')", "these words were verified"),
    ("wish_follows", f"UPDATE OF {STATE}", "wish", STATE_KEPT, "the state of a wish follows from its steps"),
    ("wish_veil", "UPDATE OF veiled_at, veiled_by_id", "wish", "OLD.veiled_at IS NULL", "what is veiled stays so"),
    (
        "wish_own_project",
        "UPDATE OF project_id",
        "wish",
        f"(NEW.project_id IS NULL OR {OWN_PROJECT}) AND NOT {PAID_FROM}",
        "no such project",
    ),
    ("wish_kept", "DELETE", "wish", "1 = 0", "wish is kept"),
    ("wish_private_update", "UPDATE", "wish_private", "OLD.erased_at IS NULL AND NEW.wish_id = OLD.wish_id", "what is erased stays so"),
    ("wish_private_kept", "DELETE", "wish_private", "1 = 0", "wish_private is erased, not deleted"),
    ("wish_claim_begins", "INSERT", "wish_claim", "NEW.connected_on IS NULL AND NEW.ended_on IS NULL", "a claim begins at its beginning"),
    ("wish_claim_fixed", f"UPDATE OF {CLAIM_FIXED}", "wish_claim", "1 = 0", "wish_claim does not change"),
    ("wish_claim_days", "UPDATE OF connected_on, ended_on", "wish_claim", CLAIM_DAYS, "the days of a claim follow from its steps"),
    ("wish_claim_erased", "UPDATE OF name, phone", "wish_claim", "NEW.erased_at IS NOT NULL", "a contact is only erased"),
    ("wish_claim_kept", "DELETE", "wish_claim", "1 = 0", "wish_claim is kept"),
    ("wish_payment_made", "INSERT", "wish_payment", OF_THE_PROJECT, "not a payment of the wish's project"),
    ("wish_payment_fixed", "UPDATE OF wish_id, request_id, made_by_id, made_at", "wish_payment", "1 = 0", "wish_payment does not change"),
    ("wish_payment_kept", "DELETE", "wish_payment", "1 = 0", "wish_payment is removed, not deleted"),
    ("wish_photo_kept", "DELETE", "wish_photo", "1 = 0", "wish_photo is removed, not deleted"),
    ("wish_round_apart", "INSERT", "wish_round", APART, "rounds of a unit do not overlap"),
    ("wish_round_moved", "UPDATE", "wish_round", APART, "rounds of a unit do not overlap"),
)
FOLLOWED = (
    "UPDATE wish SET state = NEW.step, steps = NEW.seq, state_at = NEW.at, state_on = NEW.happened_on, last_by_id = NEW.by_id, "
    "published_on = CASE WHEN NEW.step = 'published' THEN coalesce(published_on, NEW.happened_on) ELSE published_on END, "
    "ended_on = CASE WHEN NEW.step IN ('thanked', 'declined', 'withdrawn') THEN NEW.happened_on END WHERE id = NEW.wish_id",
    "UPDATE wish_claim SET connected_on = coalesce(connected_on, NEW.happened_on) WHERE id = NEW.claim_id AND NEW.step = 'connected'",
    "UPDATE wish_claim SET ended_on = NEW.happened_on WHERE id = NEW.claim_id AND NEW.step IN ('lapsed', 'released', 'withdrawn')",
)


def guards(sqlite: bool) -> list[str]:
    """Refuse an event unless what must hold does."""
    made = []
    day = "date(NEW.at, '+8 hours')" if sqlite else "CAST(NEW.at + interval '8 hours' AS date)"
    for name, event, table, holds, said in GUARDS:
        holds = holds.replace("{day}", day)
        if sqlite:
            body = f"BEGIN SELECT RAISE(ABORT, '{_said(said)}'); END"
            made.append(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN ({holds}) IS NOT TRUE {body}")
        else:
            made += [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ({holds}) IS NOT TRUE THEN "
                f"RAISE EXCEPTION '{_said(said)}' USING ERRCODE = 'restrict_violation'; END IF; "
                f"RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$",
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
    return made


def _said(words: str) -> str:
    return words.replace("'", "''")


def following(sqlite: bool) -> list[str]:
    """After a step the wish stands at it, and the claim has its days."""
    body = "; ".join(FOLLOWED)
    if sqlite:
        return [f"CREATE TRIGGER wish_step_followed AFTER INSERT ON wish_step_entry BEGIN {body}; END"]
    return [
        f"CREATE FUNCTION wish_step_followed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
        "CREATE TRIGGER wish_step_followed AFTER INSERT ON wish_step_entry FOR EACH ROW EXECUTE FUNCTION wish_step_followed()",
    ]


def upgrade() -> None:
    for table in (rounds, wishes, private_words, claims, steps, photos, payments):
        table()
    dialect = op.get_bind().dialect.name
    for statement in [*append_only("wish_step_entry", dialect), *guards(dialect == "sqlite"), *following(dialect == "sqlite")]:
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in (*(guard[0] for guard in GUARDS), "wish_step_followed"):
            op.execute(f"DROP FUNCTION {name}()")


def rounds() -> None:
    op.create_table(
        "wish_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_wish_round_named")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_wish_round_dated")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_wish_round_made_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wish_round_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_round")),
        sa.UniqueConstraint("unit_id", "opens_on", name=op.f("uq_wish_round_unit_id_opens_on")),
    )


def wishes() -> None:
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "thing",
                "help",
                "company",
                "repair",
                "study",
                "other",
                name="wishkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "whom",
            sa.Enum(
                "elder",
                "child",
                "disabled",
                "ill",
                "family",
                "newcomer",
                "group",
                "other",
                name="forwhom",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum(
                "form", "signed", "phone", "paper", "visit", "unit", name="wishway", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=30), server_default="", nullable=False),
        sa.Column("words", sa.String(length=200), server_default="", nullable=False),
        sa.Column("source_unit_id", sa.Integer(), nullable=True),
        sa.Column("own_id", sa.Integer(), nullable=True),
        sa.Column("told_by_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=True),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("veiled_at", sa.DateTime(), nullable=True),
        sa.Column("veiled_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "told",
                "verified",
                "published",
                "claimed",
                "connected",
                "fulfilled",
                "thanked",
                "lapsed",
                "released",
                "returned",
                "declined",
                "withdrawn",
                name="wishstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state_at", sa.DateTime(), nullable=True),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("last_by_id", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(way = 'form') = (device_hash IS NOT NULL)", name=op.f("ck_wish_device")),
        sa.CheckConstraint("(way = 'form') = (told_by_id IS NULL)", name=op.f("ck_wish_told_by")),
        sa.CheckConstraint("(way = 'signed') = (own_id IS NOT NULL)", name=op.f("ck_wish_own")),
        sa.CheckConstraint("(way = 'unit') = (source_unit_id IS NOT NULL)", name=op.f("ck_wish_source")),
        sa.CheckConstraint("(device_hash IS NULL) = (slot IS NULL) AND (slot IS NULL OR slot BETWEEN 1 AND 3)", name=op.f("ck_wish_slot")),
        sa.CheckConstraint("(veiled_at IS NULL) = (veiled_by_id IS NULL)", name=op.f("ck_wish_veiled")),
        sa.CheckConstraint("cost > 0", name=op.f("ck_wish_cost")),
        sa.ForeignKeyConstraint(["last_by_id"], ["person.id"], name=op.f("fk_wish_last_by_id_person")),
        sa.ForeignKeyConstraint(["own_id"], ["person.id"], name=op.f("fk_wish_own_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_wish_project_id_fund_project")),
        sa.ForeignKeyConstraint(["source_unit_id"], ["unit.id"], name=op.f("fk_wish_source_unit_id_unit")),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_wish_told_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wish_unit_id_unit")),
        sa.ForeignKeyConstraint(["veiled_by_id"], ["person.id"], name=op.f("fk_wish_veiled_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("device_hash", "told_on", "slot", name=op.f("uq_wish_device_hash_told_on_slot")),
        sa.UniqueConstraint("form_key", name=op.f("uq_wish_form_key")),
        sa.UniqueConstraint("number", name=op.f("uq_wish_number")),
    )
    op.create_index("ix_wish_own", "wish", ["own_id"], unique=False)
    op.create_index("ix_wish_project", "wish", ["project_id"], unique=False)
    op.create_index("ix_wish_state", "wish", ["state", "published_on"], unique=False)
    op.create_index("ix_wish_unit", "wish", ["unit_id", "state"], unique=False)


def private_words() -> None:
    op.create_table(
        "wish_private",
        sa.Column("wish_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.String(length=600), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("erased_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("erased_at IS NOT NULL OR words <> ''", name=op.f("ck_wish_private_words")),
        sa.CheckConstraint(
            "erased_at IS NULL OR (words = '' AND name = '' AND phone = '' AND place = '')", name=op.f("ck_wish_private_erased")
        ),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_private_wish_id_wish")),
        sa.PrimaryKeyConstraint("wish_id", name=op.f("pk_wish_private")),
    )
    op.create_index(
        "ix_wish_private_kept",
        "wish_private",
        ["wish_id"],
        unique=False,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )


def claims() -> None:
    op.create_table(
        "wish_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("person", "unit", "donor", name="wishclaimkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("donor_digest", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=True),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("connected_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("erased_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("(kind = 'donor') = (donor_digest IS NOT NULL)", name=op.f("ck_wish_claim_digest")),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_wish_claim_unit")),
        sa.CheckConstraint("erased_at IS NULL OR (name = '' AND phone = '')", name=op.f("ck_wish_claim_erased")),
        sa.CheckConstraint("kind <> 'donor' OR erased_at IS NOT NULL OR (name <> '' AND phone <> '')", name=op.f("ck_wish_claim_donor")),
        sa.CheckConstraint("kind = 'donor' OR (name = '' AND phone = '')", name=op.f("ck_wish_claim_contact")),
        sa.CheckConstraint("kind = 'donor' OR by_id IS NOT NULL", name=op.f("ck_wish_claim_by")),
        sa.CheckConstraint("(by_id IS NULL) = (device_hash IS NOT NULL)", name=op.f("ck_wish_claim_device")),
        sa.CheckConstraint("connected_on IS NULL OR connected_on BETWEEN claimed_on AND due_on", name=op.f("ck_wish_claim_connected")),
        sa.CheckConstraint("due_on >= claimed_on", name=op.f("ck_wish_claim_due")),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= claimed_on", name=op.f("ck_wish_claim_ended")),
        sa.CheckConstraint("slot BETWEEN 1 AND 3", name=op.f("ck_wish_claim_slot")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_wish_claim_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wish_claim_unit_id_unit")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_claim_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_claim")),
        sa.UniqueConstraint("device_hash", "claimed_on", "slot", name=op.f("uq_wish_claim_device_hash_claimed_on_slot")),
        sa.UniqueConstraint("form_key", name=op.f("uq_wish_claim_form_key")),
    )
    op.create_index("ix_wish_claim_wish", "wish_claim", ["wish_id", "claimed_on"], unique=False)
    op.create_index(
        "uq_wish_claim_donor",
        "wish_claim",
        ["donor_digest"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL AND connected_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL AND connected_on IS NULL"),
    )
    op.create_index(
        "uq_wish_claim_standing",
        "wish_claim",
        ["wish_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "uq_wish_claim_waiting",
        "wish_claim",
        ["by_id", "slot"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL AND connected_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL AND connected_on IS NULL"),
    )


def steps() -> None:
    op.create_table(
        "wish_step_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "told",
                "verified",
                "published",
                "claimed",
                "connected",
                "fulfilled",
                "thanked",
                "lapsed",
                "released",
                "returned",
                "declined",
                "withdrawn",
                name="wishstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=60), server_default="", nullable=False),
        sa.CheckConstraint("by_id IS NOT NULL OR step IN ('told', 'claimed', 'lapsed')", name=op.f("ck_wish_step_entry_by")),
        sa.CheckConstraint(
            "claim_id IS NOT NULL OR step NOT IN ('claimed', 'connected', 'fulfilled', 'thanked', 'lapsed', 'released')",
            name=op.f("ck_wish_step_entry_claim"),
        ),
        sa.CheckConstraint(
            "step NOT IN ('released', 'returned', 'declined', 'withdrawn', 'fulfilled') OR note <> ''", name=op.f("ck_wish_step_entry_note")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_wish_step_entry_by_id_person")),
        sa.ForeignKeyConstraint(["claim_id"], ["wish_claim.id"], name=op.f("fk_wish_step_entry_claim_id_wish_claim")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_step_entry_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_step_entry")),
        sa.UniqueConstraint("wish_id", "seq", name=op.f("uq_wish_step_entry_wish_id_seq")),
    )
    op.create_index("ix_wish_step_entry_claim", "wish_step_entry", ["claim_id"], unique=False)


def photos() -> None:
    op.create_table(
        "wish_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_wish_photo_alt")),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_wish_photo_removed")),
        sa.CheckConstraint("slot BETWEEN 1 AND 3", name=op.f("ck_wish_photo_slot")),
        sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name=op.f("ck_wish_photo_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_wish_photo_added_by_id_person")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name=op.f("fk_wish_photo_removed_by_id_person")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_photo_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_wish_photo_name")),
    )
    op.create_index(
        "uq_wish_photo_digest",
        "wish_photo",
        ["wish_id", "digest"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "uq_wish_photo_slot",
        "wish_photo",
        ["wish_id", "slot"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def payments() -> None:
    op.create_table(
        "wish_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("removed_at IS NULL OR reason <> ''", name=op.f("ck_wish_payment_reason")),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_wish_payment_removed")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_wish_payment_made_by_id_person")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name=op.f("fk_wish_payment_removed_by_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["fund_request.id"], name=op.f("fk_wish_payment_request_id_fund_request")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_payment_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_payment")),
    )
    op.create_index("ix_wish_payment_request", "wish_payment", ["request_id"], unique=False)
    op.create_index(
        "uq_wish_payment_standing",
        "wish_payment",
        ["wish_id", "request_id"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
