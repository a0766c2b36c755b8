"""The sheet of a read 接龙: what goes together on it, and what the organiser decided, kept while the text is changed."""

from collections.abc import Mapping, Sequence

from app.activities.chain_lines import Line, LineKind


def decisions(lines: Sequence[Line], form: Mapping[str, str], shift_id: int) -> list[str]:
    """shift|person|position|the line's words, for what was ticked and for what was sure and is not any more (`person` with a minus)."""
    found = []
    for line in lines:
        one, said = line.picked(form.get(f"l-{line.key}", "")), line.entry.said
        if one is not None:
            found.append(f"{shift_id}|{one.id}|{form.get(f'p-{line.key}', '')}|{said}")
        elif line.kind is LineKind.SURE:
            found.append(f"{shift_id}|-{line.options[0].id}||{said}")
    return found


def ticked(lines: Sequence[Line], decided: Sequence[str], shift_id: int) -> dict[str, tuple[int, str]]:
    """key of a line → who is ticked and at which position: what was decided for the same words before, else who is sure."""
    before: dict[tuple[str, int], str] = {}
    for one in decided:
        shift, person, position, said = (*one.split("|", 3), "", "", "")[:4]
        if shift == str(shift_id) and person.removeprefix("-").isdecimal():
            before[(said, int(person))] = position
    found = {}
    for line in lines:
        said = line.entry.said
        chosen = next((one.id for one in line.options if (said, one.id) in before), None)
        if chosen is None and line.kind is LineKind.SURE and (said, -line.options[0].id) not in before:
            chosen = line.options[0].id
        if chosen is not None and line.kind in (LineKind.SURE, LineKind.ASK):
            found[line.key] = (chosen, before.get((said, chosen), ""))
    return found


def by_line(lines: Sequence[Line]) -> list[list[Line]]:
    """Questions about one line of the text together."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.entry.key, []).append(line)
    return list(found.values())


def by_person(lines: Sequence[Line]) -> list[list[Line]]:
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.options[0].id, []).append(line)
    return list(found.values())


def alike(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines of the same words together."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.entry.said, line.why), []).append(line)
    return list(found.values())


def shown_once(lines: Sequence[Line]) -> list[Line]:
    """What a result is told of: no titles and headings, of many copies of one line the first."""
    copies = {
        line.key for same in (*by_person([one for one in lines if one.kind is LineKind.TWICE]), *alike(_nobody(lines))) for line in same[1:]
    }
    return [line for line in lines if line.kind is not LineKind.NOTE and line.key not in copies]


def _nobody(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.kind is LineKind.NOBODY]
