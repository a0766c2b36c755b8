"""One post, term, household contact, offer, pledge and word of feedback, for walks of all routes."""

from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.duties import service as duties
from app.duties.models import HouseholdContact
from app.duties.rules import PostDraft, PostKind
from app.people import service as people
from app.people.rules import PlaceKind, StageKind
from app.pledges import service as pledges
from app.pledges.models import FeedbackEntry, Pledge
from app.pledges.rules import FeedbackLine, Grade, OfferDraft, OfferKind, half_of
from tests.factories import LONG_AGO, Factory


def examples(make: Factory, unit: int, community: int, by: int) -> dict[str, int]:
    """The post and the household in `unit`, the offer in `community`; by the name that addresses give them."""
    now, today = clock.now(), clock.today()
    member = make.person("梁凤珍", home=unit, stage=StageKind.MEMBER)
    post = in_transaction(lambda: duties.create_post(unit, PostDraft(PostKind.DUTY, "政策宣传岗", "", 2, None), by, now))
    term = in_transaction(lambda: duties.appoint(post, member, today, None, by, now))
    place = in_transaction(lambda: people.create_place(PlaceKind.COMMUNITY, "桂雅社区", None, LONG_AGO, None))
    in_transaction(lambda: duties.keep_in_touch(member, place, "3栋502", by, now))
    offer = in_transaction(lambda: pledges.create_offer(OfferDraft(community, OfferKind.POST, "楼道安全员", "", 3, today, None), by, now))
    in_transaction(lambda: pledges.report_in(member, community, member, now))
    in_transaction(lambda: pledges.pledge(offer, member, member, now))
    in_transaction(lambda: pledges.give_feedback(community, half_of(today), [FeedbackLine(member, Grade.GOOD, "常来")], by, now))
    first = {
        "contact_id": db.session.scalars(select(HouseholdContact.id)).one(),
        "pledge_id": db.session.scalars(select(Pledge.id)).one(),
        "feedback_id": db.session.scalars(select(FeedbackEntry.id)).one(),
    }
    return {"post_id": post, "term_id": term, "offer_id": offer, **first}
