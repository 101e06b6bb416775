"""Mail without a mail server: every message becomes a file, readable by any mail program."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileBackend(BaseEmailBackend):
    """Writes settings.MAIL_DIR/<Message-ID>.eml whole or not at all; the same message again replaces itself."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.MAIL_DIR
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            raw = message.message()
            name = re.sub(r"[^A-Za-z0-9.-]", "", str(raw["Message-ID"]).split("@")[0])
            draft = folder / f".{name}.{os.getpid()}"
            draft.write_bytes(raw.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            draft.chmod(0o600)
            draft.rename(folder / f"{name}.eml")
        return len(email_messages)
