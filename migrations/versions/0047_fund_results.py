"""Files behind figures, photos, links to activities, reports and their due days"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

LEDGERS = ("fund_file_step_entry", "fund_photo_step_entry")

# A wrong paper is struck out, yet not the only minute of what was approved because of it.
FILE_ORDER = """
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_file_step_entry s WHERE s.file_id = NEW.file_id)
AND EXISTS (SELECT 1 FROM fund_file f WHERE f.id = NEW.file_id
  AND ((f.standing = 'kept' AND NEW.step IN ('opened', 'struck')) OR (f.standing = 'open' AND NEW.step IN ('closed', 'struck')))
  AND (NEW.step <> 'opened' OR f.kind = 'report' OR NOT f.has_text)
  AND (NEW.step <> 'struck' OR f.kind <> 'minute' OR f.request_id IS NULL
    OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = f.request_id AND r.needs_minute
      AND r.state NOT IN ('requested', 'returned', 'withdrawn'))
    OR EXISTS (SELECT 1 FROM fund_file o WHERE o.request_id = f.request_id AND o.id <> f.id
      AND o.kind = 'minute' AND o.standing <> 'struck')))
"""
PHOTO_ORDER = """
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_photo_step_entry s WHERE s.photo_id = NEW.photo_id)
AND EXISTS (SELECT 1 FROM fund_photo p WHERE p.id = NEW.photo_id
  AND ((p.standing = 'inside' AND NEW.step IN ('unseen', 'agreed', 'removed'))
    OR (p.standing = 'open' AND NEW.step IN ('withdrawn', 'removed'))))
"""
# Above the limit nothing is approved or paid before the minute of the meeting lies beside it.
MINUTE = """
NEW.step NOT IN ('approved', 'seconded', 'paid')
OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND r.needs_minute)
OR EXISTS (SELECT 1 FROM fund_file f WHERE f.request_id = NEW.request_id AND f.kind = 'minute' AND f.standing <> 'struck')
"""
FILE_STATE = (
    "UPDATE fund_file SET standing = CASE NEW.step WHEN 'opened' THEN 'open' WHEN 'closed' THEN 'kept' ELSE 'struck' END "
    "WHERE id = NEW.file_id"
)
PHOTO_STATE = (
    "UPDATE fund_photo SET standing = CASE NEW.step WHEN 'withdrawn' THEN 'withdrawn' WHEN 'removed' THEN 'removed' ELSE 'open' END "
    "WHERE id = NEW.photo_id"
)

FIXED = {
    "fund_file": "request_id, project_id, kind, form, name, title, digest, size, pages, has_text, added_at, added_by_id",
    "fund_photo_pair": "project_id, caption, made_at, made_by_id",
    "fund_photo": "pair_id, side, name, digest, alt, taken_on, width, height, added_at, added_by_id",
    "fund_project_activity": "project_id, activity_id, held_on, linked_at, linked_by_id",
    "fund_report": "project_id, version, done, people, leftovers, changed, made_at, made_by_id",
}
ONCE = {  # what is written later is written once
    "fund_project_activity": "OLD.ended_at IS NULL",
    "fund_report": "OLD.published_at IS NULL AND OLD.returned_at IS NULL",
}


def keep(name: str, table: str, statement: str) -> list[str]:
    """Run `statement` after every insert."""
    if op.get_bind().dialect.name == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {statement}; END"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def triggers(dialect: str) -> list[str]:
    return [
        *[statement for table in LEDGERS for statement in append_only(table, dialect)],
        *guard(dialect, "fund_file_order", "INSERT", "fund_file_step_entry", FILE_ORDER, "fund_file_step_entry out of order"),
        *guard(dialect, "fund_photo_order", "INSERT", "fund_photo_step_entry", PHOTO_ORDER, "fund_photo_step_entry out of order"),
        *guard(dialect, "fund_step_minute", "INSERT", "fund_step_entry", MINUTE, "a minute has to be attached"),
        *keep("fund_file_state", "fund_file_step_entry", FILE_STATE),
        *keep("fund_photo_state", "fund_photo_step_entry", PHOTO_STATE),
        *[
            statement
            for table, columns in FIXED.items()
            for statement in (
                *guard(dialect, f"{table}_fixed", f"UPDATE OF {columns}", table, "FALSE", f"{table} does not change"),
                *guard(dialect, f"{table}_kept", "DELETE", table, "FALSE", f"{table} is kept", "OLD"),
            )
        ],
        *[
            statement
            for table, condition in ONCE.items()
            for statement in guard(dialect, f"{table}_once", "UPDATE", table, condition, f"{table} is decided")
        ],
    ]


def upgrade() -> None:
    op.create_table(
        "fund_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "receipt",
                "minute",
                "contract",
                "report",
                "other",
                name="fundfilekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "form", sa.Enum("pdf", "jpeg", name="fundfileform", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("kept", "open", "struck", name="fundfilestanding", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.CheckConstraint("form <> 'jpeg' OR (pages = 1 AND NOT has_text)", name=op.f("ck_fund_file_form")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_fund_file_title")),
        sa.CheckConstraint("(request_id IS NULL) <> (project_id IS NULL)", name=op.f("ck_fund_file_of_one")),
        sa.CheckConstraint("size > 0 AND pages > 0", name=op.f("ck_fund_file_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_fund_file_added_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_file_project_id_fund_project")),
        sa.ForeignKeyConstraint(["request_id"], ["fund_request.id"], name=op.f("fk_fund_file_request_id_fund_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_file")),
        sa.UniqueConstraint("name", name=op.f("uq_fund_file_name")),
    )
    op.create_index("ix_fund_file_project", "fund_file", ["project_id"], unique=False)
    op.create_index("ix_fund_file_request", "fund_file", ["request_id"], unique=False)
    op.create_index(
        "uq_fund_file_project",
        "fund_file",
        ["project_id", "digest"],
        unique=True,
        sqlite_where=sa.text("standing <> 'struck'"),
        postgresql_where=sa.text("standing <> 'struck'"),
    )
    op.create_index(
        "uq_fund_file_request",
        "fund_file",
        ["request_id", "digest"],
        unique=True,
        sqlite_where=sa.text("standing <> 'struck'"),
        postgresql_where=sa.text("standing <> 'struck'"),
    )
    op.create_table(
        "fund_file_step_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("opened", "closed", "struck", name="fundfilestep", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("step = 'opened' OR note <> ''", name=op.f("ck_fund_file_step_entry_note")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_fund_file_step_entry_by_id_person")),
        sa.ForeignKeyConstraint(["file_id"], ["fund_file.id"], name=op.f("fk_fund_file_step_entry_file_id_fund_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_file_step_entry")),
        sa.UniqueConstraint("file_id", "seq", name=op.f("uq_fund_file_step_entry_file_id_seq")),
    )
    op.create_table(
        "fund_photo_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("caption <> ''", name=op.f("ck_fund_photo_pair_caption")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_photo_pair_made_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_photo_pair_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_photo_pair")),
    )
    op.create_index("ix_fund_photo_pair_project", "fund_photo_pair", ["project_id"], unique=False)
    op.create_table(
        "fund_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.Column(
            "side", sa.Enum("before", "after", name="fundphotoside", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.String(length=80), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "inside", "open", "withdrawn", "removed", name="fundphotostanding", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_fund_photo_alt")),
        sa.CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name=op.f("ck_fund_photo_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_fund_photo_added_by_id_person")),
        sa.ForeignKeyConstraint(["pair_id"], ["fund_photo_pair.id"], name=op.f("fk_fund_photo_pair_id_fund_photo_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_fund_photo_name")),
    )
    op.create_index(
        "uq_fund_photo_side",
        "fund_photo",
        ["pair_id", "side"],
        unique=True,
        sqlite_where=sa.text("standing IN ('inside', 'open')"),
        postgresql_where=sa.text("standing IN ('inside', 'open')"),
    )
    op.create_table(
        "fund_photo_step_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("unseen", "agreed", "withdrawn", "removed", name="fundphotostep", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(step = 'agreed') = (asked_on IS NOT NULL) AND (step = 'agreed') = (asked_by <> '')",
            name=op.f("ck_fund_photo_step_entry_asked"),
        ),
        sa.CheckConstraint("step NOT IN ('withdrawn', 'removed') OR note <> ''", name=op.f("ck_fund_photo_step_entry_note")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_fund_photo_step_entry_by_id_person")),
        sa.ForeignKeyConstraint(["photo_id"], ["fund_photo.id"], name=op.f("fk_fund_photo_step_entry_photo_id_fund_photo")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_photo_step_entry")),
        sa.UniqueConstraint("photo_id", "seq", name=op.f("uq_fund_photo_step_entry_photo_id_seq")),
    )
    op.create_table(
        "fund_project_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')",
            name=op.f("ck_fund_project_activity_ended"),
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_fund_project_activity_activity_id_activity")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_fund_project_activity_ended_by_id_person")),
        sa.ForeignKeyConstraint(["linked_by_id"], ["person.id"], name=op.f("fk_fund_project_activity_linked_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_project_activity_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_project_activity")),
    )
    op.create_index("ix_fund_project_activity_activity", "fund_project_activity", ["activity_id"], unique=False)
    op.create_index(
        "uq_fund_project_activity",
        "fund_project_activity",
        ["project_id", "activity_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "fund_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("leftovers", sa.Text(), nullable=False),
        sa.Column("changed", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("returned_at", sa.DateTime(), nullable=True),
        sa.Column("returned_by_id", sa.Integer(), nullable=True),
        sa.Column("return_note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL) AND (published_at IS NULL) = (digest = '')",
            name=op.f("ck_fund_report_published"),
        ),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (returned_by_id IS NULL) AND (returned_at IS NULL) = (return_note = '')",
            name=op.f("ck_fund_report_returned"),
        ),
        sa.CheckConstraint("done <> '' AND people <> '' AND leftovers <> ''", name=op.f("ck_fund_report_words")),
        sa.CheckConstraint("published_at IS NULL OR returned_at IS NULL", name=op.f("ck_fund_report_one_end")),
        sa.CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name=op.f("ck_fund_report_two_people")),
        sa.CheckConstraint("version > 0", name=op.f("ck_fund_report_version")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_report_made_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_report_project_id_fund_project")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_fund_report_published_by_id_person")),
        sa.ForeignKeyConstraint(["returned_by_id"], ["person.id"], name=op.f("fk_fund_report_returned_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_report")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_fund_report_project_id_version")),
    )
    op.create_index(
        "uq_fund_report_waiting",
        "fund_report",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL AND returned_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL AND returned_at IS NULL"),
    )
    for statement in triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in drop(dialect, "fund_step_minute", "fund_step_entry"):
        op.execute(statement)
    for table in ("fund_file_step_entry", "fund_photo_step_entry", *reversed(FIXED)):
        op.drop_table(table)
    if dialect == "postgresql":
        functions = ["fund_file_order", "fund_photo_order", "fund_file_state", "fund_photo_state"]
        for name in (
            *functions,
            *(f"{table}_{what}" for table in FIXED for what in ("fixed", "kept")),
            *(f"{table}_once" for table in ONCE),
        ):
            op.execute(f"DROP FUNCTION {name}()")
