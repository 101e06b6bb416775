"""What a person's browser or phone sends."""

from __future__ import annotations

import functools
from typing import Any

from django.test import Client

from staff.models import User


class Browser:
    """JSON requests below /api/v1/ with a person's session, in their language."""

    def __init__(self, user: User | None, **headers: str) -> None:
        self.client = Client(headers={"accept-language": "zh-Hans", **headers})
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        content = {"content_type": "application/json", "data": body if body is not None else {}}
        return getattr(self.client, method)(f"/api/v1/{path}", **content, **more)

    post = functools.partialmethod(send, "post")
    put = functools.partialmethod(send, "put")
    patch = functools.partialmethod(send, "patch")
    delete = functools.partialmethod(send, "delete")
