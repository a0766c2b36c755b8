"""Who stands behind a publicity; days by which objections are due; honours that are never public; hours by who organised"""

import sqlalchemy as sa
from alembic import op

from app.core import workdays
from app.core.ledger_ddl import append_only, drop, guard
from app.core.workdays import Holidays, working_days_after

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

FIXED = (
    *("id", "publicity_id", "unit_id", "about_id", "way", "by_id", "by_name", "by_phone", "said"),
    *("received_on", "received_at", "keyed_by_id"),
)
DUE = ("acknowledge_by", "answer_by")
CONCERNED = (
    "EXISTS (SELECT 1 FROM publicity_line WHERE publicity_line.publicity_id = NEW.publicity_id"
    " AND publicity_line.person_id = NEW.answered_by_id)"
)
MADE = (
    "EXISTS (SELECT 1 FROM publicity_maker WHERE publicity_maker.publicity_id = NEW.publicity_id"
    " AND publicity_maker.person_id = NEW.answered_by_id)"
)
PARTY = "NEW.reach = 'public' AND (coalesce(NEW.scheme_kind, '') = 'member' OR NEW.name LIKE '%党%')"
OPENED = (
    "NEW.reach = 'public' AND OLD.reach = 'branch'"
    " AND EXISTS (SELECT 1 FROM honour WHERE honour.kind_id = NEW.id AND honour.granted_on IS NOT NULL)"
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _makers(dialect)
    for column in DUE:
        op.add_column("objection", sa.Column(column, sa.Date(), nullable=True))
    _forget(dialect)
    _say_until_when()
    for statement in (*_answered(dialect, (*FIXED, *DUE), MADE), *_never_public(dialect)):
        op.execute(statement)
    asks = "NEW.acknowledge_by IS NOT NULL AND NEW.answer_by >= NEW.acknowledge_by"
    for statement in guard(dialect, "objection_due", "INSERT", "objection", asks, "an objection says by when it is answered"):
        op.execute(statement)
    op.create_index(
        "ix_hour_entry_organised", "hour_entry", ["organising_unit_id", "served_on", "kind", "hour_class", "minutes", "counted_on"]
    )


def _makers(dialect: str) -> None:
    made = op.create_table(
        "publicity_maker",
        sa.Column("publicity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_publicity_maker_person_id_person")),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"], name=op.f("fk_publicity_maker_publicity_id_publicity")),
        sa.PrimaryKeyConstraint("publicity_id", "person_id", name=op.f("pk_publicity_maker")),
    )
    shown = sa.table("publicity", sa.column("id", sa.Integer), sa.column("published_by_id", sa.Integer))
    op.execute(sa.insert(made).from_select(["publicity_id", "person_id"], sa.select(shown.c.id, shown.c.published_by_id)))
    for statement in append_only("publicity_maker", dialect):
        op.execute(statement)


def _forget(dialect: str) -> None:
    """The trigger of 0039, which knows neither makers nor days."""
    for statement in drop(dialect, "objection_on_update", "objection"):
        op.execute(statement)


def _answered(dialect: str, fixed: tuple[str, ...], makers: str = "") -> list[str]:
    """What stays of an objection, and who does not answer it."""
    unlike = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{column} {unlike} OLD.{column}" for column in fixed)
    when = (
        f"OLD.answered_at IS NOT NULL OR {changed}"
        " OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at <> OLD.acknowledged_at)"
        f" OR (NEW.about_id IS NULL AND NEW.answered_by_id IS NOT NULL AND {CONCERNED})"
    )
    when += f" OR (NEW.answered_by_id IS NOT NULL AND {makers})" if makers else ""
    said = "an objection is answered once, by somebody whom it does not concern"
    name = "objection_on_update"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {name} BEFORE UPDATE ON objection WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
        f"RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON objection FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _never_public(dialect: str) -> list[str]:
    """What tells of the party is not shown to everybody, and what was given as not public does not become so."""
    said = "an honour of the party is never public"
    found = []
    for verb, fits in (("INSERT", f"NOT ({PARTY})"), ("UPDATE", f"NOT ({PARTY}) AND NOT ({OPENED})")):
        name = f"honour_kind_reach_on_{verb.lower()}"
        found += guard(dialect, name, verb, "honour_kind", fits, said)
    return found


def _say_until_when() -> None:
    """Of objections from before there were days: by the rule and the holidays as they stand now."""
    bind = op.get_bind()
    setting = sa.table("setting", sa.column("key", sa.String), sa.column("value", sa.JSON))
    known = dict(bind.execute(sa.select(setting.c.key, setting.c.value).where(setting.c.key.in_(("publicity", "holidays")))).all())
    rule = {"acknowledge": 2, "answer": 10, **known.get("publicity", {})}
    holidays = Holidays.read({**workdays.KNOWN.stored(), **known.get("holidays", {})})
    table = sa.table("objection", *(sa.column(name, sa.Date) for name in ("received_on", *DUE)), sa.column("id", sa.Integer))
    for objection_id, received_on in bind.execute(sa.select(table.c.id, table.c.received_on)).all():
        due = {f"{name}_by": working_days_after(received_on, int(rule[name]), holidays) for name in ("acknowledge", "answer")}
        bind.execute(sa.update(table).where(table.c.id == objection_id).values(**due))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.drop_index("ix_hour_entry_organised", table_name="hour_entry")
    names = (("honour_kind_reach_on_insert", "honour_kind"), ("honour_kind_reach_on_update", "honour_kind"), ("objection_due", "objection"))
    for name, table in names:
        for statement in drop(dialect, name, table):
            op.execute(statement)
    _forget(dialect)
    for column in DUE:
        op.drop_column("objection", column)
    op.drop_table("publicity_maker")
    for statement in _answered(dialect, FIXED):
        op.execute(statement)
