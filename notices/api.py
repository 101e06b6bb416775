"""The demo's mailbox: what went out by mail, shown on a page. Exists in demo mode, for the demo admin."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staff.models import User
from staff.policy import abilities
from staff.scope import scope_of


class MailRowSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    to = serializers.CharField()
    subject = serializers.CharField()
    at = serializers.DateTimeField()


class MailsSerializer(serializers.Serializer[Any]):
    results = MailRowSerializer(many=True)


class MailSerializer(MailRowSerializer):
    text = serializers.CharField()
    html = serializers.CharField(allow_blank=True)


def _check(request: Request) -> None:
    user = request.user
    if (
        not isinstance(user, User)
        or not abilities(scope=scope_of(user), staff=user.is_staff, demo=settings.DEMO)["mailbox"]
    ):
        raise Http404


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as stream:
        message = BytesParser(policy=policy.default).parse(stream)
    assert isinstance(message, EmailMessage)
    return message


def _sent_at(message: EmailMessage) -> datetime:
    """A header that ends in -0000 is in UTC too, but comes without a zone, which would pass for local time."""
    moment = parsedate_to_datetime(str(message["Date"]))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _row(name: str, message: EmailMessage) -> dict[str, Any]:
    return {
        "id": name,
        "to": str(message["To"]),
        "subject": str(message["Subject"]).strip(),
        "at": _sent_at(message),
    }


def _html(message: EmailMessage) -> str:
    """The HTML part with its picture inside, so that it shows in a frame that may load nothing."""
    part = message.get_body(("html",))
    html = str(part.get_content()) if part is not None else ""
    for image in message.walk():
        if image.get_content_type() == "image/png" and (cid := image.get("Content-ID")):
            data = base64.b64encode(image.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{cid.strip('<>')}", f"data:image/png;base64,{data}")
    return html


class MailboxView(APIView):
    @extend_schema(operation_id="mailbox_list", responses=MailsSerializer)
    def get(self, request: Request) -> Response:
        """The last 200 mails written to files, newest first."""
        _check(request)
        files = sorted(settings.MAIL_DIR.glob("*.eml"), key=lambda p: p.stat().st_mtime, reverse=True)[:200]
        return Response({"results": [_row(path.stem, _parse(path)) for path in files]})


class MailView(APIView):
    @extend_schema(operation_id="mailbox_read", responses=MailSerializer)
    def get(self, request: Request, name: str) -> Response:
        """One mail: its plain text and its HTML."""
        _check(request)
        path = settings.MAIL_DIR / f"{Path(name).name}.eml"
        if not path.is_file():
            raise Http404
        message = _parse(path)
        text = message.get_body(("plain",))
        words = str(text.get_content()) if text is not None else ""
        return Response({**_row(name, message), "text": words, "html": _html(message)})
