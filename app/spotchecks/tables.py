"""The workbook of a check: how it was drawn, the accounts before and after, every movement with the sample marked, what was said."""

from app.core.words import full_day
from app.fund.rules import MOVEMENT_NAMES
from app.sheets.writing import Table, Value
from app.spotchecks import rules
from app.spotchecks.queries import books
from app.spotchecks.queries.checks import CheckRow, PickRow
from app.spotchecks.rules import FINDING_NAMES, NoteStep


def yuan(fen: int) -> float:
    """For a cell that is summed in a spreadsheet; exact to the fen up to 90 trillion yuan, and never reckoned with here."""
    return fen / 100


def workbook(check: CheckRow, picks: list[PickRow]) -> list[Table]:
    period = f"{full_day(check.first_on)}至{full_day(check.last_on)}"
    return [_facts(check, period), _accounts(check, period), _movements(check, picks, period), _said(check, picks)]


def _facts(check: CheckRow, period: str) -> Table:
    flow = books.flow(check.first_on, check.last_on, check.last_voucher)
    rows: list[list[Value]] = [
        ["编号", check.number],
        ["期间", period],
        ["期初结余（元）", yuan(flow.opening)],
        ["收入（元）", yuan(flow.income)],
        ["支出（元）", yuan(flow.spent)],
        ["期末结余（元）", yuan(flow.closing)],
        ["公布", check.announced_at],
        ["抽取", check.drawn_at],
        ["种子", check.seed],
        ["种子从哪里来", check.source],
        ["公布时最后一个凭证号", check.last_voucher],
        ["期间内一共几笔", check.population],
        ["抽几笔", check.size],
        ["账目指纹", check.digest],
        ["怎么抽", "每个凭证号接在种子后面，算 SHA-256，从小到大取前几个。例：printf '%s' '种子12' | sha256sum"],
        ["账目指纹怎么算", "每笔一行“凭证号,入账日,种类,从,到,分”，按凭证号排好，连同换行算 SHA-256"],
    ]
    return Table("说明", ["项目", "内容"], rows, title=f"抽查 {check.number}")


def _accounts(check: CheckRow, period: str) -> Table:
    lines = books.accounts(check.first_on, check.last_on, check.last_voucher)
    rows: list[list[Value]] = [
        [line.name, "关爱基金" if line.own else "其他来源，不计入", *map(yuan, (line.opening, line.came, line.went, line.closing))]
        for line in lines
    ]
    own = [line for line in lines if line.own]
    sums = [sum(part) for part in zip(*((line.opening, line.came, line.went, line.closing) for line in own), strict=True)]
    rows.append(["合计（关爱基金）", "", *map(yuan, sums or [0, 0, 0, 0])])
    return Table("账户", ["账户", "是谁的钱", "期初", "转入", "转出", "期末"], rows, title=f"各账户期初期末，{period}", note="单位：元")


def _movements(check: CheckRow, picks: list[PickRow], period: str) -> Table:
    """By voucher; the drawn ones are marked in words and in colour. Each line has what is needed to reckon the sample again."""
    heading = [
        "抽中",
        "凭证号",
        "入账日",
        "种类",
        "从",
        "到",
        "金额",
        "预算项",
        "项目",
        "事由或说明",
        "申请编号",
        "冲的凭证",
        "抽取指纹",
        "意见",
    ]
    drawn = {pick.voucher_no: pick for pick in picks}
    rows: list[list[Value]] = []
    marked: set[tuple[int, int]] = set()
    for place, line in enumerate(books.movements(check.first_on, check.last_on, check.last_voucher)):
        pick = drawn.get(line.voucher_no)
        found = FINDING_NAMES[pick.outcome] if pick and pick.outcome else "待查" if pick else ""
        row: list[Value] = [f"第 {pick.place} 笔" if pick else "", line.voucher_no, line.booked_on, MOVEMENT_NAMES[line.kind]]
        row += [line.source, line.target, yuan(line.fen), line.line, line.project, line.memo, line.request, line.reverses]
        rows.append([*row, rules.fingerprint(check.seed, line.voucher_no), found])
        if pick:
            marked |= {(place, 0), (place, 1)}
    return Table("每一笔", heading, rows, marked, title=f"{period}的每一笔", note="单位：元。标红的是抽中的。")


def _said(check: CheckRow, picks: list[PickRow]) -> Table:
    heading = ["第几笔", "凭证号", "金额", "时间", "谁", "做什么", "结论", "内容"]
    rows: list[list[Value]] = []
    for pick in picks:
        for note in pick.notes:
            what = "审计意见" if note.step is NoteStep.FOUND else "基金答复"
            found = FINDING_NAMES[note.finding] if note.finding else ""
            rows.append([pick.place, pick.voucher_no, yuan(pick.fen), note.at, note.by, what, found, note.words])
        if not pick.notes:
            rows.append([pick.place, pick.voucher_no, yuan(pick.fen), None, "", "还没查", "", ""])
    return Table("意见和答复", heading, rows, title=f"抽查 {check.number} 的意见和答复", note="单位：元")
