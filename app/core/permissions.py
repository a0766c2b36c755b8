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
    ACTIVITY_READ = "activity.read"  # drafts, who signed up, the door: what those who manage see, without the buttons
    ACTIVITY_MANAGE = "activity.manage"  # create, edit, publish, cancel, close; run the door
    PERSON_CONFIRM = "person.confirm"  # say who an unverified person is
    PERSON_READ = "person.read"  # a member's hours, points, records
    PERSON_EDIT = "person.edit"  # profile, stages, transfers, household contacts
    MERGE_READ = "merge.read"  # likely pairs, both records side by side, what was merged
    PERSON_MERGE = "person.merge"  # two records of one person; one proposes, another decides; never one's own
    RIGHTS_READ = "rights.read"  # requests about one's own data: correct, erase
    RIGHTS_DECIDE = "rights.decide"  # decide them; never one's own, never one that one wrote down
    BRANCH_READ = "branch.read"  # the branch page, its exports and prints
    CLAIM_READ = "claim.read"  # lists of names and disputes, with the evidence
    CLAIM_MAKE = "claim.make"  # name people as having been there
    CLAIM_APPROVE = "claim.approve"  # never one's own
    POINTS_DECIDE = "points.decide"  # propose and decide what is done to points by hand; never one's own, never both
    DISPUTE_ANSWER = "dispute.answer"
    RECORD_CORRECT = "record.correct"  # one proposes, another approves
    DOUBLE50_CONFIRM = "double50.confirm"  # that somebody's 双50 is met; never one's own
    ACCOUNT_RESET = "account.reset"  # a new activation code, in person
    STAFF_RESET = "account.staff_reset"  # the same for whoever has a role; a lost second factor
    ROSTER_READ = "roster.read"  # what was imported, and what would be
    ROSTER_IMPORT = "roster.import"
    ROSTER_EXPORT = "roster.export"
    REGISTER_READ = "register.read"  # registers of any kind; each kind asks for its own right besides
    REGISTER_WORK = "register.work"  # bring them in, approve, take back; each kind asks for its own right besides
    UNIT_READ = "unit.read"  # the trees of units and places, with their history
    UNIT_MANAGE = "unit.manage"
    POST_MANAGE = "post.manage"  # 岗位, 楼长 and their terms
    OFFER_MANAGE = "offer.manage"  # what a community offers to those who reported in
    FEEDBACK_GIVE = "feedback.give"  # the community's half-yearly word to the home branch
    CARD_PRINT = "card.print"  # member cards, and taking them back
    PROXY_RECORD = "proxy.record"  # that somebody acts for somebody, both agreeing
    ROLE_READ = "role.read"
    ROLE_GRANT = "role.grant"  # which ones, GRANTS says
    HONOUR_READ = "honour.read"  # who is proposed, before it is public
    HONOUR_GIVE = "honour.give"  # one proposes, another approves
    CERTIFICATE_READ = "certificate.read"  # who applied, what was issued
    CERTIFICATE_ISSUE = "certificate.issue"  # one accepts, another issues; never one's own
    RULES_READ = "rules.read"  # what holds here: the set-up, the requirements
    PROJECT_PROPOSE = "project.propose"  # draft a project for the fund, send it, ask for its closing
    FUND_MANAGE = "fund.manage"  # projects, donations, requests, spending, progress
    FUND_APPROVE = "fund.approve"
    FUND_PAY = "fund.pay"
    FUND_RECONCILE = "fund.reconcile"
    FUND_STEP = "fund.step"  # take a step of a request: one's own by the three above, or as a deputy by those of who is away
    FUND_READ = "fund.read"  # requests and vouchers before they are public
    WISH_READ = "wish.read"  # 微心愿 before they are public, who did what; never whom to reach
    WISH_MANAGE = "wish.manage"  # 微心愿: verify, publish, connect, thank; never one's own, never two steps that check one another
    AUDIT_READ = "audit.read"
    SPOT_CHECK = "spot.check"  # announce and draw entries of the fund, say what was found; never about what one handled
    ASSESS = "assessment.step"  # 党员积分考核: review, publicise, lock; never two steps in a row
    REPORT_SEND = "report.send"  # a unit's report: freeze it, and send up what somebody else froze


ACTION_NAMES = {
    Action.ACTIVITY_READ: "看活动的草稿、报名和现场",
    Action.ACTIVITY_MANAGE: "办活动：发布、现场、签退、结束",
    Action.PERSON_CONFIRM: "核实一个人是谁",
    Action.PERSON_READ: "看成员的时长、积分和记录",
    Action.PERSON_EDIT: "改资料、发展阶段、组织关系、户联系",
    Action.MERGE_READ: "看重复的档案和合并过的",
    Action.PERSON_MERGE: "合并重复的档案、撤销合并（两个人，不含自己的）",
    Action.RIGHTS_READ: "看更正资料、注销删除的请求",
    Action.RIGHTS_DECIDE: "办理更正资料、注销删除（不含自己的、自己登记的）",
    Action.BRANCH_READ: "看支部页、导出、打印",
    Action.CLAIM_READ: "看补录名单和“这条记录不对”",
    Action.CLAIM_MAKE: "提交补录名单",
    Action.CLAIM_APPROVE: "确认或退回补录（不含自己的）",
    Action.POINTS_DECIDE: "提出和确认加分、扣分、免考核（两个人，不含自己的）",
    Action.DISPUTE_ANSWER: "答复“这条记录不对”和公示的异议",
    Action.RECORD_CORRECT: "更正时长（一人提出，另一人确认）",
    Action.DOUBLE50_CONFIRM: "确认双50、撤回确认（不含自己的）",
    Action.ACCOUNT_RESET: "当面帮人开通账号、重设密码",
    Action.STAFF_RESET: "帮有管理职责的人重设密码、登录验证码",
    Action.ROSTER_READ: "看名册的导入和对照",
    Action.ROSTER_IMPORT: "导入名册",
    Action.ROSTER_EXPORT: "导出名册",
    Action.REGISTER_READ: "看登记表的导入（各表还要各自的职责）",
    Action.REGISTER_WORK: "导入、核准、退回登记表（各表还要各自的职责）",
    Action.UNIT_READ: "看组织和地点，以及它们的过去",
    Action.UNIT_MANAGE: "管组织和地点，改本地规定",
    Action.POST_MANAGE: "管岗位、楼长和任期",
    Action.OFFER_MANAGE: "管社区给报到党员的认领项目",
    Action.FEEDBACK_GIVE: "写半年一次的社区反馈",
    Action.CARD_PRINT: "印卡、收回卡",
    Action.PROXY_RECORD: "记下谁代谁办",
    Action.ROLE_READ: "看谁有什么职责",
    Action.ROLE_GRANT: "给职责、收回职责",
    Action.HONOUR_READ: "看荣誉的推荐",
    Action.HONOUR_GIVE: "推荐荣誉、同意推荐（不含自己的）",
    Action.CERTIFICATE_READ: "看志愿服务记录证明的申请和存档",
    Action.CERTIFICATE_ISSUE: "受理、出具、撤销证明（两个人，不含自己的）",
    Action.RULES_READ: "看开通步骤和双50口径",
    Action.PROJECT_PROPOSE: "申报关爱基金项目、申请结项",
    Action.FUND_MANAGE: "关爱基金：立项、捐赠、申请、进度",
    Action.FUND_APPROVE: "关爱基金：审批（不含自己的）",
    Action.FUND_PAY: "关爱基金：付款",
    Action.FUND_RECONCILE: "关爱基金：对账",
    Action.FUND_STEP: "关爱基金：办自己该办的一步，或替请假的人代办（要对方有这项权限）",
    Action.FUND_READ: "关爱基金：看申请和凭证",
    Action.WISH_READ: "微心愿：看办到哪一步（不含联系人）",
    Action.WISH_MANAGE: "微心愿：核实、公开、联系、回访（不含自己的）",
    Action.AUDIT_READ: "看审计记录",
    Action.SPOT_CHECK: "关爱基金：抽查，写审计意见（不含自己经手的）",
    Action.ASSESS: "党员积分考核：审核、公示、锁定（不连办两步）",
    Action.REPORT_SEND: "报表：冻结，上报（不含自己冻结的）",
}

R = Role
ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ACTIVITY_READ: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.ACTIVITY_MANAGE: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PERSON_CONFIRM: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PERSON_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.PERSON_EDIT: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.MERGE_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.PERSON_MERGE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.RIGHTS_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.RIGHTS_DECIDE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.BRANCH_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.CLAIM_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.CLAIM_MAKE: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.CLAIM_APPROVE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.POINTS_DECIDE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.DISPUTE_ANSWER: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.DOUBLE50_CONFIRM: frozenset({R.SECRETARY, R.DEPUTY}),
    Action.RECORD_CORRECT: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.ACCOUNT_RESET: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.STAFF_RESET: frozenset({R.ADMINISTRATOR}),
    Action.ROSTER_READ: frozenset({R.ADMINISTRATOR, R.AUDITOR}),
    Action.ROSTER_IMPORT: frozenset({R.ADMINISTRATOR}),
    Action.ROSTER_EXPORT: frozenset({R.ADMINISTRATOR, R.AUDITOR}),
    Action.REGISTER_READ: frozenset({R.ADMINISTRATOR, R.AUDITOR, R.FUND_OFFICER, R.FUND_APPROVER}),
    Action.REGISTER_WORK: frozenset({R.ADMINISTRATOR, R.FUND_OFFICER, R.FUND_APPROVER}),
    Action.UNIT_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.UNIT_MANAGE: frozenset({R.ADMINISTRATOR}),
    Action.POST_MANAGE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.OFFER_MANAGE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.FEEDBACK_GIVE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.CARD_PRINT: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.PROXY_RECORD: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.ROLE_READ: frozenset({R.SECRETARY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.ROLE_GRANT: frozenset({R.SECRETARY, R.ADMINISTRATOR}),
    Action.HONOUR_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.HONOUR_GIVE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.CERTIFICATE_READ: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR, R.AUDITOR}),
    Action.CERTIFICATE_ISSUE: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.RULES_READ: frozenset({R.ADMINISTRATOR, R.AUDITOR}),
    Action.PROJECT_PROPOSE: frozenset({R.ORGANISER, R.TEAM_LEADER, R.SECRETARY, R.DEPUTY, R.FUND_OFFICER}),
    Action.FUND_MANAGE: frozenset({R.FUND_OFFICER}),
    Action.FUND_APPROVE: frozenset({R.FUND_APPROVER}),
    Action.FUND_PAY: frozenset({R.FUND_OFFICER}),
    Action.FUND_RECONCILE: frozenset({R.FUND_APPROVER, R.ADMINISTRATOR}),
    Action.FUND_STEP: frozenset({R.FUND_OFFICER, R.FUND_APPROVER, R.ADMINISTRATOR}),
    Action.FUND_READ: frozenset({R.FUND_OFFICER, R.FUND_APPROVER, R.ADMINISTRATOR, R.AUDITOR}),
    Action.WISH_READ: frozenset({R.SECRETARY, R.DEPUTY, R.FUND_OFFICER, R.ADMINISTRATOR, R.AUDITOR}),
    Action.WISH_MANAGE: frozenset({R.SECRETARY, R.DEPUTY, R.FUND_OFFICER, R.ADMINISTRATOR}),
    Action.AUDIT_READ: frozenset({R.AUDITOR, R.ADMINISTRATOR}),
    Action.SPOT_CHECK: frozenset({R.AUDITOR}),
    Action.ASSESS: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
    Action.REPORT_SEND: frozenset({R.SECRETARY, R.DEPUTY, R.ADMINISTRATOR}),
}

# Which roles a role may give and take back, in its unit and below; nobody to oneself.
GRANTS: dict[Role, frozenset[Role]] = {
    R.SECRETARY: frozenset({R.ORGANISER, R.TEAM_LEADER, R.DEPUTY}),
    R.ADMINISTRATOR: frozenset(R),
}
OWN_UNIT_ONLY = frozenset({(R.SECRETARY, R.DEPUTY)})  # given for the giver's own unit, not for those below
ALWAYS_DATED = frozenset({R.DEPUTY})  # has an end from the beginning; two at a time in a unit
SECOND_FACTOR = frozenset({R.ADMINISTRATOR, R.FUND_OFFICER, R.FUND_APPROVER})  # sleep until a code was given at sign-in
READS_ONLY = frozenset({R.AUDITOR})  # 抽查 excepted, which is their own work
