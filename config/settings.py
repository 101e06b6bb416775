"""All settings, in one file. What a site may change comes from the environment (config/env.py)."""

import os
from pathlib import Path
from typing import Any, Final

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env

# Lets `ModelAdmin[Area]` and its like be written at run time.
django_stubs_ext.monkeypatch()

# Before pypinyin is imported: the readings of whole phrases cost each process 45 MB, and our names read the same.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

BASE_DIR: Final = Path(__file__).resolve().parent.parent
VAR_DIR: Final = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=False)
TLS = env.flag("TLS", default=True)
SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters.")
FIELD_KEY = env.text("FIELD_KEY")
if len(FIELD_KEY) < 32:
    raise ImproperlyConfigured("FIELD_KEY must have at least 32 characters.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1" if DEBUG else None)
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leaflet",
    "csp",
    "config.apps.ConfigConfig",
    "grid",
    "staff",
    "cases",
    "notices",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.pages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.pages.demo_mark",
            ],
        },
    },
]

# A kept connection per request thread; a new one per request costs four times as much (docs/adr/0011).
# The live process turns the pool off: held connections under ASGI once ran the database out of them.
_pool: dict[str, Any] = (
    {"pool": {"min_size": 1, "max_size": env.number("DB_POOL_MAX", 8), "timeout": 10}}
    if env.flag("DB_POOL", default=True)
    else {}
)
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "HOST": env.text("DB_HOST"),
        "PORT": env.text("DB_PORT", "5432"),
        "NAME": env.text("DB_NAME", "wangge"),
        "USER": env.text("DB_USER", "wangge"),
        "PASSWORD": env.text("DB_PASSWORD", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"application_name": "wangge", **_pool},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis_socket = env.text("REDIS_SOCKET", "")
_redis_db = env.number("REDIS_DB", 0)
_redis_url = env.text("REDIS_URL", "") if not _redis_socket else f"unix://{_redis_socket}?db={_redis_db}"
if not _redis_url:
    raise ImproperlyConfigured("Set REDIS_SOCKET or REDIS_URL.")
REDIS_URL: Final = _redis_url
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "wangge_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True

CELERY_BROKER_URL = f"redis+socket://{_redis_socket}?virtual_host={_redis_db}" if _redis_socket else REDIS_URL

AUTH_USER_MODEL = "staff.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = ["staff.sign_in.PausingBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIGN_IN_TRIES = 10
"""Failed sign-ins per user name and address before a pause."""
SIGN_IN_PAUSE = 300
"""Length of that pause, in seconds."""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [("app", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else []
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_MAX_MB = {
    "photo": env.number("PHOTO_MAX_MB", 10),
    "document": env.number("DOCUMENT_MAX_MB", 20),
    "audio": env.number("AUDIO_MAX_MB", 10),
    "video": env.number("VIDEO_MAX_MB", 50),
}
"""Largest file of each kind taken in; nginx lets 52 MB through (deploy/nginx/site.conf)."""
FILE_MAX_SECONDS = {"audio": env.number("AUDIO_MAX_SECONDS", 300), "video": env.number("VIDEO_MAX_SECONDS", 60)}
"""Longest recording, where its length can be read."""
FILES_BY_NGINX = env.flag("FILES_BY_NGINX", default=False)
"""nginx hands files out after the permission check here (X-Accel-Redirect to its internal place /protected/)."""
CLAMD = env.text("CLAMD_SOCKET", "") or env.text("CLAMD_HOST", "")
"""Path of the socket or host:port of clamd; empty: files are not scanned."""
if CLAMD and not CLAMD.startswith("/") and not CLAMD.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured("CLAMD_SOCKET must be a path, CLAMD_HOST a host:port.")

PATROL_POINTS_DAYS = env.number("PATROL_POINTS_DAYS", 90)
"""Points of patrols are deleted after so many days; what was visited stays."""
HOPS_AT_MOST = env.number("HOPS_AT_MOST", 3)
"""After so many hand-overs the head of the center names the unit that answers first."""
EXPORT_DAYS = env.number("EXPORT_DAYS", 7)
"""A list that was taken out as a file is removed after so many days."""
CAMERA_STALE_MINUTES = env.number("CAMERA_STALE_MINUTES", 60)
"""A camera that has not reported for so long counts as offline."""

EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "notices.backends.FileBackend"
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "wangge@localhost")
MAIL_DIR = VAR_DIR / "mail"
DEMO_FILE = VAR_DIR / "demo.json"

SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
CSRF_FAILURE_VIEW = "config.api.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("http") else []
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The nonce appears only in answers that use it: the admin's maps, whose widget starts itself by inline script.
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        # What was just recorded is heard before it is sent.
        "media-src": [SELF, "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    # Debian 12 carries GDAL 3.6. The warning is about coordinate systems taken from users' files: none ever reaches
    # GDAL here, whoever imports names the system from a fixed list.
    "gis.W001",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wangge API",
    "DESCRIPTION": "Grid-based social governance case management. Errors: see the schema `Error`.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.add_error_answers",
    ],
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "cases.api.serializers.STAGES",
        "StateEnum": "cases.api.serializers.STATES",
        "ActEnum": "cases.api.serializers.ACTS",
        "FileKindEnum": "cases.api.serializers.FILE_KINDS",
        "PartyKindEnum": "cases.api.party_shapes.KINDS",
        "PartySideEnum": "cases.api.party_shapes.SIDES",
        "LookPurposeEnum": "cases.api.party_shapes.PURPOSES",
        "LevelEnum": "grid.models.Area.Level",
        "CaseLevelEnum": "cases.api.serializers.LEVELS",
        "SupervisionEnum": "cases.api.serializers.SUPERVISIONS",
        "AskedEnum": "cases.api.serializers.ASKED",
        "RoutingRoleEnum": "cases.api.routing.ROLES",
        "WatchedKindEnum": "notices.watch.MACHINE_KINDS",
        "AreaKindEnum": "grid.models.Area.Kind",
        "WaterKindEnum": "grid.models.WaterBody.Kind",
        "ChangeKindEnum": "grid.models.BoundaryChange.Kind",
        "ImportKindEnum": "grid.models.ImportJob.Kind",
        "PatrolAreaKindEnum": "grid.models.PatrolArea.Kind",
        "OrganisationKindEnum": "staff.models.Organisation.Kind",
        "RoleEnum": "staff.models.Post.Role",
    },
}

LEAFLET_CONFIG: dict[str, Any] = {
    # No tiles: django-leaflet's own default calls a foreign host.
    "TILES": [],
    "DEFAULT_CENTER": (23.68, 116.70),
    "DEFAULT_ZOOM": 12,
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
}

BASE_MAP = env.text("BASE_MAP", "none")
BASE_MAP_FILE = env.text("BASE_MAP_FILE", "" if BASE_MAP != "pmtiles" else None)
BASE_MAP_ATTRIBUTION = env.text("BASE_MAP_ATTRIBUTION", "")
TIANDITU_KEY = env.text("TIANDITU_KEY", "" if BASE_MAP != "tianditu" else None)
TIANDITU_URL = env.text("TIANDITU_URL", "https://t{s}.tianditu.gov.cn")
if BASE_MAP not in {"none", "pmtiles", "tianditu"}:
    raise ImproperlyConfigured("BASE_MAP must be none, pmtiles or tianditu.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery": {"level": "INFO"},
        # Steps of making a PDF are nobody's news.
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
