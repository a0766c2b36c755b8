"""Every field and every coded value that any feature tells the audit reads as Chinese, in the words of that feature."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from app.activities import rules as activities
from app.audit import codes, telling
from app.audit.details import DETAILS, SUBJECTS
from app.audit.queries import EventRow
from app.claims import rules as claims
from app.core.permissions import ROLE_NAMES, Role
from app.duties import rules as duties
from app.fund import rules as fund
from app.imports import planning
from app.imports import rules as imports
from app.leaderboards import rules as boards
from app.people import rules as people
from app.people import tree_rules
from app.pledges import rules as pledges
from app.proxies import rules as proxies
from app.registers import exports
from app.registers import rules as registers
from app.registers.exports import FileType
from app.results import rules as results
from app.rights import rules as rights
from app.spotchecks import rules as spotchecks
from tests.audit.collect import coded, fields
from tests.conftest import NOON

sqlite_only = True

SHARED = "before", "after", "changes"  # how a change is told; see audit.rules.changes
STAGES = ("person.stage", people.StageKind, people.STAGE_NAMES)
OFFERS = ("offer", pledges.OfferKind, pledges.OFFER_NAMES)
# Which enum stands behind each value that is told: (action, the enum, its own words; None: words of the audit alone).
TOLD: dict[tuple[str, str], list[tuple[str, type[StrEnum], Mapping[StrEnum, str] | None]]] = {
    ("app/accounts/granting.py", "role"): [("role.grant", Role, ROLE_NAMES), ("role.end", Role, ROLE_NAMES)],
    ("app/activities/service/organising.py", "kind"): [("activity", activities.ActivityKind, activities.KIND_NAMES)],
    ("app/claims/service/own.py", "says"): [("own_claim.testimony", claims.Says, None)],
    ("app/leaderboards/service.py", "kind"): [
        ("board", boards.BoardKind, boards.KIND_NAMES),
        ("board.publication", boards.BoardKind, boards.KIND_NAMES),
    ],
    ("app/duties/service/posts.py", "kind"): [("post", duties.PostKind, duties.POST_KIND_NAMES)],
    ("app/fund/service/asking.py", "kind"): [("fund.request", fund.RequestKind, None)],
    ("app/imports/answers.py", "rows"): [("import.answer", planning.Answer, None)],
    ("app/imports/headings.py", "words"): [("import.headings", imports.Column, imports.COLUMN_NAMES)],
    ("app/people/service/profiles.py", "relation"): [("person.guardian", people.Relation, people.RELATION_NAMES)],
    ("app/people/service/profiles.py", "how"): [("person.guardian", people.GivenHow, people.GIVEN_HOW_NAMES)],
    ("app/people/service/departing.py", "reason"): [("person.departure", people.DepartureReason, people.DEPARTURE_NAMES)],
    ("app/people/service/ties.py", "kind"): [
        ("person.membership", people.MembershipKind, people.MEMBERSHIP_NAMES),
        ("person.membership_end", people.MembershipKind, people.MEMBERSHIP_NAMES),
        ("person.stage_date", people.StageKind, people.STAGE_NAMES),
        ("person.stage_undo", people.StageKind, people.STAGE_NAMES),
        ("consent", people.ConsentKind, people.CONSENT_NAMES),
        ("consent.withdrawal", people.ConsentKind, people.CONSENT_NAMES),
    ],
    ("app/people/service/ties.py", "before"): [STAGES],
    ("app/people/service/ties.py", "after"): [STAGES],
    ("app/pledges/service/offers.py", "kind"): [OFFERS],
    ("app/proxies/service.py", "relation"): [
        ("proxy", proxies.Relation, proxies.RELATION_NAMES),
        ("proxy.request", proxies.Relation, proxies.RELATION_NAMES),
    ],
    ("app/proxies/service.py", "agreed"): [("proxy", proxies.Agreement, proxies.AGREEMENT_NAMES)],
    ("app/registers/exports.py", "file"): [("register.export", FileType, None)],
    ("app/registers/service.py", "kind"): [
        ("register.preview", registers.RegisterKind, registers.KIND_NAMES),
        ("register.application", registers.RegisterKind, registers.KIND_NAMES),
    ],
    ("app/results/service/papers.py", "kind"): [("fund.file", results.FileKind, results.FILE_KIND_NAMES)],
    ("app/rights/service/asking.py", "kind"): [("rights.request", rights.Kind, rights.KIND_NAMES)],
    ("app/rights/service/deciding.py", "kind"): [
        ("rights.refusal", rights.Kind, rights.KIND_NAMES),
        ("rights.approval", rights.Kind, rights.KIND_NAMES),
    ],
    ("app/spotchecks/service.py", "finding"): [("spot_check.finding", spotchecks.Finding, spotchecks.FINDING_NAMES)],
    ("app/settings/service.py", "before"): [],  # the column of that name; what settings hold is below
}
ELSEWHERE = [  # told by way of a helper, or deeper inside a value
    ("unit", "kind", people.UnitKind, people.UNIT_KIND_NAMES),
    ("place", "kind", people.PlaceKind, tree_rules.PLACE_KIND_NAMES),
    ("person.profile", "changes", people.Gender, None),
    ("setting", "before", pledges.OfferKind, pledges.OFFER_NAMES),
    ("setting", "after", pledges.OfferKind, pledges.OFFER_NAMES),
]


def shown(action: str, detail: Mapping[str, object]) -> str:
    """All that the page writes of a detail."""
    told = telling.tell([EventRow(1, NOON, None, action, "backup", None, dict(detail), "")], lambda _kind, _id: None)[0]
    return " ".join(part for line in [*told.changes, *told.more] for part in line)


def missing(action: str, field: str, values: Iterable[str]) -> list[str]:
    return [value for value in values if value in shown(action, {field: value}).split()]


def test_every_field_that_is_told_has_words(app):
    raw = {field: file for field, file in fields().items() if field not in SHARED and field in shown("none", {field: "甲"}).split()}
    assert not raw, f"give these words in app/audit/details.py: {raw}"


def test_it_is_known_which_enum_stands_behind_every_value_that_is_told():
    unknown = {(file, field): source for file, field, source in coded() if (file, field) not in TOLD}
    assert not unknown, f"say in this test what these are: {unknown}"


@pytest.mark.parametrize(
    ("action", "field", "enum", "names"),
    [(action, field, enum, names) for (_, field), many in TOLD.items() for action, enum, names in many] + ELSEWHERE,
)
def test_every_code_reads_as_the_feature_says_it(app, action, field, enum, names):
    assert not missing(action, field, [one.value for one in enum if field not in SHARED])
    for one in enum:
        said = shown(action, {field: {"gender": [None, one.value]}} if field == "changes" else {field: one.value})
        assert not said.split()[-1].isascii(), (action, field, one)
        assert names is None or names[one] in said, (action, field, one)


def test_what_is_exported_and_which_rules_are_local_has_words(app):
    assert not missing("register.export", "what", exports.EXPORTS)
    assert not missing("pledges.export", "side", ["community", "home"])
    for key, value in (
        ("pledges.kinds", {"kinds": ["post", "wish"]}),
        ("rising", {"days": 5}),
        ("proxies", {"most_persons": 5}),
        ("long_day", {"parent_minutes": 480, "subdistrict_minutes": 720}),
        ("password_again", {"minutes": 15}),
        ("stars", {"honour": True}),
    ):
        said = shown("setting", {"key": key, "before": None, "after": value})
        assert not any(word.isascii() and not word.isdigit() for word in said.split()), said


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        ("feedback", {"half": "2026-H2"}, "半年 2026年下半年"),
        ("shift.extension", {"before": "2026-11-21T04:00:00+00:00", "after": "2026-11-21T05:30:00+00:00"}, "2026年11月21日 13:30"),
        ("fund.approved", {"seq": 2}, "步骤 第 2 步（审批通过）"),
        ("import.answer", {"rows": {"12": "same"}}, "怎么答的 第 12 行 同一个人，换了号码"),
        ("person.membership", {"kind": "team"}, "类别 志愿队员"),
        ("unit", {"kind": "team", "name": "post"}, "类别 志愿服务队 名称 post"),
    ],
)
def test_the_same_code_means_what_it_means_there_and_names_stay_as_they_are(app, action, detail, said):
    assert said in shown(action, detail)


def test_codes_are_words_of_chinese():
    for (action, field), words in codes.CODES.items():
        assert not any(said.isascii() for said in words.values()), (action, field)
    assert not any(said.isascii() for said in [*DETAILS.values(), *SUBJECTS.values(), *codes.OWN_FIELDS.values()])
