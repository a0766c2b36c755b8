"""What came of an uploaded scan, in the words of the one who made it: a colour, a few big words, who, and one line."""

from dataclasses import asdict, dataclass
from typing import Any

from app.checkin.queries import ScanView
from app.checkin.rules import SIGN_OUT_FROM, Outcome, Way
from app.core import clock
from app.core.words import minutes_words, time_words, when_words


@dataclass(frozen=True)
class Verdict:
    """`tone` is yes, already, warn or no; `undo` an address to post to, where it can be undone; `depart` one to sign out at once."""

    id: str
    outcome: str
    tone: str
    title: str
    name: str = ""
    detail: str = ""
    undo: str | None = None
    depart: str | None = None

    def json(self) -> dict[str, Any]:
        return asdict(self)


HAND = "请街坊打开“签到”，给您看“我的码”。"
UNRECORDED = {  # outcomes that are no scan of anybody: tone, title, detail
    "unknown": ("no", "认不出这个码", HAND),
    "nobody": ("no", "没找到这位", "请核对姓名和手机后四位。没报名的街坊，请他扫海报上的码。"),
    "own": ("no", "不能给自己签", "请扫现场的码，或请另一位来扫。"),
    "poster": ("warn", "这是海报上的码", "请扫街坊手机上的“我的码”，或他的卡。"),
    "several": ("warn", "有两位同名同尾号", "请当面问清，再扫他的码或卡。"),
    "conflict": ("no", "这次没有记", "这个编号已经用在另一次扫码上，请再扫一次。"),
    "not_helper": ("no", "这次没有记", "那时您还不是、或已经不是这场的签到员。"),
    "no_activity": ("no", "认不出这个码", "请核对短码，或请现场人员再给您看一次。"),
}
SAID_AS = {"nobody": "unknown", "poster": "wrong_way", "not_helper": "not_open", "no_activity": "unknown"}
TONES = {Outcome.IN: "yes", Outcome.OUT: "yes", Outcome.UNDONE: "yes", Outcome.PENDING: "warn"}
ALREADY = (Outcome.ALREADY_IN, Outcome.ALREADY_OUT)
MOVES = frozenset({Outcome.IN, Outcome.OUT, Outcome.PENDING})


def unrecorded(said_id: str, what: str) -> Verdict:
    tone, title, detail = UNRECORDED[what]
    return Verdict(said_id, SAID_AS.get(what, what), tone, title, detail=detail)


def verdict(view: ScanView, *, own: bool = False, undo: str | None = None, depart: str | None = None) -> Verdict:
    """Of a recorded scan. `own`: to the person it is about, else to whoever works the door."""
    tone = TONES.get(view.outcome, "already" if view.outcome in ALREADY else "no")
    outcome, title, detail = view.outcome.value, _title(view), _detail(view, own)
    if view.outcome is Outcome.STALE_CODE and not own:
        outcome, title, detail = "expired", "这个码过期了", "请街坊在手机上再打开一次“我的码”。"
    elif view.outcome is Outcome.FORGED:
        outcome, title, detail = "revoked", *_revoked(view)
    elif depart:
        detail = f"{time_words(view.in_at or view.at)} 到的。要先走，点“现在签退”"
    return Verdict(str(view.scan_id), outcome, tone, title, view.person_name or "", detail, undo, depart)


def _revoked(view: ScanView) -> tuple[str, str]:
    if view.way is Way.CARD:
        return "这张卡作废了", "请街坊报姓名和手机后四位，一样签到。"
    return "这台手机已经退出登录", "请街坊重新登录再打开“我的码”，或报姓名和手机后四位。"


def _title(view: ScanView) -> str:
    words = {
        Outcome.IN: "签到成功",
        Outcome.OUT: "已签退",
        Outcome.UNDONE: "已撤销",
        Outcome.PENDING: "已记下",
        Outcome.ALREADY_IN: "已经签到了",
        Outcome.ALREADY_OUT: "已经签退了",
        Outcome.NOT_IN: "没有签退",
    }
    return words.get(view.outcome, "没签上")


def _detail(view: ScanView, own: bool) -> str:
    shift = f"，{view.shift_name}" if view.shift_name else ""
    match view.outcome:
        case Outcome.IN:
            return f"{time_words(view.at)}{shift}"
        case Outcome.OUT:
            return f"{time_words(view.at)}，{_counted(view)}{shift}"
        case Outcome.PENDING:
            return f"{time_words(view.at)}，" + ("等工作人员核实" if own else "还没核实是谁，请在现场页核实")
        case Outcome.ALREADY_IN:
            leave = f"，{time_words(view.ends_at - SIGN_OUT_FROM)} 以后再扫就是签退" if view.ends_at else ""
            return f"{time_words(view.in_at or view.at)} 到的{leave}"
        case Outcome.ALREADY_OUT:
            return f"{time_words(view.out_at or view.at)} 走的，不用再扫"
        case Outcome.UNDONE:
            return "这次没有算，记录还在"
        case Outcome.TOO_EARLY:
            return f"{when_words(view.opens_at, clock.today())} 开始签到" if view.opens_at else "还没到签到的时间"
        case Outcome.TOO_LATE:
            return "签到的时间过了，或过了两天才传上来。来过的话可以补记"
        case Outcome.NOT_IN:
            return "现在没有签到，不用签退"
        case Outcome.TOO_MANY:
            return "今天已经进出 3 次" + ("，请找现场组织者帮您记" if own else "")
        case Outcome.STALE_CODE if view.day_code is False:
            return "这场活动要填今天的四位数。请再扫一次码，填好再签"
        case Outcome.STALE_CODE:
            return "这个码已更新，请扫屏幕上的新码"
        case Outcome.WRONG_WAY:
            return "这场活动用大屏上的码，请扫现场屏幕"
        case _:
            return "这场活动已经结束或取消"


def _counted(view: ScanView) -> str:
    if view.minutes is None:
        return "核实后记入"
    if view.review:
        return "待核实"
    return f"本次 {minutes_words(view.minutes)}" if view.minutes else "时间太短，不计时长"
