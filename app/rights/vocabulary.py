"""How stored values are said to whom they are about. Pure. A test fails for a value that would read as it is stored."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.activities.rules import KIND_NAMES as ACTIVITY_NAMES
from app.checkin.rules import WAY_NAMES
from app.claims.correction_rules import CHANGE_NAMES
from app.core.permissions import ROLE_NAMES
from app.hours.rules import CLASS_NAMES
from app.hours.rules import KIND_NAMES as HOUR_NAMES
from app.people.rules import (
    CONSENT_NAMES,
    DEPARTURE_NAMES,
    GIVEN_HOW_NAMES,
    MEMBERSHIP_NAMES,
    RELATION_NAMES,
    STAGE_NAMES,
)
from app.pledges.rules import GRADE_NAMES
from app.points.rules import SCHEME_NAMES
from app.points.standings import EXEMPTION_NAMES
from app.proxies.rules import RELATION_NAMES as PROXY_NAMES
from app.rights.rules import HOW_NAMES, KIND_NAMES, VERDICT_NAMES

# fmt: off
NAMES: Mapping[str, Mapping[Any, str]] = MappingProxyType(
    {
        "membership.kind": MEMBERSHIP_NAMES,
        "stage.kind": STAGE_NAMES,
        "confirmed_pack.stage": STAGE_NAMES,
        "departure.reason": DEPARTURE_NAMES,
        "consent.kind": CONSENT_NAMES,
        "guardian_consent.relation": RELATION_NAMES,
        "guardian_consent.given_how": GIVEN_HOW_NAMES,
        "role_grant.role": ROLE_NAMES,
        "proxy.relation": PROXY_NAMES,
        "proxy_request.relation": PROXY_NAMES,
        "scan.way": WAY_NAMES,
        "attendance.in_way": WAY_NAMES,
        "attendance.out_way": WAY_NAMES,
        "hour_entry.hour_class": CLASS_NAMES,
        "hour_entry.kind": HOUR_NAMES,
        "hour_person_total.hour_class": CLASS_NAMES,
        "hour_person_total.kind": HOUR_NAMES,
        "past_hour.kind": HOUR_NAMES,
        "point_entry.scheme_kind": SCHEME_NAMES,
        "point_person_total.scheme_kind": SCHEME_NAMES,
        "point_proposal.scheme_kind": SCHEME_NAMES,
        "rights_request.kind": KIND_NAMES,
        "rights_request.how": HOW_NAMES,
        "rights_request.verdict": VERDICT_NAMES,
        "activity.kind": ACTIVITY_NAMES,
        "scan.outcome": {
            "undone": "收回了签退", "already_in": "已经签到过", "already_out": "已经签退过", "pending": "等人核实是谁",
            "visitor": "来看看，不记时长", "too_early": "太早", "too_late": "太晚", "stale_code": "码过期了", "wrong_way": "用错了码",
            "not_open": "活动没有开放", "too_many": "一天超过三次", "not_in": "还没有签到", "forged": "码不是本站的",
        },
        "scan.fence": {"not_given": "没有给位置"},
        "point_proposal.exempts": EXEMPTION_NAMES,
        "claim_witness.says": {"yes": "在场", "no": "不在场"},
        "hour_correction.change": CHANGE_NAMES,
        "certificate_request.document_kind": {
            "id_card": "居民身份证", "passport": "护照", "hk_macao": "港澳居民来往内地通行证", "taiwan": "台湾居民来往大陆通行证",
        },
        "feedback_entry.grade": GRADE_NAMES,
        "wish.kind": {
            "thing": "想要一样东西", "help": "想请人帮个忙", "company": "想有人陪陪", "repair": "家里想修一修", "study": "想学点什么",
            "other": "别的心愿",
        },
        "wish.whom": {
            "elder": "一位长者", "child": "一个孩子", "disabled": "一位行动不便的街坊", "ill": "一位生病的街坊", "family": "一户人家",
            "newcomer": "一位新来的街坊", "group": "一群街坊", "other": "一位街坊",
        },
        "wish.way": {
            "form": "本人在网上说的", "signed": "本人登录后说的", "phone": "打电话说的", "paper": "写在纸上的", "visit": "上门听到的",
            "unit": "组织提出的",
        },
        "wish.state": {
            "told": "等核实", "verified": "等公开", "published": "等人认领", "claimed": "有人认领了", "connected": "正在办",
            "fulfilled": "办成了，等回访", "thanked": "圆了", "lapsed": "等人认领", "released": "等人认领", "returned": "要补充",
            "declined": "没有办", "withdrawn": "撤回了",
        },
        "wish_claim.kind": {"person": "志愿者", "unit": "组织", "donor": "爱心街坊"},
        "import_row.stage": STAGE_NAMES,
        "import_change.field": {
            "gender": "性别", "birth": "出生日期", "note": "备注", "home": "党支部", "reported": "报到社区", "stage": "发展阶段",
            "stage_date": "阶段日期",
        },
        "hour_person_total.period": {"all": "全部"},
        "point_person_total.period": {"all": "全部"},
    }
)
# fmt: on
SAID: Mapping[str, str] = MappingProxyType(
    {
        "male": "男",
        "female": "女",
        "roster": "名册导入",
        "self": "自己登记",
        "staff": "管理员登记",
        "pin": "6 位数字",
        "password": "密码",
        "approved": "同意",
        "confirmed": "确认",
        "returned": "退回",
        "refused": "没有同意",
        "withdrawn": "撤回",
        "attendance": "签到",
        "claim": "补录",
        "import": "以前的登记表",
        "correction": "更正",
        "honour": "荣誉",
        "manual": "人工",
        "evened": "封顶调整",
        "in": "签到",
        "out": "签退",
        "inside": "在范围内",
        "outside": "在范围外",
        "activation": "开通",
        "reset": "重设",
        "upheld": "成立",
        "rejected": "不成立",
        "corrected": "已更正",
        "voided": "已作废",
        "online": "在网上",
        "in_person": "当面",
        "phone": "电话",
        "letter": "写信",
        "own_phone": "本人在自己手机上",
        "accepted": "接受",
        "declined": "没有接受",
    }
)  # fmt: skip
"""Values of other vocabularies, as they are said; what is not here stands as it is stored."""
WANTED: Mapping[str, str] = MappingProxyType({"name": "姓名", "gender": "性别", "birth_date": "出生日期", "phone": "手机号码"})
"""What a correction may be about."""
