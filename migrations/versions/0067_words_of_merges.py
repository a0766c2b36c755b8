"""The words of a merge go with either of the two whom it was about"""

from alembic import op

from app.core.ledger_ddl import drop, guard

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

WORDS = "已按本人要求删除"
SAID = ("reason", "answer", "undo_reason")
STAYS = (
    "NEW.reason = OLD.reason AND (OLD.verdict IS NULL OR NEW.answer = OLD.answer) AND "
    "(OLD.undo_at IS NULL OR NEW.undo_reason = OLD.undo_reason)"
)
GONE = " AND ".join(f"(NEW.{column} = OLD.{column} OR NEW.{column} IN ('', '{WORDS}'))" for column in SAID)


def _erased(column: str) -> str:
    return f"EXISTS (SELECT 1 FROM person WHERE person.id = OLD.{column} AND person.erased_at IS NOT NULL)"


def _again(*columns: str) -> None:
    """0063 asked about who stays only: who was to go, in a proposal that was returned or undone, could not be erased."""
    dialect = op.get_bind().dialect.name
    whose = " OR ".join(map(_erased, columns))
    condition = f"(({whose}) AND {GONE}) OR ({STAYS})"
    made = guard(dialect, "merge_words", f"UPDATE OF {', '.join(SAID)}", "merge", condition, "what was said about a merge stays")
    for statement in [*drop(dialect, "merge_words", "merge"), *made]:
        op.execute(statement)


def upgrade() -> None:
    _again("stays_id", "goes_id")


def downgrade() -> None:
    _again("stays_id")
