"""A wish that the fund pays: its project, its payments, and nothing counted as money that is not."""

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Role
from app.fund.rules import ProjectKind
from app.wishes.models import Wish, WishPayment
from app.wishes.queries import public
from app.wishes.service import money
from tests.fund.houses import House


@pytest.fixture
def fund(place, make) -> House:
    """The fund's own people, at home elsewhere, so that nobody steps aside."""
    officer, approver, second = (make.person(name, home=place.elsewhere) for name in ("邓小芬", "罗小栋", "关小华"))
    for person, role in ((officer, Role.FUND_OFFICER), (approver, Role.FUND_APPROVER), (second, Role.FUND_APPROVER)):
        make.grant(person, role, place.root)
    return House(make, place.root, place.community, officer, approver, second, place.administrator, place.auditor)


def paid(fund, project):
    fund.donate(2_000, project)
    return fund.pay(project, 320)


def test_a_payment_of_its_project_is_shown_with_its_voucher(place, fund, client):
    wish, project = place.publish(), fund.project("新学期书包")
    request = paid(fund, project)
    in_transaction(lambda: money.set_project(wish, project, place.officer))
    for _ in range(2):
        in_transaction(lambda: money.link_payment(wish, request, place.officer, clock.now()))
    (shown,) = public.payments(wish)
    assert (shown.fen, shown.voucher) == (32_000, 2)
    page = client.get(f"/fund/wishes/{wish}").get_data(as_text=True)
    assert "新学期书包" in page
    assert "凭证 2 号" in page
    assert "320.00" in page
    assert "南庄顺达五金店" not in page, "who was paid is not public"
    assert "厨房的灯亮起来" in client.get(f"/fund/projects/{project}").get_data(as_text=True)
    with pytest.raises(Conflict):
        in_transaction(lambda: money.set_project(wish, None, place.officer))
    with pytest.raises(Invalid):
        in_transaction(lambda: money.unlink_payment(wish, shown.id, "", place.officer, clock.now()))
    in_transaction(lambda: money.unlink_payment(wish, shown.id, "关联错了", place.officer, clock.now()))
    assert public.payments(wish) == []
    in_transaction(lambda: money.set_project(wish, None, place.officer))


def test_what_is_not_yet_paid_and_what_another_project_paid_is_not_linked(place, fund):
    wish, project, other = place.publish(), fund.project("新学期书包"), fund.project("别的")
    in_transaction(lambda: money.set_project(wish, project, place.officer))
    fund.donate(2_000, project)
    for request in (fund.ask(project, 100), paid(fund, other)):
        with pytest.raises(Invalid):
            in_transaction(lambda request=request: money.link_payment(wish, request, place.officer, clock.now()))
    row = {"wish_id": wish, "request_id": paid(fund, other), "made_by_id": place.officer, "made_at": clock.now()}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(WishPayment).values(**row)))


def test_only_a_project_of_wishes_pays_for_a_wish_once_it_is_public(place, fund):
    wish, told, care = place.publish(), place.tell(), fund.draft("关爱", kind=ProjectKind.CARE)
    with pytest.raises(Invalid):
        in_transaction(lambda: money.set_project(wish, care, place.officer))
    by_force = update(Wish).where(Wish.id == wish).values(project_id=care)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(by_force))
    project = fund.project("新学期书包")
    with pytest.raises(Conflict):
        in_transaction(lambda: money.set_project(told, project, place.officer))


def test_what_is_given_in_kind_is_words_and_no_column_of_money():
    from app.core.db import Base

    columns = {column.name for name in ("wish_claim", "wish_step_entry", "wish_photo") for column in Base.metadata.tables[name].columns}
    assert not columns & {"fen", "amount", "cost", "money"}
