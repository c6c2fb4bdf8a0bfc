"""Django settings. Everything an installation may change comes from the environment."""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from claimwright.web.database import APPLICATION_ROLE, OWNER_ROLE, secret_key, server_for

env = environ.Env()

HOME = Path(env.str("CLAIMWRIGHT_HOME", "var")).resolve()
DEBUG = env.bool("CLAIMWRIGHT_DEBUG", False)
SECRET_KEY = env.str("CLAIMWRIGHT_SECRET_KEY", "") or secret_key(HOME)
ALLOWED_HOSTS = env.list("CLAIMWRIGHT_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CLAIMWRIGHT_ORIGINS", default=[])

EMBEDDED = not env.str("DATABASE_URL", "")
DATABASE_NAME = env.str("CLAIMWRIGHT_DATABASE", "claimwright")
if EMBEDDED:
    _server = server_for(HOME / "postgres")
    DATABASES = {
        "default": _server.settings(APPLICATION_ROLE, DATABASE_NAME),
        "owner": _server.settings(OWNER_ROLE, DATABASE_NAME),
    }
else:
    DATABASES = {"default": env.db("DATABASE_URL"), "owner": env.db("DATABASE_OWNER_URL", env.str("DATABASE_URL", ""))}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *(
        f"claimwright.web.{app}"
        for app in (
            "core", "exchange", "accounts", "practice", "contracts", "patients", "authorizations", "eligibility", "charges", "submissions",
            "followup", "denials", "payments", "bank", "cashier", "recoveries", "arrangements", "statements", "takeover",
            "close", "reports", "clients", "operations", "portal", "workbench", "api",
        )
    ),
]  # fmt: skip

PROXIES = env.int("CLAIMWRIGHT_PROXIES", 0)  # of ours, between us and the caller: only then are their headers believed
METRICS_TOKEN = env.str("CLAIMWRIGHT_METRICS_TOKEN", "")
MIDDLEWARE = [
    *(["claimwright.web.core.request_log.BehindProxies"] if PROXIES else []),
    "claimwright.web.core.request_log.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "claimwright.web.api.door.ApiDoor",
    "claimwright.web.core.middleware.NoNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "claimwright.web.workbench.upload_limits.UploadLimits",
    "claimwright.web.core.middleware.TenantMiddleware",
    "claimwright.web.workbench.doorkeeper.Doorkeeper",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "claimwright.web.core.own_words.OwnWordsValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "credential", "new_password", "again", "mark"]
AXES_LOCKOUT_CALLABLE = "claimwright.web.workbench.session.locked_out"
AXES_ENABLE_ADMIN = False  # its rows know no tenant: names and addresses of all

ROOT_URLCONF = "claimwright.web.urls"
WSGI_APPLICATION = "claimwright.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # Its csrf_token gives each form a key too, with which it has one effect however often it is sent.
            "builtins": ["claimwright.web.workbench.templatetags.form_keys"],
        },
    }
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

SESSION_COOKIE_AGE = 12 * 60 * 60  # at most, however much is done: core/sessions.py
SESSION_IDLE_SECONDS = 15 * 60
DEMONSTRATION = (HOME / "demonstration").exists()  # made by `claimwright demo`, whose passwords are printed
# "off" is for a demonstration, never for an office: every page says so, and `claimwright check` fails.
SECOND_FACTOR = env.str("CLAIMWRIGHT_SECOND_FACTOR", "off" if DEMONSTRATION else "required")
if SECOND_FACTOR not in ("required", "off"):
    raise ImproperlyConfigured("CLAIMWRIGHT_SECOND_FACTOR is either required or off")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = env.bool("CLAIMWRIGHT_HTTPS", False)
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_SSL_REDIRECT = SECURE_COOKIES
# Asked on this machine, without TLS; and programs, which the door of the API refuses instead: one that is led on sends
# its token in the clear each time, and nobody notices.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("CLAIMWRIGHT_HSTS_SUBDOMAINS", False)
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True  # served straight from the package: nothing to collect, so no STATIC_ROOT
WHITENOISE_AUTOREFRESH = DEBUG
SILENCED_SYSTEM_CHECKS = ["axes.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
VIRUS_SCAN = env.str("CLAIMWRIGHT_VIRUS_SCAN", "")  # package.module.function: takes bytes, gives what it found or ""
WEBHOOK_PRIVATE_HOSTS = env.list(
    "CLAIMWRIGHT_WEBHOOK_PRIVATE_HOSTS", default=[]
)  # names inside that may be told of events
PUBLIC_URL = env.str("CLAIMWRIGHT_PUBLIC_URL", "").rstrip("/")  # where patients reach their statements; blank: nowhere
_mail = env.email_url("CLAIMWRIGHT_MAIL", default="dummymail://")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("CLAIMWRIGHT_MAIL_FROM", "billing@localhost")
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "claimwright.web.core.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django's own handlers would print addresses and the words of faults: its records go the same way as ours.
    "loggers": {
        "claimwright": {"level": env.str("CLAIMWRIGHT_LOG_LEVEL", "WARNING").upper()},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
