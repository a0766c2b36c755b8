"""The second factor and recovery codes; team leaders; deputies with an end, two at a time"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BEFORE = ("organiser", "secretary", "deputy", "administrator", "fund_officer", "fund_approver", "auditor")
AFTER = ("organiser", "team_leader", *BEFORE[1:])
DATED_DEPUTY = "role <> 'deputy' OR valid_to IS NOT NULL"
IN_A_YEAR = {
    "sqlite": "CASE WHEN valid_from > date('now') THEN date(valid_from, '+1 year') ELSE date('now', '+1 year') END",
    "postgresql": "(GREATEST(valid_from, CURRENT_DATE) + INTERVAL '1 year')::date",
}

# A day that begins a grant inside the new one, and on which more than two are deputies.
CROWDED = """SELECT 1 FROM role_grant begins
    WHERE NEW.role = 'deputy' AND begins.role = 'deputy' AND begins.unit_id = NEW.unit_id
      AND begins.valid_from < NEW.valid_to AND begins.valid_to > NEW.valid_from
      AND 2 < (SELECT count(*) FROM role_grant held WHERE held.role = 'deputy' AND held.unit_id = NEW.unit_id
        AND held.valid_from <= {later} AND held.valid_to > {later})"""
TWICE = """SELECT 1 FROM role_grant other
    WHERE other.id <> NEW.id AND other.person_id = NEW.person_id AND other.role = NEW.role AND other.unit_id = NEW.unit_id
      AND (NEW.valid_to IS NULL OR other.valid_from < NEW.valid_to) AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
      AND (NEW.valid_to IS NULL OR NEW.valid_to > NEW.valid_from) AND (other.valid_to IS NULL OR other.valid_to > other.valid_from)"""


def upgrade() -> None:
    op.execute(f"UPDATE role_grant SET valid_to = {IN_A_YEAR[op.get_bind().dialect.name]} WHERE role = 'deputy' AND valid_to IS NULL")
    _roles(AFTER, dated_deputy=True)
    _guard_deputies()
    op.add_column("account_session", sa.Column("factor_at", sa.DateTime(), nullable=True))
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=True),
        sa.Column("pending", sa.String(length=200), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("(confirmed_at IS NULL) = (sealed IS NULL)", name=op.f("ck_second_factor_confirmed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    op.drop_column("account_session", "factor_at")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER role_grant_seats ON role_grant")
        op.execute("DROP FUNCTION refuse_role_grant()")
    else:
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER role_grant_seats_{verb}")
    op.execute("UPDATE role_grant SET role = 'organiser' WHERE role = 'team_leader'")
    _roles(BEFORE, dated_deputy=False)


def _roles(after: tuple[str, ...], *, dated_deputy: bool) -> None:
    """Which names the table takes, and whether a deputy must have an end. It is no ledger, so SQLite's copy of it is harmless."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_role_grant_role"), "role_grant", type_="check")
        op.create_check_constraint(op.f("ck_role_grant_role"), "role_grant", sa.column("role").in_(after))
        if dated_deputy:
            op.create_check_constraint(op.f("ck_role_grant_dated_deputy"), "role_grant", DATED_DEPUTY)
        else:
            op.drop_constraint(op.f("ck_role_grant_dated_deputy"), "role_grant", type_="check")
        return
    _copy(after, dated_deputy=dated_deputy)


def _copy(names: tuple[str, ...], *, dated_deputy: bool) -> None:
    """SQLite's way to change a CHECK. Its constraints in a fixed order, which Alembic's batch mode does not keep."""
    dated = [sa.CheckConstraint(DATED_DEPUTY, name=op.f("ck_role_grant_dated_deputy"))] if dated_deputy else []
    op.create_table(
        "role_grant_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.CheckConstraint("granted_by_id IS NULL OR granted_by_id <> person_id", name=op.f("ck_role_grant_not_by_oneself")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_grant_dated")),
        *dated,
        sa.CheckConstraint(f"role IN {names}", name=op.f("ck_role_grant_role")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["person.id"], name=op.f("fk_role_grant_granted_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
    )
    op.execute("INSERT INTO role_grant_copy SELECT id, person_id, role, unit_id, valid_from, valid_to, granted_by_id FROM role_grant")
    op.drop_table("role_grant")
    op.rename_table("role_grant_copy", "role_grant")
    op.create_index(op.f("ix_role_grant_unit_id"), "role_grant", ["unit_id"], unique=False)
    still = sa.text("valid_to IS NULL")
    op.create_index("uq_role_grant_open", "role_grant", ["person_id", "role", "unit_id"], unique=True, sqlite_where=still)


def _guard_deputies() -> None:
    """On PostgreSQL the unit's row is locked first, so that of two at the same moment the second sees the first."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
CREATE FUNCTION refuse_role_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM unit WHERE id = NEW.unit_id FOR NO KEY UPDATE;
  IF EXISTS ({CROWDED.format(later="GREATEST(begins.valid_from, NEW.valid_from)")}) THEN
    RAISE EXCEPTION 'two deputies at a time' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS ({TWICE}) THEN
    RAISE EXCEPTION 'this role is held already' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
""")
        op.execute(
            "CREATE TRIGGER role_grant_seats AFTER INSERT OR UPDATE OF person_id, role, unit_id, valid_from, valid_to ON role_grant "
            "FOR EACH ROW EXECUTE FUNCTION refuse_role_grant()"
        )
        return
    crowded = CROWDED.format(later="max(begins.valid_from, NEW.valid_from)")
    for verb, when in (("insert", "INSERT"), ("update", "UPDATE OF person_id, role, unit_id, valid_from, valid_to")):
        op.execute(
            f"CREATE TRIGGER role_grant_seats_{verb} AFTER {when} ON role_grant BEGIN "
            f"SELECT RAISE(ABORT, 'two deputies at a time') WHERE EXISTS ({crowded}); "
            f"SELECT RAISE(ABORT, 'this role is held already') WHERE EXISTS ({TWICE}); END"
        )
