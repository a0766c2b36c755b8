"""Coded values and field names of audit details → Chinese, by what was done: "post" is a post of a community, or one of those offered.

Pure. The enums stand in features above, so their values are written out here; a test compares them with the features' own.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.audit.details import SUBJECTS
from app.audit.vocabulary import GROUP_NAMES
from app.core import clock
from app.core.permissions import ROLE_NAMES
from app.core.words import full_day

_MEMBERSHIP = {"home": "组织关系", "reported": "党员报到", "team": "志愿队员", "neighbours": "街坊会成员", "resident": "住在这个社区"}
_STAGE = {
    "masses": "群众",
    "applicant": "入党申请人",
    "activist": "入党积极分子",
    "candidate": "发展对象",
    "probationary": "预备党员",
    "member": "正式党员",
}
_BOARDS = {"person": "个人", "branch": "支部", "community": "社区", "team": "分队"}
_RIGHTS = {"correction": "更正资料", "erasure": "注销并删除"}
_OFFERS = {"post": "岗位", "project": "服务项目", "wish": "微心愿"}
_KINDS = {
    "person.membership": _MEMBERSHIP,
    "person.stage": _STAGE,
    "consent": {
        "personal_board": "参加个人排行",
        "named_credit": "活动报道里署名",
        "big_screen": "现场大屏显示",
        "contact": "组织者可以联系我",
    },
    "activity": {"service": "志愿服务", "study": "学习", "party_life": "组织生活", "other": "其他"},
    "post": {"duty": "党员岗位", "building_head": "楼长", "lane_head": "巷长", "street_head": "街长"},
    "offer": _OFFERS,
    "unit": {
        "subdistrict": "街道党工委",
        "community": "社区党委",
        "general_branch": "党总支",
        "branch": "党支部",
        "group": "党小组",
        "team": "志愿服务队",
        "neighbours": "街坊会",
        "self_governance": "自治小组",
        "society": "社团",
        "owners_committee": "红色业委会",
    },
    "place": {
        "community": "社区",
        "estate": "小区",
        "building": "楼栋",
        "stairwell": "楼道",
        "service_centre": "党群服务中心（站）",
        "station": "驿站、生活馆",
    },
    "rights.request": _RIGHTS,
    "rights.refusal": _RIGHTS,
    "rights.approval": _RIGHTS,
    "fund.request": {
        "opening": "期初",
        "donation": "捐赠",
        "grant": "拨付",
        "payment": "用款",
        "refund": "支出退回",
        "return": "剩余交回",
        "transfer": "转入限定用途",
        "past_spending": "历史支出",
        "correction": "冲正",
        "figure": "更正人次",
    },
    "fund.file": {
        "invoice": "发票",
        "receipt": "回单、收据",
        "minute": "会议纪要",
        "contract": "合同、协议",
        "report": "报告",
        "other": "其他",
    },
    "board": _BOARDS,
    "board.publication": _BOARDS,
    "register": {"units": "组织", "places": "地点", "posts": "岗位", "hours": "历史时长", "projects": "历史项目"},
}
_COLUMNS = {
    "name": "姓名",
    "gender": "性别",
    "birth": "出生日期",
    "phone": "手机号码",
    "community": "所在社区",
    "branch": "所属党支部",
    "stage": "政治面貌",
    "stage_on": "进入当前阶段日期",
    "joined": "入党日期",
    "reported": "报到社区",
    "note": "备注",
    "id_number": "身份证号",
}
CODES: dict[tuple[str, str], dict[str, str]] = {
    **{(action, "kind"): words for action, words in _KINDS.items()},
    ("role", "role"): {role.value: name for role, name in ROLE_NAMES.items()},
    ("person.stage", "before"): _STAGE,
    ("person.stage", "after"): _STAGE,
    ("person.departure", "reason"): {"moved": "组织关系转出街道", "died": "去世", "left_party": "退党、除名或开除党籍"},
    ("person.profile", "changes"): {"male": "男", "female": "女"},
    ("person.guardian", "relation"): {"mother": "妈妈", "father": "爸爸", "grandparent": "祖父母、外祖父母", "other": "其他监护人"},
    ("person.guardian", "how"): {"in_person": "当面", "on_paper": "签了纸质同意书", "by_account": "用自己的账号"},
    ("proxy", "relation"): {"family": "家人", "head": "楼长", "neighbour": "邻居"},
    ("proxy", "agreed"): {"own_phone": "本人在自己手机上同意", "in_person": "当面同意，工作人员登记"},
    ("scheme_draft", "scheme"): {"volunteer": "志愿积分", "member": "党员积分"},
    ("pledges.export", "side"): {"community": "来报到的党员", "home": "本支部党员的报到情况"},
    ("own_claim.testimony", "says"): {"yes": "能证明", "no": "不能证明"},
    ("register.export", "what"): _KINDS["register"] | {"people": "人员"},
    ("register.export", "file"): {"xlsx": "Excel 表", "csv": "文本表（csv）"},
    ("audit.export", "group"): {group.value: name for group, name in GROUP_NAMES.items()},
    ("audit.export", "kind"): SUBJECTS,
    ("import.answer", "rows"): {"same": "同一个人，换了号码", "other": "另一个人"},
    ("import.headings", "words"): _COLUMNS,
    ("setting", "key"): {
        "pledges.kinds": "两认领的口径",
        "wishes": "微心愿的日子",
        "fund.money_back": "项目剩余的钱几天内交回",
        "rising": "几个工作日没人处理就交上一级",
        "proxies": "一个人最多替几位办",
        "long_day": "一天多少时长要上级核实",
        "closing": "每月几号结账",
        "stars": "补录时长算不算星级",
        "boards": "排行榜的口径",
        "password_again": "多久以后再输一次密码",
        "service_centre_phones": "党群服务中心的电话",
        "certificates": "证明出具后要不要公示",
        "publicity": "公示和异议的工作日",
        "holidays": "法定节假日和调休",
    },
    ("spot_check.finding", "finding"): {"fine": "无误", "question": "有疑问", "fault": "有错"},
    ("objection.answer", "verdict"): {"upheld": "异议成立", "rejected": "异议不成立"},
    ("setting", "before"): _OFFERS,
    ("setting", "after"): _OFFERS,
}
"""(what was done, or how it begins; the field) → the words of each code, also of codes deeper inside that field."""
OWN_FIELDS = {("import.answer", "rows"): "怎么答的", ("import.headings", "words"): "表头", ("setting", "key"): "哪一条规定"}
"""Fields that mean something else here than elsewhere; details.DETAILS has all others."""
_HALF = re.compile(r"(\d{4})-H([12])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


def words_for(action: str, field: str) -> dict[str, str]:
    """The codes of a field of an action: its own, else those of what its name begins with."""
    while action:
        if (action, field) in CODES:
            return CODES[action, field]
        action = action[: max(action.rfind("."), action.rfind("_"), 0)]
    return {}


def worded(action: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """A detail with words in place of codes, halves of years, days and instants; ids, numbers, free text and most fields stay."""
    if action == "role.grant" and _is_day(detail.get("to")):  # kept as the first day without the role, told as people say it
        detail = {**detail, "to": (date.fromisoformat(detail["to"]) - timedelta(1)).isoformat()}
    if action == "import.answer" and isinstance(detail.get("rows"), dict):
        detail = {**detail, "rows": {f"第 {number} 行": answer for number, answer in detail["rows"].items()}}
    return {OWN_FIELDS.get((action, field), field): _worded(value, words_for(action, field)) for field, value in detail.items()}


def _worded(value: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_worded(one, codes) for one in value]
    if isinstance(value, dict):
        return {field: _worded(one, codes) for field, one in value.items()}
    if not isinstance(value, str):
        return value
    if value in codes:
        return codes[value]
    if half := _HALF.fullmatch(value):
        return f"{half[1]}年{'上' if half[2] == '1' else '下'}半年"
    if _is_day(value):
        return full_day(date.fromisoformat(value))
    if _INSTANT.fullmatch(value):
        return _moment(value)
    return value


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and _DAY.fullmatch(value) is not None and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _moment(value: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    local = clock.local(instant) if instant.tzinfo else instant
    return f"{full_day(local)} {local:%H:%M}"
