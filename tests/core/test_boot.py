from app.core.db import db


def test_an_empty_site_is_ready(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200


def test_factories_make_a_tree_and_people(make):
    top = make.unit("桂城街道党工委")
    branch = make.unit("锦园第一党支部", parent=top)
    person = make.person(home=branch)
    assert make.actor(person).person_id == person
    assert db.session is not None
