"""Production refuses to start on a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from config import checks


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
        "default": {"ENGINE": engine, "NAME": "casework", "HOST": "db"},
        "keystore": {"ENGINE": engine, "NAME": "keystore", "HOST": "db"},
    }
    settings.KEK_PROVIDER = "file"
    settings.KEK_DIR = tmp_path / "kek"
    settings.KEK_DIR.mkdir(mode=0o700)
    settings.ADMINS = [("Astreinte", "astreinte@example.fr")]
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
        ("ADMINS", [], "casework.E130"),
        ("BASE_URL", "http://casework.example.fr", "casework.E131"),
        ("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend", "casework.E132"),
        ("SESSION_COOKIE_SECURE", False, "casework.E133"),
        ("SECURE_HSTS_SECONDS", 0, "casework.E134"),
    ],
)
def test_production_refuses(production, name, value, expected):
    setattr(production, name, value)
    assert ids(checks.production_is_safe()) == {expected}


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
