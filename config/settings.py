"""All settings, read from the environment.

`CASEWORK_MODE` (test, demo or production) is the one setting that says where we are;
production refuses to start on a doubt (config/checks.py).
"""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext
from environ import FileAwareEnv

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv()

CASEWORK_MODE: str = env.str("CASEWORK_MODE", default="test")
IS_DEMO = CASEWORK_MODE == "demo"
IS_PRODUCTION = CASEWORK_MODE == "production"
DEBUG = False

# Where the demo and a small installation keep their databases; never served.
VAR_DIR = Path(env.str("CASEWORK_VAR", default=str(BASE_DIR / "var")))
if not IS_PRODUCTION:
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY: str = env.str("SECRET_KEY", default="" if IS_PRODUCTION else "demo-and-test-only-" * 3)
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=[] if IS_PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
if IS_DEMO:
    ALLOWED_HOSTS += env.list("DEMO_HOSTS", default=[])

# The subjects of this installation. One that is off has no menu, no work, no deadline, and its pages answer 404.
SUBJECTS: list[str] = env.list(
    "SUBJECTS", default=["minors"] if IS_PRODUCTION else ["minors", "placements", "vif", "exclusions"]
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    # Lends its abstract models. Its own generic tables stay empty, its backend is not used.
    "guardian",
    "django_htmx",
    "template_partials",
    "simple_history",
    "casework.sealing",
    "casework.audit",
    "casework.partners",
    "casework.access",
    "casework.casefile",
    "casework.minors.followups",
    "casework.minors.sessions",
    "casework.placements.hosts",
    "casework.placements.partnership",
    "casework.placements.reparation",
    "casework.placements.returns",
    "casework.placements.tig",
    "casework.vif.offenders",
    "casework.vif.phones",
    "casework.vif.reflex",
    "casework.vif.victims",
    "casework.exclusions",
    "casework.indicators.releases",
    "casework.indicators.quarters",
    "casework.indicators.evaluation",
    "casework.rights",
    "casework.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casework.desk.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casework.partners.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Sets request.now and request.viewer, applies idle lock and the declared route policy.
    "casework.access.middleware.ViewerMiddleware",
    # Turns refusals into pages (404, conflict, guard) and logs them after rollback.
    "casework.access.middleware.RefusalMiddleware",
    # Answers a form that was already carried out, before its view finds that nothing is offered any more.
    "casework.casefile.middleware.OnceMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "casework.desk.context.shell",
            ],
            "builtins": ["casework.desk.templatetags.casework"],
        },
    },
]
FORM_RENDERER = "casework.desk.forms.CaseworkRenderer"


LOCK_MS, IDLE_MS = 3_000, 30_000


def _database(variable: str, file_name: str) -> dict[str, object]:
    """Return one DATABASES entry: the URL in `variable`, else a SQLite file under VAR_DIR."""
    config: dict[str, object] = env.db_url(variable, default=f"sqlite:///{VAR_DIR / file_name}")
    if "sqlite3" in str(config["ENGINE"]):
        config["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
        }
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
        # Nobody waits long behind somebody else's lock, nor behind a transaction left open. The planner is told
        # that disks no longer turn: else it reads all grants of an agent rather than look a few of them up.
        wanted = {
            "lock_timeout": LOCK_MS, "idle_in_transaction_session_timeout": IDLE_MS, "random_page_cost": 1.1,
        }  # fmt: skip
        options = config.setdefault("OPTIONS", {})
        options.setdefault("options", " ".join(f"-c {name}={value}" for name, value in wanted.items()))  # type: ignore[attr-defined]  # a dict, typed as object
    return config


DATABASES = {
    "default": _database("DATABASE_URL", "casework.sqlite3"),
    "keystore": _database("KEYSTORE_URL", "keystore.sqlite3"),
}
DATABASE_ROUTERS = ["casework.sealing.routers.KeystoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sealing: which provider holds the key-encryption keys (env: tests; file: demo and small installations).
KEK_PROVIDER: str = env.str("KEK_PROVIDER", default="env" if CASEWORK_MODE == "test" else "file")
KEK_ENV_SEED: str = env.str("KEK_ENV_SEED", default="" if IS_PRODUCTION else "test-only-kek-seed")
KEK_DIR = Path(env.str("KEK_DIR", default=str(VAR_DIR / "kek")))

# Where signed checkpoints of the journal go: best a folder of another machine, append-only.
AUDIT_WITNESS_DIR = Path(env.str("AUDIT_WITNESS_DIR", default=str(VAR_DIR / "witness")))
# Whether writes stop while events wait for more than an hour to be witnessed. Production cannot go without.
AUDIT_WITNESS_REQUIRED: bool = env.bool("AUDIT_WITNESS_REQUIRED", default=IS_PRODUCTION)
# Folders on the volumes of the data, of the keys and of the journal, as this machine sees them, and the room in MB under
# which nothing is written any more, or the administrator is warned.
FREE_SPACE_DIRS = [Path(name) for name in env.list("FREE_SPACE_DIRS", default=[str(VAR_DIR)])]
FREE_SPACE_FLOOR_MB: int = env.int("FREE_SPACE_FLOOR_MB", default=512 if IS_PRODUCTION else 16)
FREE_SPACE_WARN_MB: int = env.int("FREE_SPACE_WARN_MB", default=5_120 if IS_PRODUCTION else 160)
# How many different files one agent may open one by one in ten minutes before having to wait (T-44).
READ_CAP: int = env.int("READ_CAP", default=60)

AUTH_USER_MODEL = "partners.Agent"
ANONYMOUS_USER_NAME = None  # guardian would make an account
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its backend decides nothing here
AUTHENTICATION_BACKENDS = ["casework.partners.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "casework.partners.passwords.StrengthValidator"},
]
LOGIN_URL = "partners:sign_in"
OTP_TOTP_ISSUER = "Casework"

SESSION_ENGINE = "casework.partners.session_store"
SESSION_COOKIE_NAME = "session" if not IS_PRODUCTION else "__Host-session"
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
CSRF_COOKIE_NAME = "csrftoken" if not IS_PRODUCTION else "__Host-csrftoken"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "casework.desk.views.csrf_failure"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=IS_PRODUCTION)
SECURE_HSTS_SECONDS = 31_536_000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer makes browsers send an empty Origin: every form refused
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if IS_PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Uploads stay in memory: a temporary file would hold clear text.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

LANGUAGE_CODE = "fr"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
if not IS_PRODUCTION:
    STATIC_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
# The demo serves files from the code, without collectstatic.
WHITENOISE_USE_FINDERS = IS_DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default="django.core.mail.backends.smtp.EmailBackend"
    if IS_PRODUCTION
    else "django.core.mail.backends.locmem.EmailBackend",
)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ne-pas-repondre@casework.example")
BASE_URL: str = env.str("BASE_URL", default="http://localhost:8000")
# Faults are shown in Administration, never mailed: a trace could hold a name.
ADMINS: list[tuple[str, str]] = []
MANAGERS: list[tuple[str, str]] = []
DEFAULT_EXCEPTION_REPORTER = "casework.desk.traces.SilentReporter"
# Addresses of the proxies in front of us: the only ones whose X-Forwarded-For is believed.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
# Copies: who alone can open them (public keys, in files), and where they go. Two persons, two folders.
BACKUP_RECIPIENT = Path(env.str("BACKUP_RECIPIENT", default=str(VAR_DIR / "backup-data.pem")))
KEYSTORE_RECIPIENT = Path(env.str("KEYSTORE_RECIPIENT", default=str(VAR_DIR / "backup-keys.pem")))
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backup" / "data")))
KEYSTORE_BACKUP_DIR = Path(env.str("KEYSTORE_BACKUP_DIR", default=str(VAR_DIR / "backup" / "keys")))
# Written by restore_check when a restore was proved; its date is checked.
RESTORE_PROOF = Path(env.str("RESTORE_PROOF", default=str(VAR_DIR / "restore-proof")))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"allow_list": {"()": "casework.desk.logs.AllowListFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "allow_list"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
