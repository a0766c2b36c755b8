"""Whoever did the first of two things, where a merge does not wait for the second: what keeps them from doing that too."""

# Column → where it is read as who somebody is now. The lower ones are held by triggers, so no CHECK tells of them.
JUDGED_ANEW = {
    "confirmed_pack.confirmed_by_id": "app/requirements/queries/packs.py",
    "fund_stage_entry.by_id": "app/fund/queries/stages.py",
    "fund_stage_entry.for_id": "app/fund/queries/stages.py",
    "fund_step_entry.by_id": "app/spotchecks/queries/checks.py",  # also in bank.queries.lines; while it is underway nobody is merged
    "fund_step_entry.for_id": "app/spotchecks/queries/checks.py",
    "objection.by_id": "app/publicity/queries/objections.py",
    "objection.keyed_by_id": "app/publicity/queries/objections.py",
    "register_batch.undo_asked_by_id": "app/registers/service.py",
    "rights_request.asked_by_id": "app/rights/service/deciding.py",
    "assessment.step_by_id": "app/assessments/queries/read.py",
    "bank_statement.made_by_id": "app/bank/queries/lines.py",
    "board.frozen_by_id": "app/leaderboards/frozen.py",
    "opening_figure_entry.recorded_by_id": "app/reports/service.py",
    "report_entry.made_by_id": "app/reports/queries/snapshots.py",
    "spot_check_note_entry.by_id": "app/spotchecks/queries/checks.py",
}

# Whoever ended something: it waits for nobody after that.
LAST_WORD = {
    *("answered_by_id", "closed_by_id", "decided_by_id", "ended_by_id", "excluded_by_id", "published_by_id", "returned_by_id"),
    *("undo_by_id", "undone_by_id"),
}

_AT_ONCE = "written together with the other person, who had agreed by then"
_ABOUT = "about another person, and whole as soon as it is written"
_ALONE = "whoever did it may also do what comes after"
HARMLESS = {
    "activity.created_by_id": _ALONE,
    "assessment_remark.made_by_id": _ABOUT,
    "bank_group.for_id": _ALONE,
    "bank_group.made_by_id": _ALONE,
    "bank_match.for_id": _ALONE,
    "bank_match.made_by_id": _ALONE,
    "certificate.issued_by_id": _ABOUT,
    "certificate_request.made_by_id": _ALONE,
    "dispute.acknowledged_by_id": _ALONE,
    "feedback_entry.made_by_id": _ABOUT,
    "fund_delegation.made_by_id": _ABOUT,
    "fund_movement_entry.approved_by_id": _AT_ONCE,
    "fund_movement_entry.made_by_id": _AT_ONCE,
    "fund_service_entry.approved_by_id": _AT_ONCE,
    "fund_service_entry.made_by_id": _AT_ONCE,
    "hour_entry.approved_by_id": _AT_ONCE,
    "hour_entry.made_by_id": _AT_ONCE,
    "objection.acknowledged_by_id": _ALONE,
    "pledge.confirmed_by_id": _ABOUT,
    "pledge.made_by_id": _ALONE,
    "point_entry.approved_by_id": _AT_ONCE,
    "point_entry.made_by_id": _AT_ONCE,
    "point_scheme.made_by_id": _AT_ONCE,
    "proxy.made_by_id": _ABOUT,
    "register_batch.approved_by_id": _ALONE,
    "role_grant.granted_by_id": _ABOUT,
}
