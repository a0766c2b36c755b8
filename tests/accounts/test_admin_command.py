"""`flask --app app admin create`."""

from sqlalchemy import select

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.permissions import Role
from app.people import queries as people
from app.people.models import Person

GIVEN = ["admin", "create", "--name", "刘　安", "--phone", "138-0013-8000", "--password-stdin", "--subdistrict", "桂城街道党工委"]


def run(app, *arguments: str, typed: str = "a lantern by the lake\n", **env: str):
    return app.test_cli_runner().invoke(args=list(arguments), input=typed, env=env)


def test_the_first_administrator_comes_with_the_subdistrict(app, client):
    answer = run(app, *GIVEN)
    assert answer.exit_code == 0, answer.output
    assert "/setup" in answer.output
    root = people.root_unit()
    assert root
    assert root.name == "桂城街道党工委"
    grant = db.session.execute(select(RoleGrant)).scalar_one()
    assert (grant.role, grant.unit_id, grant.granted_by_id) == (Role.ADMINISTRATOR, root.id, None)
    assert db.session.scalar(select(Person.name)) == "刘 安"
    assert client.post("/sign-in", data={"phone": "13800138000", "password": "a lantern by the lake"}).status_code == 303


def test_a_second_one_uses_the_subdistrict_that_is_there(app, make):
    run(app, *GIVEN)
    answer = run(
        app,
        "admin",
        "create",
        typed="a lantern by the lake\n",
        SHULIN_ADMIN_NAME="区美玲",
        SHULIN_ADMIN_PHONE="13800138001",
        SHULIN_ADMIN_PASSWORD="a lantern by the lake",
    )
    assert answer.exit_code == 0, answer.output
    assert len(db.session.execute(select(RoleGrant.unit_id).distinct()).all()) == 1


def test_a_number_that_has_an_account_is_left_alone(app):
    run(app, *GIVEN)
    answer = run(app, *GIVEN, typed="another lantern\n")
    assert answer.exit_code == 1
    assert "已经有账号了" in answer.output
    assert len(db.session.execute(select(Account.id)).all()) == len(db.session.execute(select(Person.id)).all()) == 1


def test_bad_input_is_said_plainly_and_writes_nothing(app):
    for change, words in (({5: "1380013"}, "11 位"), ({3: " "}, "姓名")):
        arguments = [change.get(place, given) for place, given in enumerate(GIVEN)]
        answer = run(app, *arguments)
        assert answer.exit_code == 1
        assert words in answer.output
    for typed in ("123456\n", "12345678\n", "\n"):
        assert run(app, *GIVEN, typed=typed).exit_code == 1
    assert db.session.scalar(select(Person.id)) is None


def test_asked_for_one_by_one_at_a_terminal(app):
    answer = run(app, "admin", "create", typed="刘安\n13800138000\na lantern by the lake\na lantern by the lake\n")
    assert answer.exit_code == 0, answer.output


def test_the_only_administrator_who_forgot_gets_a_code_from_the_command_line(app, client):
    run(app, *GIVEN)
    answer = run(app, "admin", "code", "--phone", "13800138000")
    assert answer.exit_code == 0, answer.output
    address = next(word for word in answer.output.split() if word.startswith("https://")).split("，")[0]
    assert client.post(address.removeprefix("https://shulin.example"), data={"password": "another lantern"}).status_code == 303
    assert client.post("/sign-in", data={"phone": "13800138000", "password": "another lantern"}).status_code == 303
    assert run(app, "admin", "code", "--phone", "13900139000").exit_code == 1
