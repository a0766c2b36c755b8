"""Models, migrations and the committed descriptions of the schema say the same, on both engines."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.core.config import ROOT
from app.core.db import db
from tests.architecture import schemas

MIGRATIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def test_the_migrated_database_is_what_the_models_describe(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_committed_description_is_up_to_date(app, engine):
    committed = (schemas.COMMITTED / f"{engine}.sql").read_text(encoding="utf-8")
    assert schemas.described() == committed, "docs/schema/ is not what the migrations make: run `make schema` and commit the difference"


def test_every_table_has_a_model(app):
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}


def test_migrations_are_one_chain_numbered_from_0001():
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    chain = list(scripts.walk_revisions())[::-1]
    assert [script.revision for script in chain] == [f"{number:04d}" for number in range(1, len(MIGRATIONS) + 1)]
    assert [script.down_revision for script in chain] == [None, *(script.revision for script in chain[:-1])]
    assert len(scripts.get_heads()) == 1


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: file.stem)
def test_a_migration_says_its_purpose_and_its_number(file):
    source = file.read_text(encoding="utf-8")
    assert re.match(r'"""[^"\n]{4,}"""\n', source), "the first line says in words what the migration is for"
    assert f'revision = "{file.stem[:4]}"' in source


def test_up_down_and_up_again_from_nothing(engine, tmp_path, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path):
        upgrade()
        first = schemas.described()
        downgrade(revision="base")
        left = {name for name in inspect(db.engine).get_table_names() if name != "alembic_version"}
        assert left == set()
        upgrade()
        assert schemas.described() == first
