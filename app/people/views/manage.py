"""/manage: everything that somebody with a role manages, one line each. A feature adds its own line to ENTRIES."""

from dataclasses import dataclass
from itertools import groupby

from flask import current_app, url_for
from werkzeug.wrappers import Response

from app.core.permissions import Action
from app.people.views.common import bp
from app.webkit.guards import PUBLIC, SIGNED_IN, current_actor, signed_in
from app.webkit.htmx import render


@dataclass(frozen=True)
class Entry:
    """A line of the list: shown to who may open its page, and where the page itself is for everybody, to who may do `action`."""

    group: str
    title: str
    words: str
    endpoint: str
    action: Action
    icon: str


PEOPLE, DUTIES, RULES, SITE = "组织和人", "岗位和服务", "活动和规定", "网站"

ENTRIES = (
    Entry(PEOPLE, "我的支部", "成员的时长、积分、双50", "pages.branch", Action.BRANCH_READ, "people"),
    Entry(PEOPLE, "双50进度", "谁正常、谁偏紧、谁等支部确认", "requirements.table", Action.BRANCH_READ, "study"),
    Entry(PEOPLE, "报表", "每月、每年的数字，小结，上报", "reports.index", Action.BRANCH_READ, "trend"),
    Entry(PEOPLE, "找人", "按姓名、拼音首字母、手机后四位找", "people.directory", Action.PERSON_READ, "search"),
    Entry(PEOPLE, "重复的档案", "同一个人记了两份的，对照、合并，30 天内可撤销", "merges.index", Action.MERGE_READ, "copy"),
    Entry(PEOPLE, "更正与注销", "本人请求改资料、注销的，15 个工作日内办", "rights.index", Action.RIGHTS_READ, "lock"),
    Entry(PEOPLE, "组织", "街道、社区、支部、小组和志愿队，以及它们的来历", "people.units", Action.UNIT_READ, "home"),
    Entry(PEOPLE, "地点", "社区、小区、楼栋、楼道和驿站", "people.places", Action.UNIT_READ, "place"),
    Entry(PEOPLE, "导入名册", "先看一遍再导入，导错了整批撤回", "imports.index", Action.ROSTER_IMPORT, "upload"),
    Entry(PEOPLE, "导入登记表", "组织、地点、岗位和历史时长", "registers.index", Action.ROSTER_IMPORT, "upload"),
    Entry(PEOPLE, "导出", "人员、组织、地点、岗位、时长，可以原样再导入", "registers.exporting", Action.BRANCH_READ, "download"),
    Entry(DUTIES, "岗位", "设岗定责，楼长、巷长、街长", "duties.index", Action.POST_MANAGE, "medal"),
    Entry(DUTIES, "户联系", "谁联系哪几户", "duties.branch_households", Action.PERSON_EDIT, "heart"),
    Entry(DUTIES, "报到和认领", "来报到的党员，可认领的岗位和项目", "pledges.index", Action.OFFER_MANAGE, "hand"),
    Entry(DUTIES, "志愿服务记录证明", "申请、受理、出具、登记", "certificates.index", Action.CERTIFICATE_READ, "paper"),
    Entry(DUTIES, "志愿者卡", "一张 A4 印十张", "cards.index", Action.CARD_PRINT, "qr"),
    Entry(DUTIES, "代办", "谁替谁办，双方都同意", "proxies.index", Action.PROXY_RECORD, "share"),
    Entry(DUTIES, "异议和更正", "谁说记录不对，改了什么，超期的在前", "claims.dispute_desk", Action.CLAIM_READ, "edit"),
    Entry(DUTIES, "荣誉", "推荐、公示、授予", "honours.desk", Action.HONOUR_READ, "medal"),
    Entry(DUTIES, "激活码", "新成员第一次登录，忘记密码也用它", "accounts.codes", Action.ACCOUNT_RESET, "lock"),
    Entry(RULES, "办活动", "写好班次和名额就能发布", "activities.new", Action.ACTIVITY_MANAGE, "calendar"),
    Entry(RULES, "双50小时的口径", "按哪一套算，改了会影响谁", "requirements.index", Action.RULES_READ, "study"),
    Entry(RULES, "积分方案", "底分、加分、扣分、封顶和等次；改之前先算一算", "schemes.index", Action.RULES_READ, "trend"),
    Entry(RULES, "加分、扣分、免考核", "由人记的积分：一位提出，另一位确认", "schemes.proposals", Action.PERSON_READ, "edit"),
    Entry(RULES, "一天最多记多久", "超过的先不计，由上级核实", "checkin.long_days", Action.RULES_READ, "clock"),
    Entry(RULES, "补录占比", "哪些支部的时长补录得多", "claims.share", Action.CLAIM_READ, "chart"),
    Entry(RULES, "补录的规定", "几天内可以补，占比多少算偏高", "claims.rules", Action.RULES_READ, "paper"),
    Entry(RULES, "荣誉种类", "有哪些，谁可以推荐，得多少积分", "honours.kinds", Action.RULES_READ, "medal"),
    Entry(RULES, "星级怎么算", "哪些时长算星级", "hours.star_levels", Action.RULES_READ, "star"),
    Entry(RULES, "每月几号结账", "结账以后，那个月的数字不再变", "hours.closing_days", Action.RULES_READ, "lock"),
    Entry(RULES, "公示和工作日", "公示几天，异议几天答复，哪天放假、调休", "publicity.working_days", Action.RULES_READ, "calendar"),
    Entry(RULES, "党员积分考核", "一步一步：取数、审核、公示、锁定", "assessments.index", Action.BRANCH_READ, "medal"),
    Entry(RULES, "公示", "正在公示的，和收到的异议", "publicity.index", Action.BRANCH_READ, "paper"),
    Entry(RULES, "定榜和发布", "结账以后的排行存下来，另一人发布", "leaderboards.freezing", Action.RULES_READ, "boards"),
    Entry(RULES, "关爱基金", "项目、捐款、申请和支出", "fund.desk", Action.FUND_READ, "money"),
    Entry(RULES, "申报关爱基金项目", "给本单位报，看走到哪一步", "fund.applications", Action.PROJECT_PROPOSE, "heart"),
    Entry(RULES, "项目征集和评审", "发征集，请评审人，看排名", "panels.calls", Action.FUND_READ, "people"),
    Entry(RULES, "微心愿", "核实、公开、联系、回访，一轮一轮", "wishes.desk", Action.WISH_READ, "heart"),
    Entry(RULES, "基金抽查", "按公布的种子抽，一笔一笔查，写意见和答复", "spotchecks.index", Action.FUND_READ, "search"),
    Entry(SITE, "谁有什么职责", "给职责，收职责", "accounts.roles", Action.ROLE_READ, "shield"),
    Entry(SITE, "开通", "街道、社区、名册、第一场活动", "setup.index", Action.UNIT_MANAGE, "check"),
    Entry(SITE, "网站状态", "备份、磁盘、定时任务好不好", "system", Action.RULES_READ, "info"),
    Entry(SITE, "操作记录", "谁、什么时候、改了什么", "audit.index", Action.AUDIT_READ, "paper"),
)


def needed(entry: Entry) -> Action:
    access = getattr(current_app.view_functions[entry.endpoint], "access", PUBLIC)
    return entry.action if access in {PUBLIC, SIGNED_IN} else Action(access)


@bp.get("/manage")
@signed_in
def manage() -> Response:
    actor = current_actor()
    mine = [entry for entry in ENTRIES if entry.endpoint in current_app.view_functions and actor.may(needed(entry))]
    groups = [
        (group, [(entry, url_for(entry.endpoint)) for entry in entries]) for group, entries in groupby(mine, lambda entry: entry.group)
    ]
    return render("people/manage.html", groups=groups)
