"""PostgreSQL: pg_dump and pg_restore of the machine, held to one snapshot and one transaction."""

import glob
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import Engine, text

from app.core.db import db
from app.web.backups.archive import BackupError

MEMBER = "database.pgdump"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename COLLATE \"C\""
OWN_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def program(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    if not found:
        raise BackupError(f"这台机器上没有 {name}。请安装 postgresql-client（版本不低于数据库服务器），再试一次。")
    return found


def run(engine: Engine, name: str, *arguments: str, connect: bool = True) -> None:
    to = _to(engine) if connect else []
    done = subprocess.run(
        [program(name), *to, *arguments], env=_environment(engine), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    _judge(name, done.returncode, done.stderr)


def _to(engine: Engine) -> list[str]:
    return ["--dbname", engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)]


def _environment(engine: Engine) -> dict[str, str]:
    """The password goes by the environment: a command line can be read by everyone on the machine."""
    return dict(os.environ) | ({"PGPASSWORD": engine.url.password} if engine.url.password else {})


def _judge(name: str, code: int, errors: str) -> None:
    if code:
        said = errors.strip().splitlines()
        raise BackupError(f"{name} 没有成功：{said[0] if said else code}")


def feed(engine: Engine, *scripts: Path) -> None:
    """Both in one transaction, whose COMMIT is the last that psql is given: where this process is killed before, psql comes to an end
    without it, ends with us and takes everything back. With `--single-transaction` an end too early would have been committed.
    """
    command = [program("psql"), *_to(engine), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    with TemporaryFile("w+") as errors:
        psql = subprocess.Popen(command, env=_environment(engine), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors)
        with suppress(BrokenPipeError), psql:  # it stopped at an error, which it has told
            assert psql.stdin is not None  # noqa: S101 (asked for two lines above)
            psql.stdin.write(b"BEGIN;\n")
            for script in scripts:
                with script.open("rb") as read:
                    shutil.copyfileobj(read, psql.stdin)
                psql.stdin.write(b"\n")
            psql.stdin.write(b"COMMIT;\n")
            psql.stdin.close()
        errors.seek(0)
        _judge("psql", psql.returncode, errors.read())


def snapshot(engine: Engine, target: Path) -> dict[str, int]:
    """The rows are counted in the very snapshot that is dumped."""
    program("pg_dump")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        name = connection.scalar(text("SELECT pg_export_snapshot()"))
        tables = connection.scalars(text(TABLES)).all()
        counted = {table: int(connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0) for table in tables}  # noqa: S608 (its own names)
        run(
            engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--snapshot={name}", f"--file={target}"
        )
    return counted


def check(source: Path, expected: dict[str, int]) -> None:
    """The archive's checksum vouches for the dump; that it restores whole is seen by its single transaction."""
    if not expected or not source.exists():
        raise BackupError("备份里没有数据库，没有恢复。")


def restore(engine: Engine, source: Path) -> None:
    """All or nothing: what was there is dropped and the dump comes in, in one transaction."""
    program("psql")
    script, clear = source.with_suffix(".sql"), source.with_suffix(".clear.sql")
    run(engine, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source), connect=False)
    with engine.connect() as connection:
        tables = set(connection.scalars(text(TABLES)))
        if strangers := sorted(tables - {*db.metadata.tables, "alembic_version"}):
            raise BackupError(f"这个数据库里还有别的程序的表（{strangers[0]}），没有恢复。请给熟邻一个自己的数据库。")
        functions = connection.scalars(text(OWN_FUNCTIONS)).all()
    drops = [f'DROP TABLE "{table}" CASCADE;' for table in sorted(tables)] + [
        f"DROP FUNCTION {function} CASCADE;" for function in functions
    ]
    clear.write_text("\n".join(drops), encoding="utf-8")
    engine.dispose()
    feed(engine, clear, script)
