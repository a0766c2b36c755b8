"""What somebody may ask about their own data, until when it is answered, and in which words. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.workdays import Holidays, working_days_after

ANSWER_DAYS = 15
"""Working days. 个人信息保护法 Art. 50 asks for an answer and for reasons, without a number; 《App违法违规收集使用个人信息行为认定方法》
Art. 6 counts more than 15 working days for correcting, erasing or closing an account as a breach. It holds here as well."""
SOON = 3  # days before the end a request is marked


class Kind(StrEnum):
    CORRECTION = "correction"
    ERASURE = "erasure"


class How(StrEnum):
    """Who asked: the person on their own phone, the person before somebody who wrote it down, or the guardian of a child."""

    OWN = "own"
    IN_PERSON = "in_person"
    GUARDIAN = "guardian"


class Verdict(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


KIND_NAMES = {Kind.CORRECTION: "更正资料", Kind.ERASURE: "注销并删除"}
HOW_NAMES = {How.OWN: "本人在自己手机上提的", How.IN_PERSON: "本人当面提的", How.GUARDIAN: "监护人当面提的"}
VERDICT_NAMES = {Verdict.APPROVED: "已办好", Verdict.REFUSED: "没有办", Verdict.WITHDRAWN: "已撤回"}
LAW = (
    "《个人信息保护法》要求及时答复，不办要说明理由，没有写几天。我们按国家网信办等四部门《App违法违规收集使用个人信息行为认定方法》第六条，"
    f"最多 {ANSWER_DAYS} 个工作日，当天不算，法定节假日不算。"
)


def due_on(asked_on: date, holidays: Holidays) -> date:
    """The last day on which it is answered in time."""
    return working_days_after(asked_on, ANSWER_DAYS, holidays)


@dataclass(frozen=True)
class Stays:
    """Something that is not erased, and why, as it is said to the person before they ask."""

    what: str
    why: str


ERASED_WORDS = (
    "姓名、性别、出生日期、手机号码、备注，监护人的姓名和电话",
    "账号、密码、登录的设备、登录验证码、日历地址；手机马上退出登录，志愿者卡马上作废",
    "政治面貌和发展阶段；在各组织的名单里不再有您",
    "收到的消息，自己补录时传的照片，各种理由、说明、答复里写到您的文字",
    "审计记录里关于您的内容：销毁只属于您的那把密钥，谁也读不出来，备份以外没有第二份",
)
STAYS = (
    Stays(
        "签到、时长和积分的流水",
        "只留数字、日期和记账时写的一句说明，姓名写成“已注销的志愿者”。单位的合计、榜单不变，账才对得上（民政部令第67号：记录真实、完整）。",
    ),
    Stays(
        "已经出具的志愿服务记录证明",
        "凭编号还查得到是否有效、哪天由谁出具，不再显示姓名和证件；纸上的校验码仍能核对。别处正在用它，撤掉就成了假的。",
    ),
    Stays("支部确认过的双50材料、考核意见、社区反馈", "属于支部的工作档案（《发展党员工作细则》），封存不改，网站上不再能按您的名字找到。"),
    Stays("关爱基金的凭证、审批和付款", "《会计档案管理办法》要求会计凭证保管 30 年。经手人写成“已注销的志愿者”，收款人、附件照原样封存。"),
    Stays("您替别人办过的事", "例如确认过的补录，办理的人写成“已注销的志愿者”；那是别人的记录。"),
    Stays("活动合影", "一张照片里有很多人，系统认不出哪一位是您。请告诉活动的组织者，照片会单独撤下。"),
    Stays("注销以前的备份", "备份到期自动删除。万一用旧备份恢复，会按注销名单马上再删一遍。"),
)


@dataclass(frozen=True)
class Obstacle:
    """Something to be settled first, and where."""

    words: str
