"""Gates, the fence, the code of the day"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = (  # of an append-only table: plainly added, never in batch mode
    "gate_id INTEGER CONSTRAINT fk_scan_gate_id_gate REFERENCES gate (id)",
    "day_code BOOLEAN",
    "fence VARCHAR(32) CONSTRAINT ck_scan_fence CHECK (fence IN ('inside', 'outside', 'not_given'))",
)
WHOLE_FENCE = "(latitude_e6 IS NULL) = (metres IS NULL) AND (longitude_e6 IS NULL) = (metres IS NULL)"


def upgrade() -> None:
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 99", name=op.f("ck_gate_number")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_gate_activity_id_activity")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_gate_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("activity_id", "number", name="uq_gate"),
    )
    op.create_table(
        "door_rule",
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day_code_at", sa.DateTime(), nullable=True),
        sa.Column("latitude_e6", sa.Integer(), nullable=True),
        sa.Column("longitude_e6", sa.Integer(), nullable=True),
        sa.Column("metres", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(WHOLE_FENCE, name=op.f("ck_door_rule_fence")),
        sa.CheckConstraint("metres BETWEEN 50 AND 2000", name=op.f("ck_door_rule_metres")),
        sa.CheckConstraint("latitude_e6 BETWEEN -90000000 AND 90000000", name=op.f("ck_door_rule_latitude")),
        sa.CheckConstraint("longitude_e6 BETWEEN -180000000 AND 180000000", name=op.f("ck_door_rule_longitude")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_door_rule_activity_id_activity")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_door_rule_changed_by_id_person")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_door_rule")),
    )
    for column in COLUMNS:
        op.execute(f"ALTER TABLE scan ADD COLUMN {column}")


def downgrade() -> None:
    for name in ("fence", "day_code", "gate_id"):
        op.execute(f"ALTER TABLE scan DROP COLUMN {name}")
    op.drop_table("door_rule")
    op.drop_table("gate")
