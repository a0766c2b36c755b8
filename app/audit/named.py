"""What each kind of thing is called, as people know it. By bare tables: the audit stands below the features that own them."""

from dataclasses import dataclass

from sqlalchemy import FromClause, column, table
from sqlalchemy.sql.expression import ColumnClause, TableClause


@dataclass(frozen=True)
class Named:
    """Where the name of a thing stands: `words` of `source`, by the id of `of`. `said` is how it is told with its name."""

    source: FromClause
    of: TableClause
    words: ColumnClause[str]
    said: str = "{}"


def _own(name: str, title: str, said: str = "{}") -> Named:
    """A table with a name of its own."""
    source = table(name, column("id"), column(title))
    return Named(source, source, source.c[title], said)


def _somebodys(name: str, said: str) -> Named:
    """Something that belongs to a person and has no other name."""
    owned, person = table(name, column("id"), column("person_id")), table("person", column("id"), column("name"))
    return Named(owned.join(person, person.c.id == owned.c.person_id), owned, person.c.name, said)


def _of_activity(name: str, said: str) -> Named:
    """Something that belongs to a shift, told by its activity."""
    owned, shift = table(name, column("id"), column("shift_id")), table("shift", column("id"), column("activity_id"))
    activity = table("activity", column("id"), column("title"))
    found = owned.join(shift, shift.c.id == owned.c.shift_id).join(activity, activity.c.id == shift.c.activity_id)
    return Named(found, owned, activity.c.title, said)


def _session() -> Named:
    held, account = table("account_session", column("id"), column("account_id")), table("account", column("id"), column("person_id"))
    person = table("person", column("id"), column("name"))
    found = held.join(account, account.c.id == held.c.account_id).join(person, person.c.id == account.c.person_id)
    return Named(found, held, person.c.name, "{}登录的设备")


def _objection() -> Named:
    said, shown = table("objection", column("id"), column("publicity_id")), table("publicity", column("id"), column("title"))
    return Named(said.join(shown, shown.c.id == said.c.publicity_id), said, shown.c.title, "对“{}”的异议")


def _assessment() -> Named:
    held, unit = table("assessment", column("id"), column("unit_id")), table("unit", column("id"), column("name"))
    return Named(held.join(unit, unit.c.id == held.c.unit_id), held, unit.c.name, "{}的考核")


def _merge() -> Named:
    held, person = table("merge", column("id"), column("stays_id")), table("person", column("id"), column("name"))
    return Named(held.join(person, person.c.id == held.c.stays_id), held, person.c.name, "{}的两份档案")


NAMED: dict[str, Named] = {
    "merge": _merge(),
    "person": _own("person", "name"),
    "unit": _own("unit", "name"),
    "place": _own("place", "name"),
    "activity": _own("activity", "title"),
    "activity_series": _own("activity_series", "title"),
    "activity_template": _own("activity_template", "name", "模板“{}”"),
    "shift": _own("shift", "name"),
    "post": _own("post", "title"),
    "offer": _own("offer", "title"),
    "fund_project": _own("fund_project", "name"),
    "fund_call": _own("fund_call", "title", "征集“{}”"),
    "fund_request": _own("fund_request", "number", "申请 {}"),
    "fund_purpose": _own("fund_purpose", "name", "限定用途“{}”"),
    "spot_check": _own("spot_check", "number", "抽查 {}"),
    "wish": _own("wish", "number", "心愿 {}"),
    "wish_round": _own("wish_round", "name"),
    "publicity": _own("publicity", "title", "“{}”的公示"),
    "objection": _objection(),
    "assessment": _assessment(),
    "board": _own("board", "span_key", "{}的定榜"),
    "requirement_set": _own("requirement_set", "name"),
    "import_batch": _own("import_batch", "file_name", "名册“{}”"),
    "register_batch": _own("register_batch", "file_name", "登记表“{}”"),
    "claim_batch": _of_activity("claim_batch", "“{}”的补录名单"),
    "confirmed_pack": _somebodys("confirmed_pack", "{}的双50确认"),
    "account": _somebodys("account", "{}的账号"),
    "account_session": _session(),
    "activation_code": _somebodys("activation_code", "给{}的码"),
    "recovery_code": _somebodys("recovery_code", "{}的恢复码"),
    "role_grant": _somebodys("role_grant", "{}的职责"),
    "member_card": _somebodys("member_card", "{}的志愿者卡"),
    "calendar_feed": _somebodys("calendar_feed", "{}的日历地址"),
    "proxy_request": _somebodys("proxy_request", "{}的代办请求"),
    "signup": _somebodys("signup", "{}的报名"),
    "hour_correction": _somebodys("hour_correction", "{}的更正"),
    "certificate_request": _somebodys("certificate_request", "{}的证明申请"),
    "certificate": _somebodys("certificate", "{}的证明"),
    "honour": _somebodys("honour", "{}的荣誉"),
    "honour_kind": _own("honour_kind", "name", "荣誉“{}”"),
    "attendance": _somebodys("attendance", "{}的签到记录"),
    "hour_entry": _somebodys("hour_entry", "{}的时长记录"),
}
