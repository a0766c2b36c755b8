"""Who may do what: one table, action × role. A role is granted for a unit and holds in its whole subtree.

Everyone signed in may do what concerns only themselves; that needs no entry here.
"""

from enum import StrEnum


class Role(StrEnum):
    ORGANISER = "organiser"
    TEAM_LEADER = "team_leader"
    SECRETARY = "secretary"
    DEPUTY = "deputy"
    ADMINISTRATOR = "administrator"
    FUND_OFFICER = "fund_officer"
    FUND_APPROVER = "fund_approver"
    AUDITOR = "auditor"


ROLE_NAMES = {
    Role.ORGANISER: "组织者",
    Role.TEAM_LEADER: "分队长",
    Role.SECRETARY: "支部书记",
    Role.DEPUTY: "副书记／组织委员",
    Role.ADMINISTRATOR: "街道管理员",
    Role.FUND_OFFICER: "基金经办人",
    Role.FUND_APPROVER: "基金审批人",
    Role.AUDITOR: "审计",
}


class Action(StrEnum):
    ACTIVITY_MANAGE = "activity.manage"  # create, edit, publish, cancel, close; run the door
    PERSON_CONFIRM = "person.confirm"  # say who an unverified person is
    PERSON_READ = "person.read"  # a member's hours, points, records
    PERSON_EDIT = "person.edit"  # profile, stages, transfers, household contacts
    BRANCH_READ = "branch.read"  # the branch page, its exports and prints
    CLAIM_MAKE = "claim.make"  # name people as having been there
    CLAIM_APPROVE = "claim.approve"  # never one's own
    DISPUTE_ANSWER = "dispute.answer"
    ACCOUNT_RESET = "account.reset"  # a new activation code, in person
    ROSTER_IMPORT = "roster.import"
    ROSTER_EXPORT = "roster.export"
    UNIT_READ = "unit.read"  # the trees of units and places, with their history
    UNIT_MANAGE = "unit.manage"
    POST_MANAGE = "post.manage"  # 岗位, 楼长 and their terms
    OFFER_MANAGE = "offer.manage"  # what a community offers to those who reported in
    FEEDBACK_GIVE = "feedback.give"  # the community's half-yearly word to the home branch
    CARD_PRINT = "card.print"  # member cards, and taking them back
    PROXY_RECORD = "proxy.record"  # that somebody acts for somebody, both agreeing
    ROLE_READ = "role.read"
    ROLE_GRANT = "role.grant"
    FUND_MANAGE = "fund.manage"  # projects, donations, requests, spending, progress
    FUND_APPROVE = "fund.approve"
    FUND_PAY = "fund.pay"
    FUND_RECONCILE = "fund.reconcile"
    FUND_READ = "fund.read"  # requests and vouchers before they are public
    AUDIT_READ = "audit.read"


R = Role
ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ACTIVITY_MANAGE: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PERSON_CONFIRM: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PERSON_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.PERSON_EDIT: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.BRANCH_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.CLAIM_MAKE: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.CLAIM_APPROVE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.DISPUTE_ANSWER: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.ACCOUNT_RESET: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.ROSTER_IMPORT: frozenset({R.ADMINISTRATOR}),
    Action.ROSTER_EXPORT: frozenset({R.ADMINISTRATOR, R.AUDITOR}),
    Action.UNIT_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.UNIT_MANAGE: frozenset({R.ADMINISTRATOR}),
    Action.POST_MANAGE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.OFFER_MANAGE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.FEEDBACK_GIVE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.CARD_PRINT: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PROXY_RECORD: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.ROLE_READ: frozenset({R.ADMINISTRATOR, R.AUDITOR}),
    Action.ROLE_GRANT: frozenset({R.ADMINISTRATOR}),
    Action.FUND_MANAGE: frozenset({R.FUND_OFFICER}),
    Action.FUND_APPROVE: frozenset({R.FUND_APPROVER}),
    Action.FUND_PAY: frozenset({R.FUND_OFFICER}),
    Action.FUND_RECONCILE: frozenset({R.FUND_APPROVER, R.ADMINISTRATOR}),
    Action.FUND_READ: frozenset({R.FUND_OFFICER, R.FUND_APPROVER, R.ADMINISTRATOR, R.AUDITOR}),
    Action.AUDIT_READ: frozenset({R.AUDITOR, R.ADMINISTRATOR}),
}
