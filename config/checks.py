"""What a production server must have in order before it starts; each mistake has its own id.

Imported once, from the `ready()` of the desk, so that the checks are registered after the settings.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.utils import DatabaseError
from django.utils import timezone

SECRET_KEY_LENGTH = 50
MODES = ("test", "demo", "production")
_REQUIRED_MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "casework.desk.middleware.SecurityHeadersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "casework.partners.middleware.SecondFactorMiddleware",
    "casework.access.middleware.ViewerMiddleware",
    "casework.access.middleware.RefusalMiddleware",
    "casework.casefile.middleware.OnceMiddleware",
)
# They keep or compress pages of files, or let a browser ask whether one changed.
_FORBIDDEN_MIDDLEWARE = (
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
)
_MEMORY_ONLY = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
UPLOAD_CAP = 10 * 1024 * 1024
# adjtimex(2): this answer, or this bit of the status, says that nothing keeps the clock.
_TIME_ERROR, _STA_UNSYNC = 5, 0x0040
_FORBIDDEN_APPS = (
    "django.contrib.admin",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
)


@register()
def mode_is_known(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a mode with a typing mistake: it would silently be neither demo nor production."""
    if settings.CASEWORK_MODE in MODES:
        return []
    return [Error(f"CASEWORK_MODE must be one of {', '.join(MODES)}.", id="casework.E001")]


@register()
def house_is_whole(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse, in every mode, settings that take away a guard that the rest of the code counts on."""
    problems: list[CheckMessage] = [
        Error(f"{name} is missing from MIDDLEWARE.", id="casework.E002")
        for name in _REQUIRED_MIDDLEWARE
        if name not in settings.MIDDLEWARE
    ]
    problems += [
        Error(f"{name} must not be installed: it keeps data or opens doors of its own.", id="casework.E003")
        for name in _FORBIDDEN_APPS
        if name in settings.INSTALLED_APPS
    ]
    problems += [
        Error(f"{name} must not be installed: pages of files are never kept nor compared.", id="casework.E009")
        for name in _FORBIDDEN_MIDDLEWARE
        if name in settings.MIDDLEWARE
    ]
    if list(settings.FILE_UPLOAD_HANDLERS) != _MEMORY_ONLY:
        problems.append(Error("FILE_UPLOAD_HANDLERS must keep uploads in memory.", id="casework.E010"))
    if any("guardian" in backend for backend in settings.AUTHENTICATION_BACKENDS):
        problems.append(Error("guardian's backend must not decide: it knows no date.", id="casework.E007"))
    if settings.ANONYMOUS_USER_NAME is not None or settings.GUARDIAN_MONKEY_PATCH_USER:
        problems.append(Error("guardian must make no account and add nothing to agents.", id="casework.E008"))
    if getattr(settings, "SIMPLE_HISTORY_ENABLED", True) is False:
        problems.append(Error("SIMPLE_HISTORY_ENABLED=False would lose history.", id="casework.E004"))
    if any("unsafe" in source for sources in settings.SECURE_CSP.values() for source in sources):
        problems.append(Error("SECURE_CSP must not allow inline nor evaluated code.", id="casework.E005"))
    if "session.SessionStorage" not in settings.MESSAGE_STORAGE:
        problems.append(Error("MESSAGE_STORAGE must stay in the session: a cookie is readable.", id="casework.E006"))
    return problems


@register()
def production_is_safe(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start in production on a doubt. Says nothing in other modes."""
    if not settings.IS_PRODUCTION:
        return []
    return [Error(text, hint=hint or None, id=f"casework.E{number}") for number, text, hint in _doubts()]


def _doubts() -> Iterable[tuple[int, str, str]]:
    """Yield (number, what is wrong, what to do)."""
    if settings.DEBUG:
        yield 101, "DEBUG shows the data of people in error pages.", "Leave DEBUG alone."
    key = settings.SECRET_KEY
    if len(key) < SECRET_KEY_LENGTH or len(set(key)) < 10 or "demo-and-test-only" in key:
        yield (
            102,
            "SECRET_KEY is missing, short or the one of the demo.",
            "Put 50 random characters in SECRET_KEY_FILE.",
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield 103, "ALLOWED_HOSTS must name the site.", "ALLOWED_HOSTS=casework.example.fr"
    yield from _database_doubts()
    if any(host.startswith(".") for host in settings.ALLOWED_HOSTS):
        yield 104, "ALLOWED_HOSTS must name the site, not a whole domain.", "ALLOWED_HOSTS=casework.example.fr"
    yield from _key_doubts()
    yield from _words_that_leak()
    yield from _network_doubts()
    if not settings.AUDIT_WITNESS_REQUIRED:
        yield 143, "Writes would go on without a witness.", "Remove AUDIT_WITNESS_REQUIRED=false."
    if not 0 < settings.FREE_SPACE_FLOOR_MB < settings.FREE_SPACE_WARN_MB:
        yield 145, "FREE_SPACE_WARN_MB must be above FREE_SPACE_FLOOR_MB, and that above 0.", ""
    if not clock_is_kept():
        yield 142, "Nothing keeps the clock of this machine: dates decide who may read.", "Start chrony or timesyncd."
    if not settings.BASE_URL.startswith("https://"):
        yield 131, "BASE_URL must start with https://: invitations are made from it.", ""
    if "locmem" in settings.EMAIL_BACKEND or "console" in settings.EMAIL_BACKEND:
        yield 132, "EMAIL_BACKEND sends no mail.", ""
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_SSL_REDIRECT):
        yield 133, "Cookies must travel over HTTPS only.", "Remove SECURE_SSL_REDIRECT=false."
    if not settings.SECURE_HSTS_SECONDS:
        yield 134, "HSTS is off.", ""
    if not (settings.SESSION_COOKIE_NAME.startswith("__Host-") and settings.CSRF_COOKIE_NAME.startswith("__Host-")):
        yield 136, "Cookies must be bound to this host (__Host-).", ""
    if not settings.SESSION_COOKIE_HTTPONLY or settings.SESSION_COOKIE_SAMESITE not in ("Lax", "Strict"):
        yield 136, "The cookie of the session must be HttpOnly and SameSite.", ""
    if not 0 < settings.FILE_UPLOAD_MAX_MEMORY_SIZE <= UPLOAD_CAP:
        yield 137, "Uploads have no cap, or too high a one.", "FILE_UPLOAD_MAX_MEMORY_SIZE of 10 MB at most."


def _words_that_leak() -> Iterable[tuple[int, str, str]]:
    """Yield what would let the words of a page out through mails, logs or traces."""
    if settings.ADMINS or settings.MANAGERS:
        yield 130, "ADMINS would receive faults by mail.", "Leave ADMINS empty: faults are shown in Administration."
    logging: dict[str, Any] = settings.LOGGING
    for name, handler in logging["handlers"].items():
        if "mail" in str(handler.get("class", "")).lower():
            yield 135, f"The log handler {name} sends mail.", "Faults are shown in Administration."
        elif handler.get("formatter") != "allow_list":
            yield 141, f"The log handler {name} writes whatever it is given.", "formatter: allow_list"
    if logging["formatters"]["allow_list"].get("()") != "casework.desk.logs.AllowListFormatter":
        yield 141, "Logs are not written by the allow-list formatter.", ""
    if logging["loggers"].get("django.db.backends", {}).get("level") == "DEBUG":
        yield 141, "The logger django.db.backends writes statements with their values.", ""
    if settings.DEFAULT_EXCEPTION_REPORTER != "casework.desk.traces.SilentReporter":
        yield 138, "Traces of faults would show variables, forms and cookies.", ""


def _network_doubts() -> Iterable[tuple[int, str, str]]:
    """Yield doubts about who speaks to us, and from where."""
    if not settings.TRUSTED_PROXIES:
        yield (
            140,
            "TRUSTED_PROXIES is empty: everybody would seem to come from the proxy, and throttling would stop all.",
            "TRUSTED_PROXIES=10.0.0.5",
        )
    for given in settings.TRUSTED_PROXIES:
        try:
            network = ipaddress.ip_network(given)
        except ValueError:
            yield 140, f"TRUSTED_PROXIES: {given} is not an address.", ""
            continue
        if network.prefixlen < (24 if network.version == 4 else 48):
            yield 140, f"TRUSTED_PROXIES: {given} trusts a whole network.", "Name the proxies."


def clock_is_kept() -> bool:
    """Say whether the kernel holds its clock for synchronised; True where it cannot be asked."""
    try:
        # struct timex is 208 bytes; modes=0 only reads. The status is the fifth long.
        buffer = (ctypes.c_long * 32)()
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(buffer))
    except (OSError, AttributeError):
        return True
    return answer < 0 or (answer != _TIME_ERROR and not ctypes.c_int(buffer[5]).value & _STA_UNSYNC)


def _database_doubts() -> Iterable[tuple[int, str, str]]:
    for alias in ("default", "keystore"):
        if "postgresql" not in str(settings.DATABASES[alias]["ENGINE"]):
            variable = "DATABASE_URL" if alias == "default" else "KEYSTORE_URL"
            yield 110, f"The database « {alias} » is not PostgreSQL.", f"{variable}=postgres://…"
    if _address(settings.DATABASES["default"]) == _address(settings.DATABASES["keystore"]):
        yield (
            111,
            "Keys and data are in the same database: one stolen dump would hold both.",
            "Give KEYSTORE_URL a database of its own, with its own role and backup.",
        )

    elif settings.DATABASES["default"].get("USER", "") == settings.DATABASES["keystore"].get("USER"):
        yield 113, "One database role reaches both data and keys.", "Give KEYSTORE_URL a role of its own."
    for alias in ("default", "keystore"):
        database: dict[str, Any] = settings.DATABASES[alias]
        remote = "postgresql" in str(database["ENGINE"]) and not str(database.get("HOST") or "/").startswith("/")
        if remote and database.get("OPTIONS", {}).get("sslmode") != "verify-full":
            yield 112, f"The connection to « {alias} » does not check the server.", "…?sslmode=verify-full"


def _address(database: dict[str, Any]) -> tuple[str, str, str]:
    return str(database.get("HOST") or ""), str(database.get("PORT") or ""), str(database["NAME"])


def _key_doubts() -> Iterable[tuple[int, str, str]]:
    if settings.KEK_PROVIDER == "env":
        yield 120, "KEK_PROVIDER=env is for tests.", "KEK_PROVIDER=file, with KEK_DIR outside the code."
    if settings.KEK_PROVIDER != "file":
        return
    folder = Path(settings.KEK_DIR).resolve()
    for tree in (settings.BASE_DIR, settings.STATIC_ROOT):
        if folder.is_relative_to(Path(tree).resolve()):
            yield 121, "KEK_DIR is inside the code or the served files.", "KEK_DIR=/etc/casework/kek"
            break
    if folder.exists() and folder.stat().st_mode & 0o077:
        yield 122, "KEK_DIR can be read by other accounts of this machine.", "chmod 700"


@register()
def restore_was_tried(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when no restore was tried for ninety days: a backup nobody restored is a hope."""
    if not settings.IS_PRODUCTION:
        return []
    from casework.desk.backup import state

    last = state.last_drill(settings.RESTORE_PROOF)
    if last is not None and timezone.now() - last <= state.DRILL_EVERY:
        return []
    return [Warning("No restore was tried for ninety days.", hint="manage.py restore_check", id="casework.W150")]


@register()
def neighbours_answer(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a witness or of a watched volume that cannot be reached: the server starts, and says so (R-05, R-11)."""
    if not settings.IS_PRODUCTION:
        return []
    problems: list[CheckMessage] = []
    witness = settings.AUDIT_WITNESS_DIR
    if not witness.is_dir() or not os.access(witness, os.W_OK):
        problems.append(
            Warning("The folder of checkpoints cannot be written: in an hour nothing else will be.",
                    hint="AUDIT_WITNESS_DIR=/mnt/temoin", id="casework.W143")
        )  # fmt: skip
    problems += [
        Warning(
            f"The room left at {folder} cannot be asked.",
            hint="FREE_SPACE_DIRS=/var/lib/postgresql,…",
            id="casework.W145",
        )
        for folder in settings.FREE_SPACE_DIRS
        if not folder.exists()
    ]
    return problems


@register()
def copies_can_be_made(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when no copy can leave, and refuse a server that could open its own copies."""
    if not settings.IS_PRODUCTION:
        return []
    from casework.sealing.box import BoxRefused, recipient

    problems: list[CheckMessage] = []
    for name in ("BACKUP_RECIPIENT", "KEYSTORE_RECIPIENT"):
        try:
            recipient(Path(getattr(settings, name)))
        except BoxRefused as refusal:
            problems.append(
                Error(f"{name} is a private key: this server could open its copies.", id="casework.E144")
                if refusal.code == "private_key"
                else Warning(f"{name} names no public key: no copy can be made.", hint="openssl genpkey -algorithm X25519",
                             id="casework.W151")
            )  # fmt: skip
    return problems


@register(Tags.database)
def databases_say_nothing(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse, in production, a database server that writes statements with their values."""
    if not settings.IS_PRODUCTION or not databases:
        return []
    problems: list[CheckMessage] = []
    for alias in databases:
        if connections[alias].vendor != "postgresql":
            continue
        try:
            found = {name: _shown(alias, name) for name in _QUIET}
        except DatabaseError:
            return [Error(f"The database « {alias} » cannot be asked.", id="casework.E160")]
        problems += [
            Error(f"The database « {alias} » has {name} = {value}.", hint=_QUIET[name][1], id="casework.E161")
            for name, value in found.items()
            if value not in _QUIET[name][0]
        ]
    return problems


# What PostgreSQL must answer: its logs and its monitoring must not hold what the columns hide.
_QUIET: dict[str, tuple[tuple[str, ...], str]] = {
    "log_statement": (("none", "ddl"), "ALTER ROLE … SET log_statement = 'none'"),
    "log_parameter_max_length": (("0",), "ALTER ROLE … SET log_parameter_max_length = 0"),
    "log_parameter_max_length_on_error": (("0",), "ALTER ROLE … SET log_parameter_max_length_on_error = 0"),
}


def _shown(alias: str, name: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def at_start() -> None:
    """Raise ImproperlyConfigured, in production, when one check fails: the server does not start on a doubt."""
    if not settings.IS_PRODUCTION:
        return
    found = [*checks.run_checks(), *checks.run_checks(tags=[Tags.database], databases=list(connections))]
    errors = [message for message in found if message.is_serious(checks.ERROR)]
    if errors:
        raise ImproperlyConfigured("\n".join(str(message) for message in errors))
