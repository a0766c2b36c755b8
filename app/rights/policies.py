"""What becomes of every column of words when somebody is erased; a test fails for a column without a policy. Pure.

BLANKS are emptied and REMOVED rows deleted by service.erasing, which reads nothing but these tables. KEPT says why a column stays; what
stands in it names nobody any more, because names are only in `person` and what a page shows is resolved from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.audit.personal import ERASED
from app.people.naming import ERASED_NAME

NAME = ERASED_NAME
EMPTY = ""


class Fate(StrEnum):
    BLANKED = "blanked"
    REMOVED = "removed"
    ENCRYPTED = "encrypted"  # the key is destroyed
    KEPT = "kept"
    FADES = "fades"  # goes by itself after some days, whoever is erased
    NOBODY = "nobody"  # says nothing of a person


@dataclass(frozen=True)
class Blank:
    """Rows whose `by` names the person; words become `to`. `where`: (column, value) that must hold besides.

    `also`: columns that are no words and are emptied as well. With `to` ERASED what was empty stays so.
    """

    table: str
    words: str
    by: tuple[str, ...] = ("person_id",)
    to: str = ERASED
    also: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.words.split())


BLANKS = (
    Blank("guardian_consent", "guardian_name guardian_phone", to=EMPTY),
    Blank("departure", "note", to=EMPTY),
    Blank("post_term", "handover_note", to=EMPTY),
    Blank("household_contact", "household"),
    Blank("proxy_request", "name tail", ("person_id", "proxy_id"), to=EMPTY),
    Blank("claim", "returned"),
    Blank("claim_batch", "note answer", ("made_by_id",), where=(("kind", "own"),)),
    Blank("dispute", "said answer"),
    Blank("hour_correction", "reason answer"),
    Blank("point_proposal", "reason answer"),
    Blank("honour", "reason answer"),
    Blank("honour_revocation", "reason answer"),
    Blank("objection", "said answer", ("about_id", "by_id")),
    Blank("objection", "by_name by_phone", ("by_id",), to=EMPTY),
    Blank("certificate_request", "purpose notes end_reason"),
    Blank("certificate_request", "document_masked document_hash", to=EMPTY, also=("document_kind",)),
    Blank("merge", "reason answer undo_reason", ("stays_id", "goes_id")),
    Blank("person_difference", "reason", ("low_id", "high_id")),
    Blank("rights_request", "guardian_name words answer"),
    Blank("import_row", "name initials phone note", to=EMPTY, also=("gender", "birth_date", "stage", "stage_on", "person_id")),
)
REMOVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "notice": ("person_id", "about_id"),
        "phone": ("person_id",),
        "stage": ("person_id",),
        "activation_code": ("person_id",),
        "recovery_code": ("person_id",),
        "second_factor": ("person_id",),
        "calendar_feed": ("person_id",),
        "import_change": ("person_id",),
        "import_ending": ("person_id",),
        "import_question": ("person_id",),
    }
)
"""Rows that go, by the columns that name the person; sessions and the account besides, in the service."""
BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "person": "name note initials",  # the name becomes NAME; gender, birth date and minor_until are emptied with it
        "account": "login_phone secret_hash",
        "account_session": "token_hash device",
        "notice": "text url",  # of others: the name is masked in them
        "rights_request": "wanted",
        "wish_private": "words name phone place",
        "wish_claim": "name phone",
        "claim_photo": "name digest",  # taken down, and the files deleted
    }
)
"""Blanked or removed by steps of their own in service.erasing."""
# fmt: off
# of a unit, an activity or a rule; says nothing of who made it
_WORK: dict[str, str] = {
    "activity": "code title place_text description risk_note template insurance_note for_stages asks_training "
    "gives_training form_id cancel_reason",
    "activity_photo": "name digest alt",
    "activity_series": "title form_id",
    "activity_template": "name template shape",
    "claim": "skipped",
    "departure": "ended",
    "gate": "name",
    "honour": "title",
    "honour_kind": "name words rule_code",
    "hour_unit_total": "period",
    "job_run": "name host said",
    "merge": "seen",
    "merge_note_entry": "table_name before after",
    "offer": "title words",
    "opening_figure_entry": "source",
    "place": "name",
    "place_name": "name",
    "point_band": "name",
    "point_proposal": "rule_code",
    "point_rule": "code name note",
    "point_scheme": "version source",
    "post": "title duties",
    "requirement_choice": "answer",
    "requirement_set": "code name note",
    "scheme_draft": "version source answer",
    "scheme_draft_band": "name",
    "scheme_draft_rule": "code name note",
    "seal_entry": "content previous digest",
    "seal_part_entry": "sealed_table columns marks digest",
    "setting": "key value",
    "shift": "name",
    "shift_position": "name",
    "total_mark": "total",
    "total_mark_base": "total",
    "unit": "name",
    "unit_name": "name",
}
# issued, confirmed or reported and frozen under a digest; its pages show no name of who is erased
_ARCHIVE: dict[str, str] = {
    "assessment": "span",
    "assessment_figures": "scheme_version bands digest",
    "assessment_step": "reason",
    "certificate": "number token content digest",
    "certificate_batch": "purpose",
    "certificate_request": "contact",
    "certificate_revocation": "reason answer",
    "confirmed_pack": "content digest",
    "pack_withdrawal": "reason",
    "publicity": "title words phone place reason",
    "report_entry": "period content digest",
    "report_sending_entry": "note",
}
# an append-only ledger or what is frozen from it, sealed day by day; who it was is told by person alone
_LEDGER: dict[str, str] = {
    "assessment_line": "exempt grade by_rule entries late_entries",
    "assessment_remark": "words",
    "attendance_decision": "note",
    "board": "span_key definition digest",
    "feedback_entry": "half words reason",
    "hour_entry": "rule_version reason",
    "hour_person_total": "period",
    "past_hour": "words source",
    "point_entry": "reason",
    "point_person_total": "period",
    "publicity_line": "words",
    "scan": "content device_hash",
}
# what is personal is encrypted under the person's key, which is destroyed
_ENCRYPTED: dict[str, str] = {
    "audit_event": "action subject detail request_id",
    "person_key": "wrapped wrapped_by",
}
# books, vouchers and decisions of the fund: thirty years (会计档案管理办法 Art. 14)
_FUND: dict[str, str] = {
    "bank_account": "name tail",
    "bank_aside": "reason answer end_reason",
    "bank_group": "end_reason",
    "bank_line_entry": "party reference memo",
    "bank_match": "end_reason",
    "bank_preview": "file_name digest titles rows faults notes",
    "bank_statement": "file_name digest void_reason",
    "fund_account": "code name",
    "fund_amendment": "number reason answer replaced",
    "fund_amendment_part": "words",
    "fund_budget_line": "name",
    "fund_call": "title words",
    "fund_call_change": "reason answer",
    "fund_contract": "number party",
    "fund_counter": "series",
    "fund_delegation": "reason",
    "fund_file": "name title digest",
    "fund_file_step_entry": "note",
    "fund_instalment": "words",
    "fund_movement_entry": "memo",
    "fund_photo": "name digest alt",
    "fund_photo_pair": "caption",
    "fund_photo_step_entry": "asked_by note",
    "fund_policy": "how_to_give",
    "fund_policy_proposal": "how_to_give reason answer",
    "fund_progress_entry": "body",
    "fund_project": "number name summary area beneficiaries source_name",
    "fund_project_activity": "end_reason",
    "fund_purpose": "name words answer",
    "fund_purpose_turn": "reason answer",
    "fund_report": "done people leftovers changed frozen digest return_note",
    "fund_request": "number purpose counterparty public_name reference minute_ref explanation form_key",
    "fund_service_entry": "what",
    "fund_stage_entry": "note",
    "fund_step_entry": "reference note",
    "panel_aside_entry": "reason",
    "panel_score_entry": "words",
    "spot_check": "number seed source digest",
    "spot_check_note_entry": "words",
    "spot_check_pick_entry": "fingerprint",
}
# goes by itself within days: staged rows when a batch can no longer be taken back, tries and limits with their window
_FADES: dict[str, str] = {
    "import_batch": "file_name titles notes unknown",
    "import_heading": "word",
    "import_remark": "name column_title value reason raw",
    "import_unit": "name likes",
    "limit_use": "name who",
    "register_batch": "file_name titles",
    "register_row": "subject cells changes reasons raw journal",
    "sign_in_attempt": "phone_hash device_hash",
}
# verified words that name nobody; who told or claimed it stands in wish_private and wish_claim, which are emptied
_WISHES: dict[str, str] = {
    "wish": "number title words form_key device_hash",
    "wish_claim": "donor_digest form_key device_hash",
    "wish_payment": "reason",
    "wish_photo": "name digest alt",
    "wish_round": "name",
    "wish_step_entry": "note reference",
}
# fmt: on
WHY_KEPT = (
    ("流水和由它封存的数：只增不改，逐日封存，是谁只由人员表说", Fate.KEPT, _LEDGER),
    ("出具、确认、上报过的：按摘要封存，页面不再显示注销者的姓名", Fate.KEPT, _ARCHIVE),
    ("关爱基金的账、凭证、决定：会计档案管理办法，保管三十年", Fate.KEPT, _FUND),
    ("核实过、不写姓名的心愿；是谁写在联系人里，那里抹掉", Fate.KEPT, _WISHES),
    ("组织、活动、规则的文字，不说经手人是谁", Fate.NOBODY, _WORK),
    ("过几天自己就删：导入的底稿、登录的尝试", Fate.FADES, _FADES),
    ("个人内容用本人的密钥加密，密钥销毁", Fate.ENCRYPTED, _ENCRYPTED),
)


def policies() -> dict[str, Fate]:
    """table.column → what becomes of it."""
    found = {f"{one.table}.{column}": Fate.BLANKED for one in BLANKS for column in one.columns}
    found |= {f"{table}.{column}": Fate.BLANKED for table, words in BY_HAND.items() for column in words.split()}
    found |= {f"{table}.{column}": Fate.REMOVED for table, words in _REMOVED_WORDS.items() for column in words.split()}
    found |= {f"{table}.{column}": fate for _, fate, tables in WHY_KEPT for table, words in tables.items() for column in words.split()}
    return found


_REMOVED_WORDS = {
    "phone": "number",
    "activation_code": "code_hash",
    "recovery_code": "code_hash",
    "second_factor": "sealed pending",
    "import_change": "before_text after_text",
    "import_ending": "holding words",
}
