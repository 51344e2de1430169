"""What a production server must have in order before it starts; each mistake has its own id.

Imported once, from the `ready()` of the desk, so that the checks are registered after the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SECRET_KEY_LENGTH = 50
MODES = ("test", "demo", "production")
_REQUIRED_MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "casework.desk.middleware.SecurityHeadersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "casework.access.middleware.ViewerMiddleware",
    "casework.access.middleware.RefusalMiddleware",
)
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
    yield from _key_doubts()
    if not settings.ADMINS:
        yield 130, "Nobody is told of faults.", "ADMINS=name <address@example.fr>"
    if not settings.BASE_URL.startswith("https://"):
        yield 131, "BASE_URL must start with https://: invitations are made from it.", ""
    if "locmem" in settings.EMAIL_BACKEND or "console" in settings.EMAIL_BACKEND:
        yield 132, "EMAIL_BACKEND sends no mail.", ""
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_SSL_REDIRECT):
        yield 133, "Cookies must travel over HTTPS only.", "Remove SECURE_SSL_REDIRECT=false."
    if not settings.SECURE_HSTS_SECONDS:
        yield 134, "HSTS is off.", ""


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
