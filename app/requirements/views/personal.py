"""The progress of one person: for themselves, and for those who know all about them. Each entry says whether it counts, and why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.hours.rules import KIND_NAMES
from app.people import queries as people
from app.people.queries import PersonRow
from app.requirements import queries
from app.requirements.queries import PackRow, Receipt
from app.requirements.queries.sets import Ruling
from app.requirements.rules import PAGE, STATE_ICONS, STATE_NAMES, STATE_TONES, WHY_WORDS, Fact, Period, Progress, State, Why, state_of
from app.requirements.views import bp
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render


@dataclass(frozen=True)
class Row:
    """One entry under a requirement."""

    receipt: Receipt
    minutes: int
    why: Why


@dataclass(frozen=True)
class Listed:
    """A requirement with its entries, the newest first: `rows` of `total`, further ones behind `?service=40`."""

    progress: Progress
    rows: list[Row]
    total: int
    more: str

    @property
    def kind(self) -> str:
        return self.progress.need.kind.value

    @property
    def name(self) -> str:
        return KIND_NAMES[self.progress.need.kind]


@dataclass(frozen=True)
class Past:
    """A stage that is over and was never confirmed."""

    period: Period
    needs: list[Progress]

    @property
    def full(self) -> bool:
        return all(one.complete for one in self.needs)


@dataclass(frozen=True)
class Dossier:
    """Everything about the 双50 of one person. `pack` is the standing confirmation of the present stage."""

    period: Period | None
    listed: list[Listed]
    ruling: Ruling | None
    pack: PackRow | None
    packs: list[PackRow]
    past: list[Past]
    former: list[PackRow]

    @property
    def progress(self) -> list[Progress]:
        return [one.progress for one in self.listed]

    @property
    def state(self) -> State:
        return state_of(self.progress, confirmed=self.pack is not None)


def dossier(person_id: int, today: date) -> Dossier:
    """Eight queries, however long the record."""
    receipts, rules, packs = queries.evidence(person_id), queries.rulebook(), queries.packs_of(person_id)
    former = queries.former_packs(person_id)
    facts = [Fact(one.id, one.served_on, one.kind, one.hour_class, one.minutes) for one in receipts if not one.reversal_id]
    stages = queries.stages_with_progress(person_id, facts, rules, today)
    standing = {(one.stage, one.began_on): one for one in packs if one.stands}
    present = next(((period, needs) for period, needs in stages if period.ended_on is None), None)
    past = [Past(period, needs) for period, needs in stages if period.ended_on and (period.kind, period.began_on) not in standing]
    if present is None:
        return Dossier(None, [], None, None, packs, past, former)
    period, needs = present
    listed = [_listed(one, receipts) for one in needs]
    return Dossier(period, listed, rules.on(today), standing.get((period.kind, period.began_on)), packs, past, former)


def _listed(one: Progress, receipts: list[Receipt]) -> Listed:
    kind, by_id = one.need.kind, {receipt.id: receipt for receipt in receipts}
    rows = [Row(by_id[line.fact.id], line.minutes, line.why) for line in one.counted if line.why is not Why.OTHER_KIND]
    rows += [Row(each, 0, Why.TAKEN_BACK) for each in receipts if each.kind is kind and each.reversal_id and each.served_on >= one.began_on]
    rows.sort(key=lambda row: (row.receipt.served_on, row.receipt.id), reverse=True)
    shown = max(PAGE, request.args.get(kind.value, PAGE, type=int))
    return Listed(one, rows[:shown], len(rows), f"?{kind.value}={shown + PAGE}#{kind.value}")


WORDS: dict[str, Any] = {
    "why_words": WHY_WORDS,
    "state_names": STATE_NAMES,
    "state_tones": STATE_TONES,
    "state_icons": STATE_ICONS,
    "page_size": PAGE,
}


@bp.get("/me/double50")
@signed_in
def mine() -> Response:
    """One's own progress, and for each entry whether it counts and why; what was confirmed stays here as sealed cards."""
    actor, today = current_actor(), clock.today()
    stage = people.stage_on(actor.person_id, today)
    return render("requirements/mine.html", dossier=dossier(actor.person_id, today), stage=stage, own=True, **WORDS)


def known(person_id: int, action: Action) -> PersonRow:
    """Somebody of whom the actor may know everything; anybody else is not found."""
    today = clock.today()
    person = people.person(person_id, today)
    if person is None or people.sight(person_id, current_actor().roots(action), today) is not people.Sight.HOME:
        raise NotFound
    return person


@bp.get("/people/<int:person_id>/double50")
@requires(Action.PERSON_READ)
def of_person(person_id: int) -> Response:
    """The same for the branch, with the button to confirm. Who looked is logged."""
    person, actor = known(person_id, Action.PERSON_READ), current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    return show_person(person)


def show_person(person: PersonRow, faults: dict[str, str] | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    deciding = people.sight(person.id, actor.roots(Action.DOUBLE50_CONFIRM), today) is people.Sight.HOME
    return render(
        "requirements/person.html",
        status=422 if faults else 200,
        person=person,
        dossier=dossier(person.id, today),
        stage=people.stage_on(person.id, today),
        own=False,
        deciding=deciding and person.id != actor.person_id,
        oneself=deciding and person.id == actor.person_id,
        kept=request.form,
        faults=faults or {},
        **WORDS,
    )
