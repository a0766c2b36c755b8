"""What is typed about one's own data."""

from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.identity import holds_id_number
from app.people.naming import name_fault, phone_fault, tidy_phone
from app.people.queries import Minor
from app.people.rules import Gender
from app.rights.rules import How, Kind
from app.webkit.forms import Form, clean

LONGEST = 300
ID_FAULT = "请不要写证件号码，这里用不着"


@dataclass(frozen=True)
class Known:
    """What stands now; only what differs is asked for. `phones`: id → number."""

    name: str
    gender: Gender | None
    birth_date: date | None
    phones: dict[int, str]


def words(form: Form, name: str, label: str, *, required: bool = False) -> str:
    said = form.text(name, label, longest=LONGEST, required=required)
    if holds_id_number(said):
        form.fault(name, ID_FAULT)
    return said


def correction(values: "MultiDict[str, str]", known: Known, today: date) -> tuple[dict[str, str | int | None], str]:
    """(what is wanted, in which words). Raises Invalid; where nothing differs too."""
    form = Form(values)
    wanted: dict[str, str | int | None] = {}
    name = form.text("name", "姓名", longest=20)
    if fault := name_fault(name):
        form.fault("name", fault)
    if name and name != known.name:
        wanted["name"] = name
    gender = clean(form.raw("gender"))
    if gender and (known.gender is None or gender != known.gender.value):
        chosen = form.choice("gender", "性别", Gender)
        wanted["gender"] = chosen.value if chosen else None
    birth = form.day("birth_date", "出生日期", required=False)
    if birth and birth > today:
        form.fault("birth_date", "出生日期不能是以后")
    if birth and birth != known.birth_date:
        wanted["birth_date"] = birth.isoformat()
    _phone(form, known, wanted)
    said = words(form, "words", "说明")
    if not wanted and not form.faults:
        form.fault("name", "还没有改什么。请把不对的那一项写成对的")
    form.done()
    return wanted, said


def _phone(form: Form, known: Known, wanted: dict[str, str | int | None]) -> None:
    phone = tidy_phone(clean(form.raw("phone")))
    if not phone:
        return
    if fault := phone_fault(phone):
        form.fault("phone", fault)
    elif phone in known.phones.values():
        form.fault("phone", "这个号码已经在您的资料里")
    else:
        wanted["phone"] = phone
        if form.raw("instead_of") and (old := form.one_of("instead_of", "换掉哪个号码", known.phones)) is not None:
            wanted["instead_of"] = old


@dataclass(frozen=True)
class Told:
    """Somebody asks in person; a guardian is the one whose consent is on record."""

    kind: Kind
    how: How
    guardian_name: str


def told(values: "MultiDict[str, str]", age: Minor) -> Told:
    """Raises Invalid. For a child only the guardian on record asks; for others only they themselves."""
    form = Form(values)
    kind = form.choice("kind", "要办什么", Kind)
    guardian = ""
    if age.minor and age.standing is None:
        form.fault("guardian", "还没有记下监护人。请先记监护人的同意，再来登记这个请求")
    elif age.minor and age.standing is not None:
        guardian = form.text("guardian", "监护人的姓名", longest=40)
        if guardian and guardian != age.standing.guardian_name:
            form.fault("guardian", "和记下的监护人不是同一个名字")
    if form.raw("shown") != "yes":
        form.fault("shown", "请核对来的人是谁，再打钩")
    form.done()
    assert kind is not None  # noqa: S101 (done() raised otherwise)
    return Told(kind, How.GUARDIAN if age.minor else How.IN_PERSON, guardian)


def guardian_phone(values: "MultiDict[str, str]", age: Minor) -> str | None:
    """The fault, where a child's guardian did not give the number on record; None where all is well."""
    if not age.minor:
        return None
    if age.standing is None:
        return "还没有记下监护人的同意，请监护人先到支部或现场说一声"
    return None if tidy_phone(clean(values.get("guardian_phone", ""))) == age.standing.guardian_phone else "和记下的监护人号码不一样"


__all__ = ["Known", "Told", "correction", "guardian_phone", "told", "words"]
