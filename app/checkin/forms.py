"""What a phone sends at the door. A ticket is our own signed note of which code its page opened, when, and whether it was good."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from app.activities.rules import runs_past_midnight
from app.checkin.fence import Fence
from app.checkin.reasons import LOWEST_LIMIT, Limits
from app.checkin.rules import TICKET_LIFE, CodeFault, ShownCode, Way
from app.core.clock import at_local, local, local_date
from app.core.errors import Conflict, Invalid
from app.people.forms import birth_year
from app.people.naming import phone_fault, tidy_phone
from app.people.rules import minor_until
from app.webkit.forms import Form

SCAN_AGAIN = "这次没有签上。请再扫一次现场的码。"


@dataclass(frozen=True)
class Asked:
    """What a ticket says beyond the code: the gate, whether the code of the day was typed (None: nobody asks), whether a fence stands."""

    gate_id: int | None = None
    day_code: bool | None = None
    fence: bool = False


PLAIN = Asked()


def write_ticket(key: str, activity_id: int, way: Way, opened_at: datetime, fault: CodeFault | None, asked: Asked = PLAIN) -> str:
    """Signed, so that nobody can move the time or turn a stale code into a good one."""
    said: list[Any] = [activity_id, way.value, int(opened_at.timestamp() * 1_000_000), fault.value if fault else ""]
    if asked != PLAIN:
        said += [asked.gate_id, asked.day_code, asked.fence]
    return str(_signer(key).dumps(said))


def read_ticket(key: str, ticket: str, scan_id: UUID, now: datetime) -> ShownCode:
    """Raises Conflict for a ticket that is forged or older than two hours."""
    try:
        activity_id, way, micros, fault, *more = _signer(key).loads(ticket)
    except BadSignature as error:
        raise Conflict(SCAN_AGAIN) from error
    opened_at = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    if not opened_at <= now <= opened_at + TICKET_LIFE:
        raise Conflict("打开这个码已经超过两小时，这次没有签上。请再扫一次现场的码。")
    asked = Asked(*more)
    wrong = CodeFault(fault) if fault else CodeFault.DAY_CODE if asked.day_code is False else None
    return ShownCode(
        scan_id,
        activity_id,
        Way(way),
        opened_at,
        wrong,
        gate_id=asked.gate_id,
        day_code=asked.day_code,
        fence=Fence.NOT_GIVEN if asked.fence else None,
    )


@lru_cache
def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="scan-ticket")


def parse_scan(values: "MultiDict[str, str]", key: str, now: datetime) -> ShownCode:
    try:
        scan_id = UUID(values["id"])
    except (KeyError, ValueError) as error:
        raise Conflict(SCAN_AGAIN) from error
    return read_ticket(key, values.get("ticket", ""), scan_id, now)


class WalkIn(NamedTuple):
    """`minor_until` for somebody who says that they are under 14; only they are asked for a year of birth."""

    name: str
    phone: str
    minor_until: date | None


def parse_walk_in(values: "MultiDict[str, str]", today: date) -> WalkIn:
    form = Form(values)
    name = form.text("name", "姓名", longest=20)
    phone = tidy_phone(form.text("phone", "手机号码", longest=30))
    if "phone" not in form.faults and (fault := phone_fault(phone)):
        form.fault("phone", fault)
    year = birth_year(form, today) if form.raw("minor") == "1" else None
    form.done()
    return WalkIn(name, phone, minor_until(year) if year else None)


def parse_sign_outs(
    values: "MultiDict[str, str]", in_at: dict[int, datetime], default_end: dict[int, datetime], now: datetime
) -> dict[int, datetime]:
    """attendance id → end, for those ticked (`spell`); an own time stands in `end-<id>` as 16:40 on the day they came."""
    form, ends = Form(values), {}
    for raw in values.getlist("spell"):
        if not (raw.isascii() and raw.isdigit()) or int(raw) not in in_at:
            continue
        spell = int(raw)
        own = form.clock_time(f"end-{spell}", "离开时间", required=False)
        ends[spell] = _end_of(in_at[spell], own) if own else default_end[spell]
        if ends[spell] < in_at[spell]:
            form.fault(f"end-{spell}", "离开时间早于签到")
        if ends[spell] > now:
            form.fault(f"end-{spell}", "这个时间还没到，不能先记")
    form.done()
    if not ends:
        raise Invalid({"spell": "请至少勾一位"})
    return ends


def _end_of(came: datetime, own: time) -> datetime:
    """The end that 16:40 means: never before the minute they came; 00:30 after an evening is the next day."""
    day, since = local_date(came), local(came).time().replace(tzinfo=None)
    if runs_past_midnight(since, own):
        day += timedelta(days=1)
    end = at_local(day, own)
    return came if end == came.replace(second=0, microsecond=0) else end


def parse_limits(values: "MultiDict[str, str]") -> Limits:
    """Whole hours a day; the lower bound keeps an ordinary sign-out from asking for the setting at all."""
    form = Form(values)
    least = LOWEST_LIMIT // 60
    parent = form.whole("parent", "由上级组织核实的小时数", least=least, most=24)
    subdistrict = form.whole("subdistrict", "由街道核实的小时数", least=least, most=24)
    if parent and subdistrict and subdistrict <= parent:
        form.fault("subdistrict", "由街道核实的小时数要比由上级组织核实的多")
    form.done()
    return Limits((parent or 0) * 60, (subdistrict or 0) * 60)


def new_scan_id() -> UUID:
    return uuid4()
