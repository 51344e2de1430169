"""Production refuses to start on a doubt."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.checks import Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import DatabaseError
from django.utils import timezone

from config import checks

TLS = {"OPTIONS": {"sslmode": "verify-full"}}


class Settings:
    """Settings changed for one test, without the signal that reopens databases."""

    def __init__(self, monkeypatch):
        object.__setattr__(self, "_patch", monkeypatch)

    def __setattr__(self, name, value):
        self._patch.setattr(django_settings, name, value)

    def __getattr__(self, name):
        return getattr(django_settings, name)


@pytest.fixture
def production(monkeypatch, tmp_path):
    """Settings of a server in good order."""
    settings = Settings(monkeypatch)
    settings.CASEWORK_MODE = "production"
    settings.IS_PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = "kJ8s0qZ1xV5bN7mW2eR4tY6uI9oP3aD-fGhLcXvBnMqWeRtYuI"
    settings.ALLOWED_HOSTS = ["casework.example.fr"]
    engine = "django.db.backends.postgresql"
    settings.DATABASES = {
        "default": {"ENGINE": engine, "NAME": "casework", "HOST": "db", "USER": "app"} | TLS,
        "keystore": {"ENGINE": engine, "NAME": "keystore", "HOST": "db", "USER": "keys"} | TLS,
    }
    settings.KEK_PROVIDER = "file"
    settings.KEK_DIR = tmp_path / "kek"
    settings.KEK_DIR.mkdir(mode=0o700)
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrftoken"
    settings.TRUSTED_PROXIES = ["10.0.0.5"]
    settings.AUDIT_WITNESS_DIR = tmp_path
    settings.AUDIT_WITNESS_REQUIRED = True
    settings.FREE_SPACE_DIRS, settings.FREE_SPACE_FLOOR_MB, settings.FREE_SPACE_WARN_MB = [tmp_path], 512, 5120
    monkeypatch.setattr(checks, "clock_is_kept", lambda: True)
    settings.BASE_URL = "https://casework.example.fr"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    return settings


def ids(messages):
    return {message.id for message in messages}


def test_a_server_in_good_order_starts(production):
    assert checks.production_is_safe() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", True, "casework.E101"),
        ("SECRET_KEY", "short", "casework.E102"),
        ("SECRET_KEY", "a" * 80, "casework.E102"),
        ("SECRET_KEY", "demo-and-test-only-" * 3, "casework.E102"),
        ("ALLOWED_HOSTS", [], "casework.E103"),
        ("ALLOWED_HOSTS", ["*"], "casework.E103"),
        ("KEK_PROVIDER", "env", "casework.E120"),
        ("KEK_DIR", django_settings.BASE_DIR / "var" / "kek", "casework.E121"),
        ("ALLOWED_HOSTS", [".example.fr"], "casework.E104"),
        ("ADMINS", [("Astreinte", "astreinte@example.fr")], "casework.E130"),
        ("MANAGERS", [("Astreinte", "astreinte@example.fr")], "casework.E130"),
        ("SESSION_COOKIE_NAME", "session", "casework.E136"),
        ("CSRF_COOKIE_NAME", "csrftoken", "casework.E136"),
        ("SESSION_COOKIE_HTTPONLY", False, "casework.E136"),
        ("SESSION_COOKIE_SAMESITE", "None", "casework.E136"),
        ("FILE_UPLOAD_MAX_MEMORY_SIZE", 11 * 1024 * 1024, "casework.E137"),
        ("FILE_UPLOAD_MAX_MEMORY_SIZE", 0, "casework.E137"),
        ("DEFAULT_EXCEPTION_REPORTER", "django.views.debug.ExceptionReporter", "casework.E138"),
        ("TRUSTED_PROXIES", [], "casework.E140"),
        ("TRUSTED_PROXIES", ["proxy"], "casework.E140"),
        ("TRUSTED_PROXIES", ["0.0.0.0/0"], "casework.E140"),
        ("TRUSTED_PROXIES", ["10.0.0.0/8"], "casework.E140"),
        ("AUDIT_WITNESS_REQUIRED", False, "casework.E143"),
        ("FREE_SPACE_FLOOR_MB", 0, "casework.E145"),
        ("FREE_SPACE_WARN_MB", 100, "casework.E145"),
        ("BASE_URL", "http://casework.example.fr", "casework.E131"),
        ("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend", "casework.E132"),
        ("SESSION_COOKIE_SECURE", False, "casework.E133"),
        ("SECURE_HSTS_SECONDS", 0, "casework.E134"),
    ],
)
def test_production_refuses(production, name, value, expected):
    setattr(production, name, value)
    assert ids(checks.production_is_safe()) == {expected}


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ({"class": "django.utils.log.AdminEmailHandler", "formatter": "allow_list"}, "casework.E135"),
        ({"class": "logging.StreamHandler"}, "casework.E141"),
        ({"class": "logging.FileHandler", "formatter": "verbose"}, "casework.E141"),
    ],
)
def test_production_refuses_a_log_that_says_too_much(production, handler, expected):
    logs = production.LOGGING
    production.LOGGING = logs | {"handlers": logs["handlers"] | {"other": handler}}
    assert ids(checks.production_is_safe()) == {expected}


def test_production_refuses_the_statements_of_the_database_in_its_logs(production):
    logs = production.LOGGING
    production.LOGGING = logs | {"loggers": logs["loggers"] | {"django.db.backends": {"level": "DEBUG"}}}
    assert ids(checks.production_is_safe()) == {"casework.E141"}


def test_production_refuses_another_formatter_under_our_name(production):
    logs = production.LOGGING
    production.LOGGING = logs | {"formatters": {"allow_list": {"()": "logging.Formatter"}}}
    assert ids(checks.production_is_safe()) == {"casework.E141"}


def test_production_refuses_a_clock_that_nothing_keeps(production, monkeypatch):
    monkeypatch.setattr(checks, "clock_is_kept", lambda: False)
    assert ids(checks.production_is_safe()) == {"casework.E142"}


@pytest.mark.parametrize(
    ("answer", "status", "kept"), [(0, 0, True), (5, 0, False), (0, 0x40, False), (-1, 0, True), (2, 0x2000, True)]
)
def test_the_clock_is_asked_of_the_kernel(monkeypatch, answer, status, kept):
    class Kernel:
        def adjtimex(self, buffer):
            buffer._obj[5] = status
            return answer

    monkeypatch.setattr(checks.ctypes, "CDLL", lambda *args, **kwargs: Kernel())
    assert checks.clock_is_kept() is kept


@pytest.mark.parametrize("alias", ["default", "keystore"])
@pytest.mark.parametrize("mode", ["", "prefer", "require", "verify-ca"])
def test_production_refuses_a_database_that_is_not_checked(production, alias, mode):
    databases = {name: dict(value) for name, value in production.DATABASES.items()}
    databases[alias]["OPTIONS"] = {"sslmode": mode}
    production.DATABASES = databases
    assert ids(checks.production_is_safe()) == {"casework.E112"}
    databases[alias]["HOST"] = "/run/postgresql"
    assert checks.production_is_safe() == []


def test_production_refuses_one_role_for_data_and_keys(production):
    production.DATABASES = {name: value | {"USER": "app"} for name, value in production.DATABASES.items()}
    assert ids(checks.production_is_safe()) == {"casework.E113"}


@pytest.mark.parametrize(
    "name", ["http.ConditionalGetMiddleware", "gzip.GZipMiddleware", "cache.UpdateCacheMiddleware"]
)
def test_every_mode_refuses_a_middleware_that_keeps_or_compares_pages(monkeypatch, name):
    settings = Settings(monkeypatch)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"django.middleware.{name}"]
    assert ids(checks.house_is_whole()) == {"casework.E009"}


def test_every_mode_refuses_uploads_on_disk(monkeypatch):
    Settings(monkeypatch).FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    assert ids(checks.house_is_whole()) == {"casework.E010"}


@pytest.mark.parametrize(("days", "warned"), [(0, False), (89, False), (91, True), (None, True)])
def test_a_restore_that_nobody_tried_is_a_warning(production, tmp_path, days, warned):
    production.RESTORE_PROOF = tmp_path / "proof"
    if days is not None:
        then = timezone.now() - timedelta(days=days)
        production.RESTORE_PROOF.write_text(json.dumps({"at": then.isoformat()}))
    found = checks.restore_was_tried()
    assert ids(found) == ({"casework.W150"} if warned else set())
    assert not any(message.is_serious() for message in found if message.level >= 40)


@pytest.mark.parametrize(
    ("written", "found"), [("", "casework.W151"), ("-----BEGIN PRIVATE KEY-----", "casework.E144")]
)
def test_copies_need_a_recipient_and_never_its_private_key(production, tmp_path, written, found):
    production.BACKUP_RECIPIENT = production.KEYSTORE_RECIPIENT = tmp_path / "key.pem"
    if written:
        production.BACKUP_RECIPIENT.write_text(written)
    assert ids(checks.copies_can_be_made()) == {found}


class Quiet:
    """What PostgreSQL says of its logs."""

    vendor = "postgresql"

    def __init__(self, **answers):
        self.answers = {name: values[0][0] for name, values in checks._QUIET.items()} | answers

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None

    def execute(self, sql, parameters):
        if self.answers.get("down"):
            raise DatabaseError
        self.asked = parameters[0]

    def fetchone(self):
        return (self.answers[self.asked],)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, set()),
        ({"log_statement": "all"}, {"casework.E161"}),
        ({"log_statement": "mod"}, {"casework.E161"}),
        ({"log_parameter_max_length": "-1"}, {"casework.E161"}),
        ({"log_parameter_max_length_on_error": "64"}, {"casework.E161"}),
        ({"down": "yes"}, {"casework.E160"}),
    ],
)
def test_production_refuses_a_server_that_writes_values_in_its_logs(production, monkeypatch, answers, expected):
    monkeypatch.setattr(checks, "connections", {"keystore": Quiet(**answers)})
    assert ids(checks.databases_say_nothing(databases=["keystore"])) == expected
    assert checks.databases_say_nothing(databases=None) == []


def test_a_neighbour_away_is_said_and_stops_no_start(production):
    assert checks.neighbours_answer() == []
    production.AUDIT_WITNESS_DIR = Path("/nowhere/temoin")
    production.FREE_SPACE_DIRS = [Path("/nowhere/data")]
    found = checks.neighbours_answer()
    assert ids(found) == {"casework.W143", "casework.W145"}
    assert not [message for message in found if message.is_serious(checks.checks.ERROR)]


def test_the_server_does_not_start_on_a_doubt(production, monkeypatch):
    doubts = [Error("a doubt", id="casework.E000")]
    monkeypatch.setattr(checks.checks, "run_checks", lambda **kwargs: doubts)
    with pytest.raises(ImproperlyConfigured, match="E000"):
        checks.at_start()
    doubts[:] = [Warning("a hope", id="casework.W000")]
    checks.at_start()
    doubts[:] = [Error("a doubt", id="casework.E000")]
    production.IS_PRODUCTION = False
    checks.at_start()


def test_the_web_server_asks_before_it_answers():
    """gunicorn runs no check by itself: the entry point does."""
    source = (Path(checks.__file__).parent / "wsgi.py").read_text()
    assert "refuse_on_a_doubt()" in source


def test_production_refuses_sqlite(production):
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": Path("one.sqlite3")}
    production.DATABASES = {"default": sqlite, "keystore": sqlite | {"NAME": Path("two.sqlite3")}}
    assert ids(checks.production_is_safe()) == {"casework.E110"}


def test_production_refuses_keys_beside_the_data(production):
    production.DATABASES = dict.fromkeys(("default", "keystore"), production.DATABASES["default"])
    assert ids(checks.production_is_safe()) == {"casework.E111"}


def test_production_refuses_readable_keys(production):
    production.KEK_DIR.chmod(0o755)
    assert ids(checks.production_is_safe()) == {"casework.E122"}


def test_other_modes_are_left_alone(monkeypatch):
    Settings(monkeypatch).ADMINS = []
    assert checks.production_is_safe() == []


def test_a_mistyped_mode_is_refused(monkeypatch):
    Settings(monkeypatch).CASEWORK_MODE = "prodution"
    assert ids(checks.mode_is_known()) == {"casework.E001"}


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("MIDDLEWARE", lambda value: value[:-1], "casework.E002"),
        ("INSTALLED_APPS", lambda value: [*value, "django.contrib.admin"], "casework.E003"),
        ("SECURE_CSP", lambda value: value | {"script-src": ["'self'", "'unsafe-inline'"]}, "casework.E005"),
        ("AUTHENTICATION_BACKENDS", lambda value: ["guardian.backends.ObjectPermissionBackend"], "casework.E007"),
        ("ANONYMOUS_USER_NAME", lambda value: "anonymous", "casework.E008"),
        (
            "MESSAGE_STORAGE",
            lambda value: "django.contrib.messages.storage.cookie.CookieStorage",
            "casework.E006",
        ),
    ],
)
def test_every_mode_keeps_its_guards(monkeypatch, name, change, expected):
    monkeypatch.setattr(django_settings, name, change(getattr(django_settings, name)))
    assert ids(checks.house_is_whole()) == {expected}


def test_the_house_as_it_stands_is_whole():
    assert checks.house_is_whole() == []
