"""Random walks of a project by several people, lawful or not: the database lets a change through exactly when the rule does."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.fund import queries
from app.fund.models import FundProject, FundStageEntry
from app.fund.queries import stages
from app.fund.rules import ProjectKind, Stage, Step
from app.fund.service import contracts, projects, showing
from app.fund.stage_rules import After, ContractDraft, Criterion, Instalment, lawful_stages, reason_needed, stage_fault
from app.panels import service as panels
from app.panels.rules import Sheet
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Said, SubjectKind, Verdict, Way
from tests.factories import Factory
from tests.fund.houses import build as build_house
from tests.fund.ways import Ways
from tests.panels.houses import Panel, build

PEOPLE = ("proposer", "officer", "approver", "second")
RUN = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
AWAY = (("second", "officer"), ("approver", "second"), ("officer", "second"))  # who is away, who stands in
DEEDS = ("name", "score", "aside", "show", "conclude", "take_down", "object", "sign", "ask", "give", "spend")
TURNS = st.one_of(
    st.tuples(st.just("go"), st.sampled_from(PEOPLE), st.integers(0, 5), st.booleans()),  # one of the lawful stages
    st.tuples(st.just("go"), st.sampled_from(PEOPLE), st.integers(0, 5), st.just(True)),
    st.tuples(st.just("jump"), st.sampled_from(PEOPLE), st.integers(0, len(Stage) - 1), st.just(True)),  # any stage
    st.tuples(st.just("for"), st.sampled_from(PEOPLE), st.integers(0, 17), st.just(True)),  # one of them, for one of three others
    st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE), st.integers(0, 2), st.just(True)),
)

LONG_WAY = [
    ("go", "proposer", 0, True),  # applied
    ("go", "officer", 0, True),  # checked
    ("name", "officer", 0, True),
    ("score", "officer", 0, True),
    ("go", "officer", 2, True),  # scored
    ("show", "officer", 0, True),
    ("go", "officer", 1, True),  # publicised
    ("conclude", "officer", 0, True),
    ("go", "approver", 0, True),  # approved
    ("sign", "officer", 0, True),
    ("go", "approver", 1, True),  # running
    ("go", "approver", 0, True),  # midterm
    ("give", "officer", 0, True),
    ("go", "officer", 1, True),  # paused
    ("go", "officer", 0, True),  # back
    ("go", "officer", 0, True),  # final
    ("go", "approver", 0, True),  # closed: not yet, ten yuan are left
    ("spend", "officer", 0, True),
    ("go", "approver", 0, True),  # closed
    ("go", "approver", 0, True),  # archived
]


class Walk:
    """One project, and what may happen to it."""

    def __init__(self, panel: Panel, kind: ProjectKind) -> None:
        self.panel, self.house = panel, panel.house
        wanted = self.house.wanted("工具角", (("用具", 3_000),), kind)
        self.id = in_transaction(lambda: projects.draft(wanted, panel.proposer, clock.now()))
        self.people = {name: getattr(self.house, name, 0) for name in PEOPLE} | {"proposer": panel.proposer}
        for away, deputy in AWAY:
            Ways(self.house).stand_in(self.people[away], self.people[deputy])
        self.pairs = {(self.people[deputy], self.people[away]) for away, deputy in AWAY}

    def go(self, person: int, stage: Stage, note: str, for_id: int | None = None) -> None:
        """Past every service: what the database says is what the rule says."""
        road = stages.road(self.id)
        lawful = stage_fault(road, stage, person, False, for_id) is None and bool(note or not reason_needed(road, stage, person))
        lawful = lawful and (for_id is None or (person, for_id) in self.pairs)
        row = {"project_id": self.id, "seq": len(road.changes) + 1, "stage": stage, "at": clock.now(), "by_id": person, "note": note}
        row["for_id"] = for_id
        accepted, said = True, ""
        try:
            in_transaction(lambda: db.session.execute(insert(FundStageEntry).values(**row)))
        except DBAPIError as refused:
            db.session.rollback()
            accepted, said = False, str(refused.orig)
        assert accepted == lawful, (road.stage, stage, person, said or stage_fault(road, stage, person))
        if accepted:
            assert db.session.scalar(select(FundProject.stage).where(FundProject.id == self.id)) is stage

    def deed(self, what: str, person: int, which: int) -> None:
        work: dict[str, Callable[[], object]] = {
            "name": lambda: panels.name(self.id, self.panel.reviewers, person, clock.now()),
            "score": lambda: self._score(),
            "aside": lambda: panels.step_aside(self.id, self.panel.reviewers[which], "亲属", clock.now()),
            "show": lambda: self._show(person),
            "conclude": lambda: showing.conclude(self.id, clock.now(), person),
            "take_down": lambda: showing.take_down(self.id, person, "写错了", clock.now()),
            "sign": lambda: self._sign(person),
        }
        if what in work:
            in_transaction(work[what])
        elif what == "object":
            self._object()
        else:
            self._money(what)

    def _score(self) -> None:
        """Everybody who has not yet."""
        for person in self.panel.reviewers:
            with suppress(DomainError):
                panels.score(self.id, person, _sheet(), clock.now())

    def _show(self, person: int) -> None:
        project = db.session.get_one(FundProject, self.id)
        showing.put_up(project, stages.road(self.id), person, clock.now() - timedelta(days=9), "", "")

    def _sign(self, person: int) -> None:
        part = Instalment(300_000, clock.today(), After.START)
        contracts.sign(self.id, ContractDraft(f"协议-{self.id}", clock.today(), "居委会", 300_000, (part,)), person, clock.now())

    def _object(self) -> None:
        """An objection that is upheld, or that nobody answers."""
        shown = publicity.standing(SubjectKind.PROJECT, [self.id]).get(self.id)
        if shown is None or shown.concluded_on is not None:
            return
        said = Said(None, "场地有纠纷", Way.PHONE, None, "街坊", "", shown.ends_on)
        objected = in_transaction(lambda: publicities.object_to(shown.id, said, self.house.auditor, "/work", clock.now()))
        in_transaction(lambda: publicities.answer(objected, self.house.administrator, Verdict.UPHELD, "确有纠纷", "/work", clock.now()))

    def _money(self, what: str) -> None:
        if what == "ask":
            self.house.ask(self.id, 1)
        elif what == "give":
            self.house.donate(10, self.id)
        elif queries.figures_of(self.id).balance >= 1_000:
            request = self.house.pay(self.id, 10)
            self.house.step(request, Step.RECONCILED, self.house.approver)


def _sheet() -> Sheet:
    return Sheet(dict.fromkeys(Criterion, 80), "好")


def walk(site, kind, turns):
    site.fresh()
    with site.app.app_context():
        along = Walk(build(build_house(Factory())), kind)
        for what, who, which, reason in turns:
            person, note = along.people[who], "原因" if reason else ""
            road = stages.road(along.id)
            if what == "go":
                possible = sorted(lawful_stages(road.kind, road.past, road.stage, road.before))
                if possible:
                    along.go(person, possible[which % len(possible)], note)
            elif what == "for":
                possible = sorted(lawful_stages(road.kind, road.past, road.stage, road.before))
                others = [one for name, one in along.people.items() if name != "proposer"]
                if possible:
                    along.go(person, possible[which % len(possible)], note, others[which // 6])
            elif what == "jump":
                along.go(person, list(Stage)[which], note)
            else:
                with suppress(DomainError):
                    along.deed(what, person, which)
        reached = db.session.scalar(select(FundProject.stage).where(FundProject.id == along.id))
        assert queries.disagreements() == []
        db.session.remove()
        db.engine.dispose()
        return reached


@given(kind=st.sampled_from(ProjectKind), turns=st.lists(TURNS, min_size=10, max_size=60))
@example(kind=ProjectKind.MICRO, turns=LONG_WAY)
@RUN
def test_the_database_and_the_rule_say_the_same(site, kind, turns):
    walk(site, kind, turns)


def test_the_long_way_is_open_from_the_draft_to_the_archive(site):
    assert walk(site, ProjectKind.MICRO, LONG_WAY) is Stage.ARCHIVED
