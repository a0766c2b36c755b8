"""The demo's rarer money: a restricted purpose with a gift, a refund, limits that wait for a second person, a deputy."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.clock import local_date
from app.core.db import db, in_transaction
from app.demo.fund_road import Hands
from app.fund.models import FundRequest
from app.fund.money_rules import Away, PolicyWanted, RefundNoted, Verdict
from app.fund.queries import policy
from app.fund.rules import DonationNoted, RequestKind, Step
from app.fund.service import deputies, money, purposes, requests, steps


def load(hands: Hands, now: datetime) -> None:
    """After the demo's projects; everything is asked for by the officer and decided by another."""
    purpose_id = _purpose(hands, now)
    _gift(purpose_id, hands, now)
    _refund(hands, now)
    _limits(hands, now)
    _deputy(hands, now)


def _purpose(hands: Hands, now: datetime) -> int:
    began, words = now - timedelta(days=120), "给桂城困境儿童买书、交学费，名单由社区核实。"
    purpose_id = in_transaction(lambda: purposes.ask_purpose("困境儿童助学", words, hands.officer, began))
    in_transaction(lambda: purposes.decide_purpose(purpose_id, Verdict.APPROVED, "", hands.approver, began + timedelta(days=1)))
    in_transaction(lambda: purposes.ask_purpose("长者助浴", "给失能长者上门助浴，街坊会和护理站一起做。", hands.officer, now))
    return purpose_id


def _gift(purpose_id: int, hands: Hands, now: datetime) -> None:
    arrived = now - timedelta(days=100)
    day = local_date(arrived)
    gift = DonationNoted(None, 1_800_000, "桂城书香读书会", "桂城书香读书会", "助学捐赠", "回单 00002207", day, None, purpose_id)
    request_id = in_transaction(lambda: requests.note_donation(gift, hands.officer, arrived))
    in_transaction(lambda: steps.take(request_id, Step.APPROVED, hands.approver, arrived + timedelta(hours=3)))


def _refund(hands: Hands, now: datetime) -> None:
    """Of the newest payment that is done."""
    done = FundRequest.kind == RequestKind.PAYMENT, FundRequest.state == Step.RECONCILED, FundRequest.refunds_id.is_(None)
    payment = db.session.scalar(select(FundRequest.id).where(*done).order_by(FundRequest.id.desc()).limit(1))
    if payment is None:
        return
    noted = RefundNoted(payment, 12_00, "多收的运费退回", "回单 00003561", local_date(now))
    request_id = in_transaction(lambda: money.note_refund(noted, hands.officer, now))
    in_transaction(lambda: steps.take(request_id, Step.APPROVED, hands.administrator, now))


def _limits(hands: Hands, now: datetime) -> None:
    today = local_date(now)
    wanted = PolicyWanted(today + timedelta(days=40), 300_000, 3_000_000, policy(today).how_to_give, "基金会例会决定：小额也多一双眼睛")
    in_transaction(lambda: purposes.propose_limits(wanted, hands.officer, now))


def _deputy(hands: Hands, now: datetime) -> None:
    first = local_date(now) + timedelta(days=7)
    away = Away(hands.approver, hands.administrator, first, first + timedelta(days=4), "外出学习")
    in_transaction(lambda: deputies.appoint(away, hands.approver, now, administrator=False))
