"""本月小结: what a secretary pastes into the branch's group. Sums only, no name, nothing that blames."""

from app.activities.outcomes import outcome_words
from app.core.words import minutes_words
from app.hours.rules import PeriodKind
from app.reports.rules import Report


def summary(report: Report) -> str:
    """Plain lines; what there was none of is left out, except that a quiet month says so."""
    figures, span = report.figures, report.span
    when = f"{span.first.month}月" if span.kind is PeriodKind.MONTH else f"{span.first.year}年"
    so_far = "（到今天）" if report.is_open else ""
    lines = [f"{report.unit_name} {when}小结{so_far}", ""]
    if figures.held:
        lines.append(f"办了 {figures.held:,} 场活动" + (f"，服务 {figures.served:,} 人次" if figures.served else "") + "。")
    if figures.people:
        lines.append(f"{figures.people:,} 位街坊出来参加，一共 {max(figures.times, figures.people):,} 人次。")
    lines += [f"{name}{said}。" for name, said in _hours(report) if said]
    if figures.newcomers:
        lines.append(f"第一次来的有 {figures.newcomers:,} 位，欢迎你们。")
    if report.outcomes:
        lines.append(f"办成的事：{'、'.join(outcome_words(report.outcomes))}。")
    if len(lines) == 2:
        lines.append("这段时间没有活动。下次见，身边有事随时在群里说一声。")
    return "\n".join([*lines, "", "谢谢每一位出力的街坊。还没来过的，下次一起。"])


def _hours(report: Report) -> list[tuple[str, str]]:
    figures = report.figures
    pairs = (("服务", figures.service_credit, figures.service_honour), ("学习", figures.study_credit, figures.study_honour))
    return [
        (name, "，".join(f"{how} {minutes_words(minutes)}" for how, minutes in (("扫码", credit), ("补录", honour)) if minutes > 0))
        for name, credit, honour in pairs
    ]
