"""Whatever is typed into a form and kept comes through `Form.text`, which takes no number of an identity document."""

import ast
from collections.abc import Iterator
from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from app.core import clock
from app.core.config import ROOT
from app.core.errors import Invalid
from app.webkit.forms import Form, one_text

sqlite_only = True
NUMBER, CHILDS = "440682198005010028", "440682201505010029"
DATED = "440682202611210029"  # as a contract may be numbered, by region, day and count; by chance its last digit checks

# Fields that are read without `Form.text`, since none of them is kept as it was typed.
CHOSEN = {  # one of the values that the page offers, a row's number, a tick, a moment; anything else is refused or means no
    *("BACK", "'about'", "'activity_kind'", "'again'", "'agree'", "'agreed'", "'agrees'", "'away'", "'back'", "'call_id'", "'clean'"),
    *("'code_way'", "'community'", "'consent'", "'decided'", "'different'", "'do'", "'document_kind'", "'end'", "'every'", "'extra'"),
    *(
        "'for'",
        "'for_unit'",
        "'form_id'",
        "'form_key'",
        "'from'",
        "'gender'",
        "'group'",
        "'half'",
        "'honour'",
        "'hour_kind'",
        "'instead_of'",
    ),
    *("'kind'", "'kinds'", "'listed'", "'minor'", "'moving'", "'next'", "'on'", "'pair'", "'parent'", "'period'", "'person'", "'place'"),
    *("'position'", "'project'", "'publicise'", "'purpose_id'", "'read_at'", "'renew'", "'replaces'", "'retire'", "'risk_read'"),
    *("'rule'", "'scanned'", "'scope'", "'seen'", "'shifts'", "'shown'", "'since'", "'size'", "'source'", "'span'", "'spell'"),
    *("'stage'", "'sum_lines'", "'sure'", "'template'", "'theme'", "'unit'", "'verdict'", "'whole_call'", "TRAP", "kind.value"),
    *("f'fen_{row}'", "f'grade-{person_id}'", "f'l-{line.key}'", "f'least_{number}'", "f'p-{line.key}'", "f's{place}-capacity'"),
    *("f's{place}-id'", "f's{place}-summed'", "f'stage-{kind.value}'", "'acc'", "'lat'", "'lng'"),
}
SECRET = {"'password'", "'current_password'", "FIELD", "'code'", "'digits'", "'ticket'", "'request'", "'document_number'"}
PHONE = {"'phone'", "'guardian_phone'", "'tail'"}  # eleven digits, or four, or a fault
ELSEWHERE = {  # what is searched for and not written down, or is read again with `text`
    "app/accounts/code_views.py": {"'asked'"},
    "app/accounts/role_views.py": {"'q'"},
    "app/activities/forms.py": {"f's{place}-positions'", "f's{place}-name'"},
    "app/activities/views/chain.py": {"'text'"},
    "app/activities/views/publishing.py": {"'asked'"},
    "app/audit/views.py": {"'asked'"},
    "app/bank/forms.py": {"'q'", "name"},
    "app/cards/views.py": {"'asked'"},
    "app/checkin/views/console.py": {"'name'"},
    "app/claims/forms.py": {"'name'"},
    "app/claims/own_forms.py": {"'witness'"},
    "app/fund/forms_project.py": {"f'line_{row}'", "f'part_{row}'", "f'part_{place}'"},
    "app/fund/views/amendments.py": {"f'part_{place}'"},
    "app/imports/forms.py": {"'word'", "'means'"},
    "app/imports/views/batches.py": {"'word'", "'means'"},
    "app/merges/views/pairs.py": {"'words'"},
    "app/panels/forms.py": {"f'name_{row}'", "f'phone_{row}'"},
    "app/people/tree_forms.py": {"field"},
    "app/people/views/directory.py": {"'q'"},
    "app/people/views/ties.py": {"'q'"},
    "app/people/views/tree_pages.py": {"'q'"},
    "app/people/views/units.py": {"'q'"},
    "app/pledges/views/feedback.py": {"'q'"},
    "app/proxies/forms.py": {"field"},
    "app/proxies/views.py": {"'asked'"},
    "app/publicity/forms.py": {"field"},
    "app/schemes/forms.py": {"field", "f'band_{number}'"},
}


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen_at(clock.at_local(date(2026, 11, 21))):
        yield


def text(value: str, **options: bool) -> dict[str, str]:
    form = Form(MultiDict({"words": value}))
    form.text("words", "说明", longest=200, **options)
    return form.faults


@pytest.mark.parametrize(
    "typed",
    [NUMBER, f"何嘉怡，{NUMBER}", "440682 1980 0501 0028", "４４０６８２１９８００５０１００２８", "11010519491231002x", "440682800501002"],
)
def test_a_text_with_an_identity_number_is_refused_in_plain_words(typed):
    fault = text(typed)["words"]
    assert "说明里有身份证号" in fault
    assert "没有保存" in fault
    assert "请删掉" in fault
    assert typed not in fault
    with pytest.raises(Invalid) as refused:
        one_text(MultiDict({"words": typed}), "words", "说明", longest=200, required=False)
    assert refused.value.fields == {"words": fault}


@pytest.mark.parametrize("typed", ["26442000001234567890", "440682200805010026", "440682800501002", CHILDS, DATED])
def test_a_field_for_numbers_takes_those_of_papers(typed):
    assert text(typed, numbers=True) == {}
    assert (text(typed) != {}) == (len(typed) < 20)


def test_a_field_for_numbers_refuses_that_of_somebody_of_age():
    assert "里有身份证号" in text(f"收条 {NUMBER}", numbers=True)["words"]
    assert "里有身份证号" in text(CHILDS)["words"]


def reads() -> Iterator[tuple[str, str]]:
    """Where the application reads a field of a form, and which, without the type of a number."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        source = path.read_text()
        if {"service", "queries"} & {*path.parts, path.stem} or ("MultiDict" not in source and "request." not in source):
            continue  # knows no HTTP
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"request.form", "request.values"}:
                yield str(path.relative_to(ROOT)), ast.unparse(node.slice)
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            of_form = node.func.attr in {"get", "getlist"} and ast.unparse(node.func.value) in {"values", "request.form", "request.values"}
            if (node.func.attr == "raw" or of_form) and "type" not in {keyword.arg for keyword in node.keywords}:
                yield str(path.relative_to(ROOT)), ast.unparse(node.args[0])


def test_no_other_way_leads_from_a_form_to_what_is_kept():
    """A new field is read with `text`; one that is not stands in a list above, and is never kept as it was typed."""
    found = {(path, name) for path, name in reads() if path != "app/webkit/forms.py"}
    assert len(found) > 150
    beside = {(path, name) for path, name in found if name not in CHOSEN | SECRET | PHONE}
    listed = {(path, name) for path, names in ELSEWHERE.items() for name in names}
    assert beside - listed == set(), "read without Form.text"
    assert listed - beside == set(), "listed and not read any more"
