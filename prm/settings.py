"""All settings, read from the environment: no file is read or written and nothing is started.

Production sets what docs/operations.md lists. For a newcomer make, `manage.py` and the tests write the
environment of the embedded servers first (prm/local/environment.py).
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

import kombu
from psycopg.conninfo import conninfo_to_dict

from prm import env

BASE_DIR = Path(__file__).resolve().parent.parent
# Where a newcomer's data lies: servers, uploads, static files, local secret key.
LOCAL_DIR = Path(env.text("PRM_HOME") or BASE_DIR) / ".local"

DEBUG = env.boolean("DEBUG", False)
# Which servers are a newcomer's, started by prm.local: "database", "broker".
EMBEDDED = frozenset(env.words("PRM_EMBEDDED"))
DATABASE_URL = env.required("DATABASE_URL")
# Runs migrations and owns the tables; without it DATABASE_URL's role does both (docs/operations.md).
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL")
# Broker and cache; a socket's is written redis+socket:///path.
REDIS_URL = env.required("REDIS_URL")
SECRET_KEY = env.required("SECRET_KEY")
# Fernet keys of encrypted columns, newest first; all are tried for reading. See prm/core/fields.py.
FIELD_KEYS_DERIVED = not env.words("FIELD_KEYS")
FIELD_KEYS = env.words("FIELD_KEYS") or [
    base64.urlsafe_b64encode(hashlib.sha256(b"prm.field-keys:" + SECRET_KEY.encode()).digest()).decode()
]

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Where people reach the product, for links in messages and commands; of pages, the request says it.
SITE_URL = env.text("SITE_URL").rstrip("/")
# What a command writes before a path when nobody said where.
COMMAND_URL = SITE_URL or (f"http://localhost:{env.text('PORT', '8000')}" if EMBEDDED else "")
# From these X-Forwarded-For is believed (prm/accounts/signin/addresses.py).
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
# Set behind a proxy that terminates TLS: cookies become secure, plain HTTP is redirected.
HTTPS = env.boolean("HTTPS", False)

INSTALLED_APPS = [
    "prm.tenancy",
    "prm.accounts",
    "prm.ui",
    "prm.company",
    "prm.ownfields",
    "prm.digest",
    "partners",
    "orders",
    "activities",
    "activities.campaigns",
    "activities.lists",
    "prm.salesforce",
    "prm.search",
    "prm.audit",
    "prm.operations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_linear_migrations",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "prm.api.middleware.HealthMiddleware",
    # Before sessions, and before names of machines are looked at: links stand under tenants' own names.
    "activities.campaigns.counting.door.LinkMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "prm.api.middleware.PrivateMiddleware",
    # After whitenoise: static files lie compressed on the disk.
    "prm.ui.shell.middleware.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "prm.accounts.middleware.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "prm.accounts.profile.middleware.SessionMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prm.ui.shell.middleware.FragmentMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "prm.accounts.middleware.TenantMiddleware",
    "prm.api.limits.RateLimitMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "prm.urls"
WSGI_APPLICATION = "prm.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["prm.ui.shell.loaders.FileLoader", "prm.ui.shell.loaders.AppLoader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "prm.accounts.context.people",
                "prm.ui.shell.context.ui",
                "prm.search.context.search",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    return {
        "ENGINE": "prm.tenancy.backend",
        # Each view runs in a savepoint inside the tenant's transaction: an error page can still
        # read the database after the view's own work was rolled back.
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", 60, minimum=0),
        "CONN_HEALTH_CHECKS": True,
        # Behind a pooler in transaction mode neither may rely on the session.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        **_connection(DATABASE_URL),
        "OWNER": _connection(DATABASE_OWNER_URL or DATABASE_URL),
    }


def _connection(url: str) -> dict[str, Any]:
    """Django's keys of a libpq URL; everything else of it goes into OPTIONS."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    keys = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}  # nosec B105 # a name, no password
    named = {django: str(parts.pop(libpq)) for libpq, django in keys.items() if libpq in parts}
    return named | ({"OPTIONS": parts} if parts else {})


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # Celery and the client library name a socket differently.
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=", 1),
    }
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "prm.accounts.signin.backend.AddressBackend",
]
# Whether our domain's subdomains speak HTTPS, and whether browsers shall ship its name, is its owner's decision; and an
# address may have an account in each organisation beside the proved one: prm/accounts/models.py, User.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "auth.W004"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "prm.accounts.signin.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGOUT_ON_GET = False
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_FORMS = {"reset_password": "prm.accounts.signin.forms.ResetForm"}  # nosec B105 # a name, no password
# Wrong passwords are django-axes' affair, by account and network. What stands here keeps load away.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/h/key",
    "reset_password": "60/m/ip,5/10m/key",  # nosec B105 # a name, no password
    "reset_password_from_key": "60/m/ip",  # nosec B105 # a name, no password
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",  # nosec B105 # a name, no password
    "manage_email": "10/m/user",
    "confirm_email": "1/m/key",
}
MFA_ADAPTER = "prm.accounts.signin.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "prm.accounts.signin.forms.CodeForm",
    "reauthenticate": "prm.accounts.signin.forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "PRM"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Who proves an address that somebody else's account has not proved gets it without that one's second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = bool(EMBEDDED)
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "prm.accounts.signin.lockout.tried_account"
AXES_CLIENT_IP_CALLABLE = "prm.accounts.signin.lockout.tried_from"
AXES_LOCKOUT_CALLABLE = "prm.accounts.signin.lockout.paused"
# Tries during a pause do not lengthen it; a right password ends the count, if it is the only account's.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = False
AXES_VERBOSE = False
# Sign-ins and failed tries are kept so long, to look into them (prm/operations/service.py).
SIGN_IN_LOG_DAYS = env.integer("SIGN_IN_LOG_DAYS", 90, minimum=1)
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = env.text("SESSION_COOKIE_NAME", "prm_session")
CSRF_FAILURE_VIEW = "prm.api.failures.csrf_failed"
CSRF_COOKIE_NAME = env.text("CSRF_COOKIE_NAME", "prm_csrf")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
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

# Messages
_MAIL = env.mail("EMAIL_URL", (LOCAL_DIR / "mail").as_uri() if "database" in EMBEDDED else "")
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL.backend}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.use_tls, _MAIL.use_ssl
EMAIL_FILE_PATH = _MAIL.folder
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = (
    env.required("EMAIL_FROM")
    if _MAIL.backend == "smtp"
    else (env.text("EMAIL_FROM") or "PRM <prm@localhost>")
)
# Whether messages go anywhere, whether they reach people, and whether a page may show what they say instead.
MAIL_IS_SET_UP = _MAIL.backend != "dummy"
MAIL_DELIVERS = _MAIL.backend == "smtp"
MAIL_IS_SHOWN = "database" in EMBEDDED and MAIL_IS_SET_UP and not MAIL_DELIVERS

# Words, time
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# What signing in and error pages call the product, and the parts of its menu in their order ("" first).
PRODUCT_NAME = "Partner portal"
NAVIGATION_SECTIONS = ("", "Decide", "Revenue data", "Salesforce", "Organisation")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or LOCAL_DIR / "static")
_INTER = BASE_DIR / "node_modules" / "@fontsource-variable" / "inter"
STATICFILES_DIRS = [BASE_DIR / "prm" / "static", *([("inter", _INTER)] if _INTER.is_dir() else [])]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or LOCAL_DIR / "uploads")
# The largest file an import page or API body takes, in bytes.
UPLOAD_LIMIT = env.integer("UPLOAD_LIMIT", 512 * 1024**2, minimum=1)
# What one tenant's uploads that wait (for a person's look, or their import) may take together: bytes, and files.
UPLOAD_QUOTA = env.integer("UPLOAD_QUOTA", 2 * 1024**3, minimum=1)
UPLOAD_QUOTA_FILES = env.integer("UPLOAD_QUOTA_FILES", 1_000, minimum=1)
# Days that files wait for somebody to decide about them, or to start a failed import again.
UPLOAD_DAYS = env.integer("UPLOAD_DAYS", 1, minimum=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024**2

# Background work
CELERY_BROKER_URL = REDIS_URL
# A request that wakes a worker waits a second at most for a broker that is away, five for one that hangs.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1.0, "socket_timeout": 5.0}
CELERY_TASK_IGNORE_RESULT = True
# One for each kind of work (prm/tenancy/work), and one for what the schedule sends. A worker without -Q takes all.
CELERY_TASK_QUEUES = [
    kombu.Queue(name, kombu.Exchange(name), routing_key=name)
    for name in ("interactive", "imports", "sync", "nightly", "schedule")
]
CELERY_TASK_DEFAULT_QUEUE = "schedule"
# How many large pieces of work of one kind (imports of large files, backlogs) run at once, on all workers together.
LARGE_AT_ONCE = env.integer("LARGE_AT_ONCE", 1, minimum=1)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(LOCAL_DIR / "beat-schedule")

# Lists and API
DJANGO_TABLES2_TEMPLATE = "components/table.html"
# Calls in a minute: of one key or member, and of all of one tenant; 0 sets no limit. See prm/api/limits.py.
API_CALLS_PER_CALLER = env.integer("API_CALLS_PER_CALLER", 600, minimum=0)
API_CALLS_PER_TENANT = env.integer("API_CALLS_PER_TENANT", 3_000, minimum=0)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["prm.api.callers.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["prm.api.callers.IsCaller"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["prm.api.parsing.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["prm.api.filters.FilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "prm.api.pagination.PageNumber",
    "DEFAULT_SCHEMA_CLASS": "prm.api.operations.OurSchema",
    "EXCEPTION_HANDLER": "prm.api.errors.problem_details",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PRM API",
    "DESCRIPTION": "Partners, orders and activities of one tenant. Errors are problem details (RFC 9457).",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # The schema is made inside a tenant; `check --deploy` has none.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

# Audit
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = False
PGTRIGGER_MIGRATIONS = True

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "prm": {"level": env.text("LOG_LEVEL", "INFO")},
        "axes": {"level": "WARNING"},
    },
}

# What may be called outside of the public internet, and which ports there (prm/core/outgoing).
OUTGOING_ALLOWED = env.subnets("OUTGOING_ALLOWED")
OUTGOING_PORTS = env.ports("OUTGOING_PORTS", (443,))

# Salesforce: the sandbox org, and any org at http://, are accepted at loopback addresses only.
SALESFORCE_API_VERSION = env.text("SALESFORCE_API_VERSION", "v66.0")
# Demo tenants have a known password: only with the embedded database or this explicit flag.
DEMO_ALLOWED = "database" in EMBEDDED or env.boolean("PRM_DEMO", False)
