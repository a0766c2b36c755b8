"""Positions of a shift: who does what there, each with seats of its own"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

REFERS = "fk_signup_position_id_shift_position"
NEW_SEATED = "NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL"
OLD_SEATED = "OLD.seated_at IS NOT NULL AND OLD.withdrawn_at IS NULL"
MADE = f"UPDATE shift_position SET taken = taken + 1 WHERE id = NEW.position_id AND {NEW_SEATED}"
GONE = f"UPDATE shift_position SET taken = taken - 1 WHERE id = OLD.position_id AND {OLD_SEATED}"
NOWHERE = f"{NEW_SEATED} AND NEW.position_id IS NULL AND EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.shift_id)"
SEATED_BEFORE = (
    "NEW.taken <> 0 OR EXISTS (SELECT 1 FROM signup WHERE shift_id = NEW.shift_id AND position_id IS NULL "
    "AND seated_at IS NOT NULL AND withdrawn_at IS NULL)"
)
CAPACITY, TAKEN = (f"(SELECT sum(p.{column}) FROM shift_position p WHERE p.shift_id = shift.id)" for column in ("capacity", "taken"))
SUMMED = (
    f"UPDATE shift SET capacity = {CAPACITY}, taken = {TAKEN} WHERE id = %s "
    "AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id)"
)
SUMS = [f"(SELECT sum({column}) FROM shift_position WHERE shift_id = NEW.id)" for column in ("capacity", "taken")]
HAS = "EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.id)"
WORDS = {
    "seat": "a seat of a shift with positions is at one of them",
    "fresh": "positions begin empty, and not where seats were given without any",
    "stays": "a position stays with its shift",
    "sums": "a shift with positions has their sums",
}


def upgrade() -> None:
    op.create_table(
        "shift_position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_shift_position_name")),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_shift_position_capacity")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_shift_position_taken")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_position_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_position")),
        sa.UniqueConstraint("id", "shift_id", name=op.f("uq_shift_position_id_shift_id")),
        sa.UniqueConstraint("shift_id", "name", name=op.f("uq_shift_position_shift_id_name")),
    )
    # SQLite makes the table anew for a key of two columns; nothing refers to it, and it has no triggers yet.
    with op.batch_alter_table("signup") as signup:
        signup.add_column(sa.Column("position_id", sa.Integer(), nullable=True))
        signup.create_foreign_key(REFERS, "shift_position", ["position_id", "shift_id"], ["id", "shift_id"])
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def _refuse(name: str, when: str, condition: str, words: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER signup_position_made AFTER INSERT ON signup BEGIN {MADE}; END",
        f"CREATE TRIGGER signup_position_changed AFTER UPDATE OF shift_id, position_id, seated_at, withdrawn_at ON signup "
        f"BEGIN {GONE}; {MADE}; END",
        f"CREATE TRIGGER signup_position_gone AFTER DELETE ON signup BEGIN {GONE}; END",
        _refuse("signup_seated_somewhere", "INSERT ON signup", NOWHERE, WORDS["seat"]),
        _refuse("signup_seated_anew", "UPDATE ON signup", NOWHERE, WORDS["seat"]),
        _refuse("shift_position_fresh", "INSERT ON shift_position", SEATED_BEFORE, WORDS["fresh"]),
        _refuse("shift_position_stays", "UPDATE OF shift_id ON shift_position", "NEW.shift_id <> OLD.shift_id", WORDS["stays"]),
        f"CREATE TRIGGER shift_position_made AFTER INSERT ON shift_position BEGIN {SUMMED % 'NEW.shift_id'}; END",
        f"CREATE TRIGGER shift_position_changed AFTER UPDATE OF capacity, taken ON shift_position BEGIN {SUMMED % 'NEW.shift_id'}; END",
        f"CREATE TRIGGER shift_position_gone AFTER DELETE ON shift_position BEGIN {SUMMED % 'OLD.shift_id'}; END",
        _refuse(
            "shift_sums",
            "UPDATE OF capacity, taken ON shift",
            f"{HAS} AND (NEW.capacity IS NOT {SUMS[0]} OR NEW.taken IS NOT {SUMS[1]})",
            WORDS["sums"],
        ),
    ]


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _unless(condition: str, words: str) -> str:
    return f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"


FUNCTIONS = {
    "count_seats": f"IF TG_OP <> 'INSERT' THEN {GONE}; END IF; IF TG_OP <> 'DELETE' THEN {MADE}; END IF; RETURN NULL;",
    "refuse_seat_nowhere": _unless(NOWHERE, WORDS["seat"]),
    "refuse_position": _unless(SEATED_BEFORE, WORDS["fresh"]),
    "refuse_position_moving": _unless("NEW.shift_id <> OLD.shift_id", WORDS["stays"]),
    # The row is locked first, so that the sums are read after whoever changed another position of it.
    "sum_positions": "IF TG_OP = 'DELETE' THEN "
    f"PERFORM 1 FROM shift WHERE id = OLD.shift_id FOR NO KEY UPDATE; {SUMMED % 'OLD.shift_id'}; ELSE "
    f"PERFORM 1 FROM shift WHERE id = NEW.shift_id FOR NO KEY UPDATE; {SUMMED % 'NEW.shift_id'}; END IF; RETURN NULL;",
    "refuse_other_sums": _unless(
        f"{HAS} AND (NEW.capacity IS DISTINCT FROM {SUMS[0]} OR NEW.taken IS DISTINCT FROM {SUMS[1]})", WORDS["sums"]
    ),
}
TRIGGERS = (
    ("signup_position", "AFTER INSERT OR UPDATE OF shift_id, position_id, seated_at, withdrawn_at OR DELETE ON signup", "count_seats"),
    ("signup_seated_somewhere", "BEFORE INSERT OR UPDATE ON signup", "refuse_seat_nowhere"),
    ("shift_position_fresh", "BEFORE INSERT ON shift_position", "refuse_position"),
    ("shift_position_stays", "BEFORE UPDATE OF shift_id ON shift_position", "refuse_position_moving"),
    ("shift_position_summed", "AFTER INSERT OR UPDATE OF capacity, taken OR DELETE ON shift_position", "sum_positions"),
    ("shift_sums", "BEFORE UPDATE OF capacity, taken ON shift", "refuse_other_sums"),
)


def _postgresql() -> list[str]:
    made = [_function(name, body) for name, body in FUNCTIONS.items()]
    return made + [f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {function}()" for name, when, function in TRIGGERS]


def downgrade() -> None:
    """Who holds a seat keeps it; which position it was is gone."""
    if op.get_bind().dialect.name == "postgresql":
        for name, when, _ in TRIGGERS:
            op.execute(f"DROP TRIGGER {name} ON {when.rsplit(' ', 1)[1]}")
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
    else:
        for statement in _sqlite():
            op.execute(f"DROP TRIGGER {statement.split()[2]}")
    with op.batch_alter_table("signup") as signup:
        signup.drop_constraint(REFERS, type_="foreignkey")
        signup.drop_column("position_id")
    op.drop_table("shift_position")
