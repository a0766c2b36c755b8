"""The ways on from a stage, as the page offers them: what the button says, and the field that takes the reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.fund import stage_rules
from app.fund.rules import Stage


@dataclass(frozen=True)
class Option:
    """One way on. `button` says it, `note` names the field for the reason; the first of a page's options is its main one."""

    stage: Stage
    button: str
    note: str = ""
    hint: str = ""


OPTIONS: Mapping[tuple[Stage, Stage], Option] = {
    (Stage.APPLIED, Stage.CHECKED): Option(Stage.CHECKED, "初审通过"),
    (Stage.APPLIED, Stage.DRAFT): Option(Stage.DRAFT, "退回修改", "哪里要改"),
    (Stage.APPLIED, Stage.DECLINED): Option(Stage.DECLINED, "不立项", "为什么不立项"),
    (Stage.CHECKED, Stage.APPROVED): Option(Stage.APPROVED, "同意立项"),
    (Stage.CHECKED, Stage.DRAFT): Option(Stage.DRAFT, "退回修改", "哪里要改"),
    (Stage.CHECKED, Stage.DECLINED): Option(Stage.DECLINED, "不立项", "为什么不立项"),
    (Stage.SCORED, Stage.PUBLICISED): Option(Stage.PUBLICISED, "贴出公示"),
    (Stage.SCORED, Stage.DECLINED): Option(Stage.DECLINED, "不立项", "为什么不立项"),
    (Stage.PUBLICISED, Stage.APPROVED): Option(Stage.APPROVED, "同意立项"),
    (Stage.PUBLICISED, Stage.SCORED): Option(Stage.SCORED, "撤回公示", "为什么撤回", "这一句会公开。改好了可以再贴。"),
    (Stage.PUBLICISED, Stage.DECLINED): Option(Stage.DECLINED, "不立项", "为什么不立项", "公示还没到期的，同时撤回，这一句会公开。"),
    (Stage.APPROVED, Stage.RUNNING): Option(Stage.RUNNING, "协议核对无误，开始"),
    (Stage.APPROVED, Stage.DECLINED): Option(Stage.DECLINED, "取消立项", "为什么取消"),
    (Stage.RUNNING, Stage.MIDTERM): Option(Stage.MIDTERM, "中期检查通过", "检查情况", "做到哪里，钱用得怎样。这一段会公开。"),
    (Stage.RUNNING, Stage.FINAL): Option(Stage.FINAL, "申请结项", "做成了什么", "这一段会公开。"),
    (Stage.MIDTERM, Stage.FINAL): Option(Stage.FINAL, "申请结项", "做成了什么", "这一段会公开。"),
    (Stage.PAUSED, Stage.RUNNING): Option(Stage.RUNNING, "恢复", "为什么可以恢复"),
    (Stage.PAUSED, Stage.MIDTERM): Option(Stage.MIDTERM, "恢复", "为什么可以恢复"),
    (Stage.FINAL, Stage.CLOSED): Option(Stage.CLOSED, "同意结项", "结项说明", "做成了什么，余款去了哪里。这一段会公开。"),
    (Stage.FINAL, Stage.RUNNING): Option(Stage.RUNNING, "还要再做", "还差什么"),
    (Stage.FINAL, Stage.MIDTERM): Option(Stage.MIDTERM, "还要再做", "还差什么"),
    (Stage.STOPPED, Stage.ARCHIVED): Option(Stage.ARCHIVED, "归档"),
    (Stage.CLOSED, Stage.ARCHIVED): Option(Stage.ARCHIVED, "归档"),
    **{
        (stage, Stage.PAUSED): Option(Stage.PAUSED, "暂停", "为什么暂停", "暂停时不进钱也不出钱。这一段会公开。")
        for stage in stage_rules.WORKING
    },
    **{
        (stage, Stage.STOPPED): Option(Stage.STOPPED, "中止", "为什么中止，余款怎么办", "余款要交回基金或转作限定用途。这一段会公开。")
        for stage in (*stage_rules.WORKING, Stage.PAUSED)
    },
}


SIDEWAYS = frozenset({Stage.DRAFT, Stage.DECLINED, Stage.PAUSED, Stage.STOPPED})  # never what is simply next
