"""What is about somebody, table by table, with the words under which they read it; a test fails for a table left out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Section:
    """Rows of `table` that name the person in one of `by`; `fields`: column → heading. `via`: (own column, the table that has `by`)."""

    title: str
    table: str
    fields: Mapping[str, str]
    by: tuple[str, ...] = ("person_id",)
    via: tuple[str, str] | None = None
    where: tuple[tuple[str, str], ...] = field(default=())


def _f(words: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in words.split())


SECTIONS = (
    Section("基本资料", "person", _f(
        "name=姓名 gender=性别 birth_date=出生日期 minor_until=哪天以前算未满14周岁 origin=怎么来的 note=备注 "
        "recorded_at=登记时间 confirmed_at=核实时间"
    ), ("id",)),
    Section("手机号码", "phone", _f("number=号码 valid_from=从 valid_to=到")),
    Section("在哪些组织", "membership", _f("unit_id=组织 kind=关系 valid_from=从 valid_to=到")),
    Section("发展阶段", "stage", _f("kind=阶段 began_on=开始日期")),
    Section("离开支部的记录", "departure", _f(
        "from_id=原来的组织 to_id=去了 reason=原因 note=说明 left_on=离开日期 recorded_on=登记日期 "
        "taken_back_on=撤回日期"
    )),
    Section("我的同意", "consent", _f("kind=同意什么 given_at=同意时间 withdrawn_at=收回时间")),
    Section("监护人的同意", "guardian_consent", _f(
        "guardian_name=监护人 guardian_phone=电话 relation=关系 given_how=怎么同意的 given_at=同意时间 "
        "withdrawn_at=收回时间"
    )),
    Section("账号", "account", _f("login_phone=登录号码 secret_kind=密码的种类 created_at=开通时间")),
    Section(
        "登录过的设备",
        "account_session",
        _f("device=设备 created_at=登录时间 expires_at=到期 revoked_at=退出时间"), via=("account_id", "account")),
    Section("登录验证码", "second_factor", _f("confirmed_at=设好的时间")),
    Section("恢复码", "recovery_code", _f("made_at=做的时间 used_at=用的时间")),
    Section("激活码", "activation_code", _f(
        "purpose=用途 made_at=做的时间 expires_at=到期 used_at=用的时间 revoked_at=作废时间"
    )),
    Section("日历地址", "calendar_feed", _f("made_at=做的时间 revoked_at=停用时间")),
    Section("职责", "role_grant", _f("role=职责 unit_id=组织 valid_from=从 valid_to=到")),
    Section("岗位", "post_term", _f("post_id=岗位 valid_from=从 valid_to=到 handover_note=交接说明")),
    Section("户联系", "household_contact", _f("place_id=地点 household=联系的户 valid_from=从 valid_to=到")),
    Section("志愿者卡", "member_card", _f("number=第几张 issued_at=做的时间 revoked_at=作废时间")),
    Section("代办", "proxy", _f("relation=关系 person_agreed=怎么同意的 valid_from=从 valid_to=到"), ("person_id", "proxy_id")),
    Section("代办的请求", "proxy_request", _f(
        "name=填的姓名 tail=号码尾数 relation=关系 asked_at=提出时间 answered_at=答复时间 answer=答复"
    ), ("person_id", "proxy_id")),
    Section("报名", "signup", _f(
        "shift_id=班次 position_id=岗位 made_at=报名时间 seated_at=有名额的时间 withdrawn_at=退出时间 risk_read_at=看过风险提示"
    )),
    Section("活动帮手", "helper", _f("shift_id=班次 made_at=设为帮手的时间")),
    Section("扫码", "scan", _f(
        "activity_id=活动 shift_id=班次 way=方式 outcome=结果 at=时间 received_at=收到时间 fence=是否在现场范围"
    )),
    Section("签到签退", "attendance", _f(
        "shift_id=班次 in_at=签到 in_way=签到方式 out_at=签退 out_way=签退方式 credited_from=从何时算 "
        "credited_to=算到何时 excluded_at=不计的时间 held_at=待核实的时间"
    )),
    Section("时长流水", "hour_entry", _f(
        "served_on=服务日期 activity_id=活动 organising_unit_id=组织单位 home_unit_id=算在哪个支部 hour_class=类别 "
        "kind=种类 minutes=分钟 source_kind=来源 reason=说明 reverses_id=冲正哪一条 booked_at=记账时间 "
        "rule_version=规则版本 id=流水号"
    )),
    Section("时长合计", "hour_person_total", _f("period=期间 kind=种类 hour_class=类别 minutes=分钟 entries=笔数")),
    Section("以前的时长", "past_hour", _f(
        "served_on=服务日期 unit_id=单位 kind=种类 words=做了什么 source=来源 minutes=分钟 undone_at=撤销时间"
    )),
    Section("积分流水和原因", "point_entry", _f(
        "served_on=日期 activity_id=活动 scheme_kind=哪种积分 scheme_id=方案版本 rule_id=依据的规则 wanted=应得 "
        "points=实得 reason=说明 source_kind=来源 cap_on=按哪天封顶 reverses_id=冲正哪一条 booked_at=记账时间 "
        "id=流水号"
    )),
    Section("积分合计", "point_person_total", _f("period=期间 rule_id=规则 scheme_kind=哪种积分 points=积分 entries=笔数")),
    Section("加分扣分免考核", "point_proposal", _f(
        "scheme_kind=哪种积分 rule_code=规则 exempts=免考核 happened_on=日期 until=到哪天 reason=原因 "
        "made_at=提出时间 verdict=决定 decided_at=决定时间 answer=答复"
    )),
    Section("补录", "claim", _f("in_at=从 out_at=到 skipped=没记上的原因 returned=退回的原因")),
    Section("自己提的补录", "claim_batch", _f(
        "shift_id=班次 note=说明 made_at=提出时间 verdict=决定 decided_at=决定时间 answer=答复 "
        "withdrawn_at=撤回时间"
    ), ("made_by_id",), where=(("kind", "own"),)),
    Section(
        "补录时传的照片",
        "claim_photo",
        _f("slot=第几张 added_at=传的时间 removed_at=撤下时间"), ("made_by_id",), via=("batch_id", "claim_batch")),
    Section("请我作证", "claim_witness", _f("asked_at=请求时间 answered_at=答复时间 says=怎么说的")),
    Section("这条记录不对", "dispute", _f(
        "said=说了什么 made_at=提出时间 due_on=几号前答复 answer=答复 answered_at=答复时间 outcome=结果"
    )),
    Section("时长更正", "hour_correction", _f(
        "change=怎么改 was_minutes=原来分钟 minutes=改为分钟 reason=原因 made_at=提出时间 verdict=决定 "
        "decided_at=决定时间 answer=答复"
    )),
    Section("公示异议", "objection", _f(
        "way=怎么提的 by_name=谁提的 by_phone=电话 said=说了什么 received_on=收到日期 answer=答复 answered_at=答复时间 "
        "verdict=结果"
    ), ("by_id",)),
    Section("关于我的公示异议", "objection", _f(
        "received_on=收到日期 said=说了什么 answer=答复 answered_at=答复时间 verdict=结果"
    ), ("about_id",)),
    Section("公示里的我", "publicity_line", _f("publicity_id=公示 words=内容")),
    Section("荣誉", "honour", _f(
        "title=名称 reason=理由 made_at=推荐时间 verdict=决定 decided_at=决定时间 answer=答复 granted_on=授予日期 "
        "revoked_on=撤回日期"
    )),
    Section("荣誉撤回", "honour_revocation", _f("reason=理由 made_at=提出时间 verdict=决定 decided_at=决定时间 answer=答复")),
    Section("证明申请", "certificate_request", _f(
        "unit_id=出具单位 since=从 until=到 purpose=用途 document_kind=证件种类 document_masked=证件号码（遮住的） "
        "notes=备注 made_at=申请时间 accepted_at=受理时间 issued_at=出具时间 ended_at=结束时间 ending=怎么结束的 "
        "end_reason=原因"
    )),
    Section("志愿服务记录证明", "certificate", _f("number=编号 unit_id=出具单位 issued_at=出具时间 content=内容 digest=校验")),
    Section("双50确认", "confirmed_pack", _f(
        "unit_id=支部 stage=阶段 began_on=开始日期 reached_on=达到日期 confirmed_at=确认时间 content=内容 "
        "digest=校验"
    )),
    Section("积分考核", "assessment_line", _f(
        "figures_id=哪一次 base=基础 earned=加分 deducted=扣分 carried=结转 late=补记 vetoed=一票否决 exempt=免考核 "
        "total=总分 grade=等次 by_rule=各项 entries=依据的流水号"
    )),
    Section("考核意见", "assessment_remark", _f("words=意见 made_at=时间")),
    Section("社区反馈", "feedback_entry", _f("unit_id=社区 half=半年 grade=评价 words=说明 reason=更正原因 made_at=时间")),
    Section("认领", "pledge", _f("offer_id=认领什么 made_at=认领时间 done_at=完成时间 withdrawn_at=退出时间")),
    Section("榜上的我", "board_line", _f("board_id=哪张榜 minutes=分钟")),
    Section("微心愿", "wish", _f(
        "number=编号 kind=种类 whom=为谁 way=怎么说的 title=题目 words=公开的话 told_at=说的时间 state=到哪一步 published_on=公开日期 "
        "ended_on=结束日期"
    ), ("own_id",)),
    Section(
        "微心愿的原话和联系人",
        "wish_private",
        _f("words=原话 name=姓名 phone=电话 place=地点 erased_at=抹去时间"), ("own_id",), via=("wish_id", "wish")),
    Section("认领的微心愿", "wish_claim", _f(
        "wish_id=心愿 kind=身份 name=姓名 phone=电话 claimed_on=认领日期 due_on=几号前联系 connected_on=联系日期 "
        "ended_on=结束日期"
    ), ("by_id",)),
    Section("评审", "panel_seat", _f("project_id=项目")),
    Section("名册导入的底稿", "import_row", _f(
        "name=姓名 phone=手机号码 gender=性别 birth_date=出生日期 stage=阶段 stage_on=开始日期 note=备注"
    )),
    Section("换支部时收回的职责", "import_ending", _f("words=收回了什么 until=原来到哪天")),
    Section("导入时改的资料", "import_change", _f(
        "field=哪一项 before_text=原来 after_text=改为 before_on=原日期 after_on=改为日期"
    )),
    Section("合并档案", "merge", _f(
        "reason=凭什么 proposed_at=提出时间 verdict=决定 answer=答复 merged_at=合并时间 undo_reason=撤销的原因 undone_at=撤销时间"
    ), ("stays_id", "goes_id")),
    Section("不是同一个人", "person_difference", _f("reason=凭什么 said_at=记下的时间 ended_at=取消时间"), ("low_id", "high_id")),
    Section("消息", "notice", _f("text=内容 made_at=时间 read_at=看的时间")),
    Section("更正和注销的请求", "rights_request", _f(
        "kind=请求 how=怎么提的 guardian_name=监护人 words=说明 wanted=要改成 asked_at=提出时间 due_on=几号前答复 verdict=结果 "
        "decided_at=办理时间 answer=答复"
    )),
)  # fmt: skip
OMITTED: Mapping[str, str] = MappingProxyType(
    {
        "audit_event": "sections of their own: who looked, what was done to the record",
        "dispute_aside": "who had a part in a record steps aside: about the record, shown there",
        "hour_correction_aside": "the same of corrections",
        "publicity_maker": "who made what is shown steps aside",
        "person_key": "a key; whoever has it reads nothing more than what is exported in clear",
        "erasure_entry": "of who is erased there is nothing to export",
        "panel_aside_entry": "what somebody did in an office, in the fund's own records",
        "panel_score_entry": "the same",
    }
)
HUNDREDTHS = frozenset({"point_entry.wanted", "point_entry.points", "point_person_total.points"}) | frozenset(
    f"assessment_line.{column}" for column in ("base", "earned", "deducted", "carried", "late", "total")
)
POINTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unit_id": ("unit", "name"), "home_unit_id": ("unit", "name"), "organising_unit_id": ("unit", "name"), "from_id": ("unit", "name"),
        "to_id": ("unit", "name"), "activity_id": ("activity", "title"), "post_id": ("post", "title"), "place_id": ("place", "name"),
        "rule_id": ("point_rule", "name"), "scheme_id": ("point_scheme", "version"), "offer_id": ("offer", "title"),
        "publicity_id": ("publicity", "title"), "project_id": ("fund_project", "name"), "wish_id": ("wish", "number"),
        "shift_id": ("shift", "activity"), "position_id": ("shift_position", "name"), "board_id": ("board", "span_key"),
    }
)  # fmt: skip
"""Columns that point elsewhere: the table, and the column of it that is read instead of a number."""
