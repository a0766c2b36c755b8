"""Configuration, read once from the environment. Production fails closed."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PUBLIC_URL = "http://127.0.0.1:5000"
KEY_DIGITS = 64
KNOWN_SECRETS = {"", "dev", "secret", "changeme", "change-me", "shulin", "test"}


class Env(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True)
class Settings:
    """`data_dir` holds the SQLite file, uploads and the development secret; `public_url` has no trailing slash.

    `keys`: what encrypts the keys of persons, as hexadecimal, the one in use first (see core/keyring.py).
    `proxied`: a proxy of ours stands in front and writes who connected into X-Forwarded-For (docs/operations.md).
    `backups_dir`: where backups are kept, if anywhere. `metrics`: "" (no /metrics), "local", or the token that opens it.
    """

    env: Env
    database_url: str
    secret_key: str
    public_url: str
    demo: bool
    data_dir: Path
    proxied: bool = False
    backups_dir: Path | None = None
    metrics: str = ""
    access_log: bool = False
    keys: tuple[str, ...] = ()

    @property
    def public_url_fault(self) -> str | None:
        """Why phones could not open this site's QR codes, in words for the page; None when they can."""
        host = self.public_url.split("://", 1)[-1].split("/")[0].split(":")[0]
        if host in {"localhost", "127.0.0.1", "0.0.0.0", "[", ""}:  # noqa: S104 (a name to compare with, nothing is bound)
            return "码里的地址是本机，别的手机打不开。"
        if not self.public_url.startswith("https://"):
            return "码里的地址不是 https，微信里可能打不开。"
        return None

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Raises ConfigError when production lacks a real secret or asks for demo mode."""
    env_vars = os.environ if environ is None else environ
    try:
        env = Env(env_vars.get("SHULIN_ENV", Env.DEVELOPMENT))
    except ValueError as error:
        raise ConfigError(f"SHULIN_ENV 只能是 {', '.join(Env)}") from error
    data_dir = Path(env_vars.get("SHULIN_DATA", ROOT / "var")).resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    demo = env_vars.get("SHULIN_DEMO", "") == "1"
    secret = env_vars.get("SECRET_KEY", "")
    if env is Env.PRODUCTION:
        if demo:
            raise ConfigError("SHULIN_ENV=production 不能与演示模式 SHULIN_DEMO=1 同时使用")
        for debugging in ("FLASK_DEBUG", "PYTHONDEVMODE"):
            if env_vars.get(debugging, "0").lower() not in {"", "0", "false"}:
                raise ConfigError(f"SHULIN_ENV=production 不能与 {debugging} 同时使用：出错时会把内部信息显示给别人")
        if secret.lower() in KNOWN_SECRETS or len(secret) < 32:
            raise ConfigError("请设置 SECRET_KEY：至少 32 个字符的随机串，例如 python -c 'import secrets; print(secrets.token_hex(32))'")
    return Settings(
        env=env,
        database_url=_database_url(env_vars.get("DATABASE_URL"), data_dir),
        secret_key=secret or _local_secret(data_dir),
        public_url=env_vars.get("PUBLIC_URL", DEFAULT_PUBLIC_URL).rstrip("/"),
        demo=demo,
        data_dir=data_dir,
        proxied=env_vars.get("SHULIN_PROXY", "") == "1",
        backups_dir=Path(backups).resolve() if (backups := env_vars.get("SHULIN_BACKUPS", "")) else None,
        metrics=_metrics(env_vars.get("SHULIN_METRICS", "")),
        access_log=env_vars.get("SHULIN_ACCESS_LOG", "") == "1",
        keys=_keys(env_vars.get("SHULIN_KEYS", "")),
    )


def _keys(given: str) -> tuple[str, ...]:
    """64 hexadecimal digits each, with commas or spaces between them; raises ConfigError."""
    found = tuple(given.replace(",", " ").lower().split())
    if any(len(one) != KEY_DIGITS or set(one) - set("0123456789abcdef") for one in found):
        raise ConfigError(
            "SHULIN_KEYS 里每一把密钥都是 64 位十六进制数，用逗号隔开，正在用的写在最前面。新做一把：flask --app app keys new"
        )
    return found


def _metrics(given: str) -> str:
    if given and given != "local" and len(given) < 16:
        raise ConfigError("SHULIN_METRICS 写 local（只给本机读），或至少 16 个字符的口令")
    return given


def _database_url(given: str | None, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'shulin.db'}"
    for scheme in ("postgres://", "postgresql://"):
        if given.startswith(scheme):
            return "postgresql+psycopg://" + given.removeprefix(scheme)
    return given


def _local_secret(data_dir: Path) -> str:
    """Development keeps its own secret in the data folder, so that sessions outlive a restart."""
    file = data_dir / "secret"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as created:
            created.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return file.read_text()
