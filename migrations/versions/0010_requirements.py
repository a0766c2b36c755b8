"""双50小时 as data"""

import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requirement_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("activated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_set")),
        sa.UniqueConstraint("code", name=op.f("uq_requirement_set_code")),
    )
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "masses",
                "applicant",
                "activist",
                "candidate",
                "probationary",
                "member",
                name="stagekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("minutes_needed", sa.Integer(), nullable=False),
        sa.Column("honour_minutes", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes_needed > 0 AND honour_minutes >= 0", name=op.f("ck_requirement_minutes")),
        sa.CheckConstraint("window_days IS NULL OR window_days > 0", name=op.f("ck_requirement_window_days")),
        sa.ForeignKeyConstraint(["set_id"], ["requirement_set.id"], name=op.f("fk_requirement_set_id_requirement_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("set_id", "stage", "kind", name=op.f("uq_requirement_set_id_stage_kind")),
    )
    _add_presets()


PRESETS = [
    (1, "A", "阶段制", "培养期服务满 50 小时，预备期再服务满 50 小时。", None),
    (2, "B", "学习＋服务制", "确定发展对象前，服务、学习各满 50 小时；转正前再各满 50 小时。", datetime.datetime(2026, 11, 1)),
]
REQUIREMENTS = [
    (1, "activist", "service"),
    (1, "probationary", "service"),
    (2, "activist", "service"),
    (2, "activist", "study"),
    (2, "probationary", "service"),
    (2, "probationary", "study"),
]


def _add_presets() -> None:
    """Both readings of 双50小时 found in comparable places; B is active. 50 h = 3000 min, at most 10 h (600 min) made up."""
    preset = sa.table(
        "requirement_set",
        *(sa.column(name) for name in ("id", "code", "name", "note")),
        sa.column("valid_from", sa.Date()),
        sa.column("activated_at", sa.DateTime()),
    )
    requirement = sa.table(
        "requirement", *(sa.column(name) for name in ("set_id", "stage", "kind", "minutes_needed", "honour_minutes", "window_days"))
    )
    op.bulk_insert(
        preset,
        [
            {"id": id_, "code": code, "name": name, "note": note, "valid_from": datetime.date(2000, 1, 1), "activated_at": active}
            for id_, code, name, note, active in PRESETS
        ],
    )
    op.bulk_insert(
        requirement,
        [
            {"set_id": set_id, "stage": stage, "kind": kind, "minutes_needed": 3000, "honour_minutes": 600, "window_days": 365}
            for set_id, stage, kind in REQUIREMENTS
        ],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('requirement_set', 'id'), 2)")


def downgrade() -> None:
    op.drop_table("requirement")
    op.drop_table("requirement_set")
