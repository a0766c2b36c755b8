"""What a merge does with every row that names a person, by column; a test fails for a column without a policy. Pure.

MOVES: it names who stays from now on. COMBINED: it does, unless that one has a row alike; then the row stays, and ends where it was open.
STAYS: it was written about or by the record that went, which leads to the other. REFUSED: while such a row is open, nothing is merged.
FOLLOWS: ledgers and totals, by reversal and credit (crediting.moving). OWN: a step of its own (merges.service.own_rows).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]
Open = Callable[[Row], bool]


class Way(StrEnum):
    MOVES = "moves"
    COMBINED = "combined"
    STAYS = "stays"
    REFUSED = "refused"
    FOLLOWS = "follows"
    OWN = "own"


@dataclass(frozen=True)
class Policy:
    """`called` is what such rows are on screen, "" for what nobody needs to read.

    `open`: which rows the likeness, the refusal in `words`, or the moving is about. Alike are rows that are the same in all of `same`, or
    in one of `any_same`. `unlike`: columns in which who stays must not stand already, else the row stays behind. `ends`: the column that
    ends a row which stays behind. `of_both`: one of who stays is in the way as well.
    """

    way: Way
    called: str = ""
    open: Open = lambda _row: True
    same: tuple[str, ...] = ()
    any_same: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    ends: str = ""
    words: str = ""
    of_both: bool = False


def moves(called: str, *unlike: str) -> Policy:
    return Policy(Way.MOVES, called, unlike=unlike)


def refused(words: str, open_: Open, *, of_both: bool = False) -> Policy:
    return Policy(Way.REFUSED, open=open_, words=words, of_both=of_both)


def _null(*columns: str) -> Open:
    return lambda row: all(row[column] is None for column in columns)


STAYS, FOLLOWS, OWN = Policy(Way.STAYS), Policy(Way.FOLLOWS), Policy(Way.OWN)
UNDECIDED, VALID = _null("decided_at"), _null("valid_to")

# About whom a row is: what matters of a merge.
ABOUT: dict[str, Policy] = {
    "account.person_id": OWN,
    "activation_code.person_id": OWN,
    "assessment_line.person_id": STAYS,
    "assessment_remark.person_id": STAYS,
    "attendance.person_id": OWN,
    "board_line.person_id": STAYS,
    "calendar_feed.person_id": STAYS,
    "certificate.person_id": STAYS,
    "certificate_request.person_id": refused("有没办完的证明申请，请先出具或退回", _null("issued_at", "ended_at")),
    "claim.person_id": Policy(Way.COMBINED, "补录", any_same=("batch_id", "open_shift_id")),
    "claim_witness.person_id": STAYS,
    "confirmed_pack.person_id": STAYS,
    "consent.person_id": OWN,
    "departure.person_id": STAYS,
    "dispute.person_id": moves("“这条记录不对”", "answered_by_id", "acknowledged_by_id"),
    "dispute_aside.person_id": STAYS,
    "erasure_entry.person_id": STAYS,
    "feedback_entry.person_id": STAYS,
    "guardian_consent.person_id": Policy(Way.COMBINED, "监护人同意", open=_null("withdrawn_at"), unlike=("recorded_by_id",)),
    "helper.person_id": Policy(Way.COMBINED, "帮手", same=("shift_id",)),
    "honour.person_id": refused("有没结束的荣誉推荐，请先办完", lambda row: row["ended_at"] is None),
    "honour_revocation.person_id": refused("有待确认的荣誉撤回，请先办完", UNDECIDED),
    "hour_correction.person_id": refused("有待确认的更正，请先确认或退回", UNDECIDED),
    "hour_correction_aside.person_id": STAYS,
    "hour_entry.person_id": FOLLOWS,
    "hour_person_total.person_id": FOLLOWS,
    "household_contact.person_id": Policy(Way.COMBINED, "户联系", open=VALID, same=("place_id", "household"), ends="valid_to"),
    "member_card.person_id": STAYS,
    "membership.person_id": OWN,
    "merge.goes_id": STAYS,
    "merge.stays_id": STAYS,
    "notice.about_id": moves(""),
    "notice.person_id": moves("消息"),
    "objection.about_id": STAYS,
    "panel_seat.person_id": STAYS,
    "past_hour.person_id": Policy(Way.OWN, "以前的时长"),
    "person.became_id": OWN,
    "person_difference.high_id": STAYS,
    "person_difference.low_id": STAYS,
    "phone.person_id": Policy(Way.COMBINED, "手机号码", open=VALID, same=("number",)),
    "pledge.person_id": Policy(
        Way.COMBINED, "认领", open=_null("withdrawn_at"), same=("offer_id",), unlike=("confirmed_by_id",), ends="withdrawn_at"
    ),
    "point_entry.person_id": FOLLOWS,
    "point_person_total.person_id": FOLLOWS,
    "point_proposal.person_id": refused("有待确认的加分、扣分，请先确认或退回", UNDECIDED),
    "post_term.person_id": Policy(Way.COMBINED, "岗位", open=VALID, same=("post_id",), ends="valid_to"),
    "proxy.person_id": OWN,
    "proxy.proxy_id": OWN,
    "proxy_request.person_id": STAYS,
    "proxy_request.proxy_id": STAYS,
    "publicity_line.person_id": STAYS,
    "publicity_maker.person_id": STAYS,
    "person_key.person_id": STAYS,
    "recovery_code.person_id": STAYS,
    "rights_request.person_id": refused("有没答复的个人信息请求，请先答复", _null("verdict"), of_both=True),
    "role_grant.person_id": refused("还有没收回的职责，请先收回，再给留下的那份", lambda row: still_holds(row)),
    "scan.person_id": STAYS,
    "second_factor.person_id": STAYS,
    "signup.person_id": OWN,
    "stage.person_id": OWN,
    "wish.own_id": STAYS,
}

# Who is named as the one to reach, or whose work something is until it is decided.
REACHED: dict[str, Policy] = {
    "activity.contact_id": Policy(Way.MOVES, "活动联系人", open=_null("closed_at", "cancelled_at")),
    "claim_batch.made_by_id": refused(
        "提出的补录名单还在等确认，请先确认或退回",
        lambda row: row["kind"] != "own" and row["decided_at"] is None and row["withdrawn_at"] is None,
    ),
    "hour_correction.made_by_id": refused("提出的更正还在等确认，请先确认或退回", UNDECIDED),
    "honour.made_by_id": refused("提出的荣誉推荐还没办完，请先办完", lambda row: row["ended_at"] is None),
    "point_proposal.made_by_id": refused("提出的加分、扣分还在等确认，请先确认或退回", UNDECIDED),
    "merge.proposed_by_id": refused("提出的合并还在等确认，请先确认或撤回", lambda row: row["verdict"] is None),
    # Nobody is the second of two people for what their former record began.
    "activity.publication_asked_by_id": refused("请人发布的活动还没发布，请先发布、退回或撤下", _null("published_at", "cancelled_at")),
    "bank_aside.asked_by_id": refused("提出的“不是基金的流水”还在等确认，请先确认或撤回", UNDECIDED),
    "certificate_request.accepted_by_id": refused("受理的证明申请还没出具，请先由另一位出具，或退回", _null("issued_at", "ended_at")),
    "certificate_revocation.asked_by_id": refused("提出的证明撤销还在等确认，请先办完", UNDECIDED),
    "fund_amendment.made_by_id": refused("提出的补充协议还在等确认，请先确认或撤回", UNDECIDED),
    "fund_call.made_by_id": refused("写好的征集还没公布，请先公布或撤回", _null("published_at", "withdrawn_at")),
    "fund_call_change.made_by_id": refused("提出的征集变更还在等确认，请先确认或撤回", UNDECIDED),
    "fund_policy_proposal.made_by_id": refused("提出的基金规定还在等确认，请先确认或撤回", UNDECIDED),
    "fund_purpose.asked_by_id": refused("提出的专款用途还在等确认，请先确认或撤回", UNDECIDED),
    "fund_purpose_turn.asked_by_id": refused("提出的专款结清或重开还在等确认，请先确认或撤回", UNDECIDED),
    "fund_report.made_by_id": refused("写好的结项报告还在等公开，请先公开或退回", _null("published_at", "returned_at")),
    "honour_revocation.made_by_id": refused("提出的荣誉撤回还在等确认，请先确认或撤回", UNDECIDED),
    "register_batch.made_by_id": refused(
        "上传的表还在等另一位核准，请先核准或清掉",
        lambda row: (
            row["kind"] in ("hours", "projects")
            and row["staged_at"] is not None
            and row["applied_at"] is None
            and row["cleared_at"] is None
        ),
    ),
    "requirement_choice.asked_by_id": refused("提出的双50口径还在等确认，请先确认或撤回", UNDECIDED),
    "scheme_draft.made_by_id": refused(
        "送出的积分方案还在等另一位发布，请先发布或退回",
        lambda row: row["sent_at"] is not None and row["ended_at"] is None and row["scheme_id"] is None,
    ),
}

# Who did something, when they did it: written down with it and never rewritten. A new column of these names is covered; others need a line.
_DID = (
    "accepted_by_id acknowledged_by_id added_by_id actor_id announced_by_id answered_by_id approved_by_id asked_by_id by_id changed_by_id "
    "closed_by_id confirmed_by_id created_by_id decided_by_id drawn_by_id ended_by_id excluded_by_id for_id from_id frozen_by_id "
    "granted_by_id issued_by_id keyed_by_id last_by_id linked_by_id made_by_id named_by_id proposed_by_id publication_asked_by_id "
    "published_by_id recorded_by_id removed_by_id requested_by_id returned_by_id revoked_by_id said_by_id sent_by_id step_by_id "
    "taken_back_by_id taken_by_id told_by_id to_id undo_asked_by_id undo_by_id undone_by_id veiled_by_id voided_by_id withdrawn_by_id "
    "applicant_id"
)
DID = frozenset(_DID.split())


def policy_of(table: str, column: str) -> Policy | None:
    """None: nobody has said what a merge does with it."""
    name = f"{table}.{column}"
    return ABOUT.get(name) or REACHED.get(name) or (STAYS if column in DID else None)


def still_holds(row: Row) -> bool:
    """A role that has not ended. Whoever reads rows adds `today` to them."""
    return bool(row["valid_to"] is None or row["valid_to"] > row["today"])


@dataclass(frozen=True)
class Fate:
    """What becomes of one row. `after`: the columns that change, `before` what they were; nothing where it stays as it is."""

    table: str
    key: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def goes(self) -> bool:
        return bool(self.after)


def fates(name: str, policy: Policy, going: list[Row], staying: list[Row], stays_id: int, end: Mapping[str, Any]) -> list[Fate]:
    """Of the rows of who goes, beside those of who stays; `end`: what a column that ends a row is set to."""
    table, column = name.split(".")
    found = []
    for row in going:
        combined = policy.way is Way.COMBINED and policy.open(row)
        alike = combined and any(policy.open(other) and _alike(policy, row, other) for other in staying)
        after: dict[str, Any] = {}
        if alike and policy.ends and row[policy.ends] is None and row.get("done_at") is None:
            after = {policy.ends: max(end[policy.ends], row.get("valid_from") or end[policy.ends])}
        elif not alike and not any(row[key] == stays_id for key in policy.unlike) and (policy.way is not Way.MOVES or policy.open(row)):
            after = {column: stays_id}
        found.append(Fate(table, row["id"], {key: row[key] for key in after}, after))
    return found


def _alike(policy: Policy, row: Row, other: Row) -> bool:
    if policy.any_same:
        return any(row[key] is not None and row[key] == other[key] for key in policy.any_same)
    return all(row[key] == other[key] for key in policy.same)
