"""Every action that any feature records has words that an auditor understands."""

import pytest

from app.accounts.rules import CodePurpose
from app.assessments.rules import Step as AssessmentStep
from app.audit import rules
from app.audit.vocabulary import GROUP_NAMES, WORDS, Group
from app.checkin.reasons import Verdict
from app.fund.money_rules import Verdict as FundVerdict
from app.fund.rules import Stage, Step
from app.wishes.rules import Step as WishStep
from tests.audit.collect import ACTION, told_by_helpers, written

# Actions that are put together when they are recorded: what each of these can come to.
PUT_TOGETHER = {
    "f'attendance.{verdict.value}'": {f"attendance.{one.value}" for one in Verdict},
    "f'account.{row.purpose}_code'": {f"account.{one.value}_code" for one in CodePurpose},
    "f'fund.project.{stage.value}'": {f"fund.project.{one.value}" for one in Stage},
    "f'assessment.{step.value}'": {f"assessment.{one.value}" for one in set(AssessmentStep) - {AssessmentStep.COLLECTED}},
    "f'fund.{step.value}'": {f"fund.{one.value}" for one in Step},
    "f'fund.purpose.{verdict.value}'": {f"fund.purpose.{one.value}" for one in FundVerdict},
    "f'fund.purpose.{_what(closes)}'": {"fund.purpose.closing", "fund.purpose.reopening"},
    "f'fund.purpose.{done}.{verdict.value}'": {
        f"fund.purpose.{done}.{one.value}" for done in ("closing", "reopening") for one in FundVerdict
    },
    "f'fund.amendment.{verdict.value}'": {f"fund.amendment.{one.value}" for one in FundVerdict},
    "f'fund.call.change.{verdict.value}'": {f"fund.call.change.{one.value}" for one in FundVerdict},
    "f'fund.limits.{verdict.value}'": {f"fund.limits.{one.value}" for one in FundVerdict},
    "f'bank.aside.{verdict.value}'": {f"bank.aside.{one.value}" for one in FundVerdict},
    "f'wish.{step.value}'": {f"wish.{one.value}" for one in WishStep},
    "f'{subject}.register_undo'": {"unit.register_undo", "place.register_undo"},
    "f'{subject}.reopening'": {"unit.reopening", "place.reopening"},
    "f'{kind}.{what}' if what else kind": set(),  # people.service.trees.note: see told_by_helpers
    "action": set(),  # duties.service.posts._close: see told_by_helpers
}


def test_every_action_has_words():
    plain, put_together = written()
    unknown = set(put_together) - set(PUT_TOGETHER)
    assert not unknown, f"say in this test what these can come to: {[(one, put_together[one]) for one in sorted(unknown)]}"
    recorded = set(plain) | told_by_helpers() | {action for source in put_together for action in PUT_TOGETHER[source]}
    missing = {action: plain.get(action) for action in sorted(recorded) if action not in WORDS}
    assert not missing, f"give these words in app/audit/vocabulary.py: {missing}"


def test_words_are_chinese_and_actions_nouns():
    for action, (group, words) in WORDS.items():
        assert ACTION.fullmatch(action)
        assert group in Group
        assert words
        assert not words.isascii()
        assert len(words) <= 16


def test_every_group_has_a_name_and_actions():
    assert set(GROUP_NAMES) == set(Group)
    assert all(rules.actions_of(group) for group in Group)


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        ("unit.name", {"before": "旧名", "after": "新名"}, [("", "旧名", "新名", None)]),
        ("unit.move", {"before": 3, "after": 4}, [("", 3, 4, "unit")]),
        ("setting", {"before": {"a": 1, "b": 2}, "after": {"a": 1, "b": 3}}, [("b", 2, 3, None)]),
        ("setting", {"before": None, "after": {"a": 1}}, [("a", None, 1, None)]),
        ("person.profile", {"changes": {"name": ["陈伯", "陈柏"]}}, [("名称", "陈伯", "陈柏", None)]),
        ("activity", {"unit": 1}, []),
        ("report_in", {"unit": 4, "before": 3}, [("", 3, 4, "unit")]),
        ("post.edit", {"seats": 4, "before": 3}, [("", 3, 4, None)]),
        ("post.revision", {"before": {"place_id": 1}, "after": {"place_id": 2}}, [("地点", 1, 2, "place")]),
    ],
)
def test_what_changed_is_read_from_every_way_of_writing_it(action, detail, said):
    assert [(one.name, one.before, one.after, one.kind) for one in rules.changes(action, detail)] == said
