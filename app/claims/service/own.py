"""补录申请: somebody says where they were, with a photo or a witness; confirmed by those who decide for the organising unit."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from app.activities.photo_files import Picture
from app.activities.queries import ActivityRow
from app.audit import service as audit
from app.checkin.queries import records
from app.checkin.rules import ShiftTimes
from app.claims import queries
from app.claims.models import Claim, ClaimBatch, ClaimPhoto, ClaimWitness
from app.claims.queries.deciders import nearest
from app.claims.rules import MOST_PHOTOS, BatchKind, OwnClaim, Says, claimable, naming_fault, own_fault
from app.claims.service.batches import NOBODY, held
from app.claims.service.deciding import locked
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.people.service import lock_persons
from app.worklist.service import notify

Sent = Sequence[tuple[str, Picture]]  # file name, picture
Urls = Callable[[int], str]  # of a batch

UNKNOWN = "还没有人核实您是谁。请现场组织者或支部书记核实一下，再来补录"
NEEDED = "请传一张现场照片，或者请一位当时在场的人证明"


def claim(said: OwnClaim, person_id: int, pictures: Sent, work_url: str, testimony_url: Urls, now: datetime) -> int:
    """Send one's own claim; returns its id. With a photo those who decide are told at once, else the witness is asked first.

    The files are the caller's. Raises NotFound for a shift out of reach, Invalid with words for the person beside the fields.
    """
    writing()
    lock_persons([person_id])
    activity, shift = held(said.activity_id, said.shift_id)
    found = queries.choice(person_id, shift.id, now)
    if found is None:
        raise NotFound
    _check(said, found, person_id, now)
    if not pictures and said.witness_id is None:
        raise Invalid({"witness": NEEDED})
    concerned = {person_id} | ({said.witness_id} if said.witness_id else set())
    if not queries.deciders(activity.unit_id, Action.CLAIM_APPROVE, local_date(now), concerned, {person_id}):
        raise Invalid({"shift": NOBODY.replace("这份名单", "您的补录")})
    batch_id = _write(said, activity.unit_id, person_id, bool(pictures), now)
    _keep(batch_id, pictures, now)
    audit.record(person_id, "own_claim", "claim_batch", batch_id, shift=shift.id)
    if said.witness_id is not None:
        db.session.execute(insert(ClaimWitness).values(batch_id=batch_id, person_id=said.witness_id, asked_at=now))
        notify(said.witness_id, f"有人请您证明：“{activity.title}”那天在场，请回一句", testimony_url(batch_id))
    if pictures:
        _tell(activity, person_id, concerned, work_url, now)
    return batch_id


def _check(said: OwnClaim, found: queries.Choice, person_id: int, now: datetime) -> None:
    shift = found.shift
    if fault := naming_fault(shift.starts_at, shift.last_end, now, queries.local_rules().within):
        raise Invalid({"shift": fault})
    if found.state == "recorded":
        raise Invalid({"shift": "这一班已经有您的记录。记得不对的，请在记录里点“这条不对？”"})
    if found.state == "waiting":
        raise Invalid({"shift": "这一班已经报上去了，等确认就行，不用再报"})
    if not people.is_confirmed(person_id):
        raise Invalid({"shift": UNKNOWN})
    if fault := own_fault(shift, said.in_at, said.out_at, now):
        raise Invalid({"out": fault})
    if overlaps(person_id, shift, said.in_at, said.out_at):
        raise Invalid({"out": "这段时间您已经记了另一场，不能重复记。请改成没有记的那一段"})
    if said.witness_id == person_id:
        raise Invalid({"witness": "不能请自己作证，换一位在场的街坊"})
    if said.witness_id is not None and not queries.is_there(said.activity_id, said.witness_id):
        raise Invalid({"witness": "这一场没有这位，请换一位报了名或到过场的人"})


def overlaps(person_id: int, shift: ShiftTimes, in_at: datetime, out_at: datetime) -> bool:
    """Whether what would be credited touches what is credited already; the database refuses it in any case."""
    part = claimable(shift, in_at, out_at)
    spans = records.credited_spans([person_id], part.credited_from, part.credited_to)
    return any(begin < part.credited_to and end > part.credited_from for begin, end in spans.get(person_id, []))


def _write(said: OwnClaim, unit_id: int, person_id: int, ready: bool, now: datetime) -> int:
    values = {"kind": BatchKind.OWN, "shift_id": said.shift_id, "unit_id": unit_id, "made_by_id": person_id, "made_at": now}
    adding = insert(ClaimBatch).values(**values, note=said.did, waits_since=now if ready else None, answer="")
    batch_id: int = db.session.execute(adding.returning(ClaimBatch.id)).scalar_one()
    one = {"batch_id": batch_id, "person_id": person_id, "in_at": said.in_at, "out_at": said.out_at, "open_shift_id": said.shift_id}
    db.session.execute(insert(Claim).values(**one))
    return batch_id


def _keep(batch_id: int, pictures: Sent, now: datetime) -> int:
    """Rows of the pictures, each once; returns how many. Raises Invalid (`file`) where there are three already."""
    known = dict(db.session.execute(select(ClaimPhoto.digest, ClaimPhoto.slot).where(ClaimPhoto.batch_id == batch_id)).all())
    fresh = {picture.digest: (name, picture) for name, picture in pictures if picture.digest not in known}
    free = [slot for slot in range(1, MOST_PHOTOS + 1) if slot not in known.values()]
    if len(fresh) > len(free):
        raise Invalid({"file": f"最多 {MOST_PHOTOS} 张照片"})
    facts = [
        {"batch_id": batch_id, "slot": slot, "name": name, "digest": digest, "width": picture.width, "height": picture.height}
        for slot, (digest, (name, picture)) in zip(free, fresh.items(), strict=False)
    ]
    if facts:
        db.session.execute(insert(ClaimPhoto), [{**one, "added_at": now} for one in facts])
    return len(facts)


def _tell(activity: "ActivityRow | queries.BatchRow", claimant_id: int, concerned: set[int], work_url: str, now: datetime) -> None:
    for one in nearest(queries.deciders(activity.unit_id, Action.CLAIM_APPROVE, local_date(now), concerned, {claimant_id})):
        notify(one.person_id, f"“{activity.title}”有 1 位补录，等您确认", work_url)


def add_photos(batch_id: int, person_id: int, pictures: Sent, work_url: str, now: datetime) -> set[str]:
    """Photos put in later, while nobody has decided; returns the names that were kept (the same picture is kept once).

    With the first one the claim comes before those who decide. Raises NotFound for others' claims, Conflict when it is over.
    """
    row = locked(batch_id)
    if row.maker_id != person_id or not row.own:
        raise NotFound
    if not row.open:
        raise Conflict("这条已经办完了，不用再加照片。")
    _keep(batch_id, pictures, now)
    audit.record(person_id, "own_claim.photo", "claim_batch", batch_id)
    if row.waits_since is None:
        _come_forward(row, work_url, now)
    return {photo.name for photo in queries.photos([batch_id]).get(batch_id, ())}


def _come_forward(row: queries.BatchRow, work_url: str, now: datetime) -> None:
    db.session.execute(update(ClaimBatch).where(ClaimBatch.id == row.id).values(waits_since=now))
    _tell(row, row.maker_id, set(row.concerned), work_url, now)


def testify(batch_id: int, witness_id: int, says: Says, work_url: str, claim_url: str, now: datetime) -> None:
    """The witness says yes or no, once; with a yes the claim comes before those who decide.

    Raises NotFound for anybody else, Conflict when the claim is over. Saying the same again changes nothing.
    """
    row = locked(batch_id)
    if row.witness is None or row.witness.person_id != witness_id:
        raise NotFound
    if row.witness.person_id == row.maker_id:
        raise Refused("这是您自己的补录，要由别人来证明。加一张照片也行。")
    if row.witness.says is says:
        return
    if row.witness.says is not None:
        raise Refused("您已经回过了，不能再改。")
    if not row.open:
        raise Conflict("这条已经办完了，不用再回。")
    saying = update(ClaimWitness).where(ClaimWitness.batch_id == batch_id, ClaimWitness.says.is_(None))
    db.session.execute(saying.values(says=says, answered_at=now))
    audit.record(witness_id, "own_claim.testimony", "claim_batch", batch_id, says=says.value)
    if says is Says.YES and row.waits_since is None:
        _come_forward(row, work_url, now)
    words = "替您证明了" if says is Says.YES else "说不能证明"
    notify(
        row.maker_id,
        f"{row.witness.name}{words}，“{row.title}”的补录{'' if says is Says.YES or row.photos else '，请补一张照片'}",
        claim_url,
    )
