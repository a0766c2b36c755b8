"""Which tables are sealed and how their new rows are found: every append-only one, by what it is called in this data model.

A table of which the database itself takes only INSERTs is either here or in APART, with why; a test looks into the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, Table

from app.core.db import Base, UtcDateTime


class By(StrEnum):
    """How rows follow one another: by a number the database gives, by when they were written, or by nothing (all of it is compared)."""

    NUMBER = "number"
    TIME = "time"
    ALL = "all"


NAMES = {
    "assessment_figures": "考核的数",
    "assessment_remark": "考核的意见",
    "assessment_step": "考核的步骤",
    "attendance_decision": "核实时长的决定",
    "audit_event": "操作记录",
    "bank_line_entry": "银行流水",
    "board": "定榜",
    "board_line": "定榜的名次",
    "board_publication": "定榜的发布",
    "certificate": "证明",
    "confirmed_pack": "双50确认",
    "erasure_entry": "按本人要求的删除",
    "feedback_entry": "社区反馈",
    "fund_amendment_part": "补充协议的分期",
    "fund_draft_entry": "项目草稿的修改",
    "fund_file_step_entry": "凭证文件的公开",
    "fund_movement_entry": "基金流水",
    "fund_photo_step_entry": "项目照片的公开",
    "fund_progress_entry": "项目进展",
    "fund_service_entry": "服务人次",
    "fund_stage_entry": "项目的步骤",
    "fund_step_entry": "基金申请的步骤",
    "hour_entry": "时长流水",
    "merge_note_entry": "合并时改的引用",
    "merge_source_entry": "合并时重记的流水",
    "opening_figure_entry": "期初的数",
    "opening_word_entry": "期初的确认",
    "pack_withdrawal": "双50确认的撤回",
    "panel": "评审标准",
    "panel_aside_entry": "评审回避",
    "panel_score_entry": "评分",
    "panel_seat": "评审人",
    "point_band": "积分等次",
    "point_entry": "积分流水",
    "point_rule": "积分规则",
    "point_scheme": "积分方案",
    "publicity_maker": "公示的经办",
    "report_entry": "上报的报表",
    "report_sending_entry": "报表的上报",
    "scan": "扫码",
    "spot_check_note_entry": "抽查的意见",
    "spot_check_pick_entry": "抽查的样本",
    "wish_step_entry": "微心愿的步骤",
}
"""Every sealed table, as people call it. Others whose name ends in `_entry` are sealed too, and called by their name."""
ALSO = frozenset(name for name in NAMES if not name.endswith("_entry"))
BY_TIME = {"scan": "received_at", "attendance_decision": "made_at"}
NEVER_DATED_BACK = frozenset({"audit_event", "fund_movement_entry", "fund_service_entry", "hour_entry", "point_entry"})
"""Tables by number of which each row says when it was written, by the clock of then: one behind a seal with a time before it was put in."""
APART = {
    "board_place": "a place follows from the lines of its board, which are sealed; the board's own digest is over both",
    "assessment_line": "the digest in assessment_figures, which is sealed, is over all lines",
    "seal_entry": "the chain itself",
    "seal_part_entry": "what a seal is made of: its digest is in the chain",
}


@dataclass(frozen=True)
class Sealed:
    """A table with what is read of it. `when` is the column that says when a row was written, where there is one."""

    table: Table
    key: tuple[Column[Any], ...]
    when: Column[Any] | None
    by: By

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def called(self) -> str:
        return NAMES.get(self.name, self.name)

    @property
    def columns(self) -> str:
        """The columns sealed today, by name; later ones are sealed with the rows that have them."""
        return ",".join(sorted(column.name for column in self.table.columns if not column.primary_key))

    def keys(self, texts: list[str]) -> list[Any]:
        """Keys as values of the table, from their written form."""
        read: list[Callable[[str], Any]] = [int if isinstance(column.type, Integer) else UUID for column in self.key]
        many = [tuple(kind(part) for kind, part in zip(read, text.split(","), strict=True)) for text in texts]
        return [one[0] for one in many] if len(self.key) == 1 else many


def is_sealed(name: str) -> bool:
    return name not in APART and (name.endswith("_entry") or name in ALSO)


@lru_cache(maxsize=1)
def sealed_tables() -> dict[str, Sealed]:
    """By name, in the order of names."""
    return {name: _sealed(table) for name, table in sorted(Base.metadata.tables.items()) if is_sealed(name)}


def _sealed(table: Table) -> Sealed:
    key = tuple(table.primary_key)
    times = [column for column in table.columns if isinstance(column.type, UtcDateTime)]
    if table.name in BY_TIME:
        return Sealed(table, key, table.columns[BY_TIME[table.name]], By.TIME)
    numbered = len(key) == 1 and isinstance(key[0].type, Integer) and not key[0].foreign_keys
    return Sealed(table, key, times[0] if len(times) == 1 and numbered else None, By.NUMBER if numbered else By.ALL)
