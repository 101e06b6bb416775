"""The live process: /sse/ only. Everything else is the web process' work."""

import os

# Before the settings are read: a pooled connection would be held by every open stream.
os.environ["DB_POOL"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("WANGGE_PROCESS", "live")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
