"""天地图 behind our own address: tiles are kept, its failures stay small, and its key never leaves."""

from __future__ import annotations

import contextlib
import http.server
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from grid import tianditu
from grid.tianditu import prune_kept_tiles
from workers.schedule import SCHEDULE
from workers.tasks.map import prune_base_map

PNG, JPEG = b"\x89PNG\r\n\x1a\n picture", b"\xff\xd8\xff picture"
KEY = "s3cret-key-of-the-site"


class Tianditu:
    """Stands in for the service on the loopback address: answers as told, and writes down what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status, self.content, self.wait, self.headers = 200, PNG, 0.0, {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                time.sleep(outer.wait)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(outer.content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service(settings, own_places) -> Iterator[Tianditu]:
    service = Tianditu()
    settings.BASE_MAP = "tianditu"
    settings.TIANDITU_KEY = KEY
    settings.TIANDITU_URL = f"http://127.0.0.1:{service.server.server_port}/t{{s}}"
    yield service
    service.server.shutdown()
    service.server.server_close()


TILE = "basemap/tiles/14/13562/7165"


class TestTianditu:
    def test_it_is_two_layers_through_our_own_address(self, browser, operator, service):
        told = browser(operator).get("basemap/").json()
        assert told == {
            "kind": "raster",
            "url": "http://testserver/api/v1/basemap/tiles/{z}/{x}/{y}",
            "labels_url": "http://testserver/api/v1/basemap/labels/{z}/{x}/{y}",
            "attribution": "天地图",
            "min_zoom": 1,
            "max_zoom": 18,
        }
        assert service.asked == []

    @pytest.mark.parametrize(("path", "layer"), [("tiles", "vec"), ("labels", "cva")])
    def test_a_tile_is_asked_for_as_wmts(self, browser, operator, service, path, layer):
        answer = browser(operator).get(f"basemap/{path}/14/13562/7165")
        assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", PNG)
        (asked,) = service.asked
        parts = urlsplit(asked)
        assert parts.path == f"/t{(13562 + 7165) % 8}/{layer}_w/wmts"
        assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
            "SERVICE": "WMTS",
            "REQUEST": "GetTile",
            "VERSION": "1.0.0",
            "LAYER": layer,
            "STYLE": "default",
            "TILEMATRIXSET": "w",
            "FORMAT": "tiles",
            "TILEMATRIX": "14",
            "TILEROW": "7165",
            "TILECOL": "13562",
            "tk": KEY,
        }

    def test_a_tile_is_fetched_once(self, browser, operator, worker, service, own_places):
        for user in (operator, worker):
            assert browser(user).get(TILE).content == PNG
        assert len(service.asked) == 1
        (kept,) = [path for path in (own_places / "basemap").rglob("*") if path.is_file()]
        assert kept.read_bytes() == PNG

    def test_after_thirty_days_it_is_fetched_again(self, browser, operator, service, own_places):
        phone = browser(operator)
        phone.get(TILE)
        kept = own_places / "basemap/tiles/14/13562/7165"
        service.content = JPEG
        for days, content in ((29, PNG), (31, JPEG)):
            then = time.time() - days * 86_400
            os.utime(kept, (then, then))
            assert phone.get(TILE).content == content

    @pytest.mark.parametrize(
        "path", ["0/0/0", "19/0/0", "3/8/0", "3/0/8", "3/-1/0", "http:/x/y/z", "3/0/0?url=http://x"]
    )
    def test_nothing_but_tiles_is_fetched(self, browser, operator, service, path):
        answer = browser(operator).get(f"basemap/tiles/{path}")
        assert answer.status_code == (200 if "?" in path else 404)
        assert all("/vec_w/wmts?" in asked and "url" not in asked for asked in service.asked)

    def test_where_it_has_no_tile_there_is_no_content_and_nobody_asks_again(self, browser, operator, service):
        service.status = 404
        for _ in range(2):
            assert browser(operator).get(TILE).status_code == 204
        assert len(service.asked) == 1
        service.status = 200
        assert browser(operator).get("basemap/tiles/5/0/0").status_code == 200


class TestFailure:
    @pytest.mark.parametrize("status", [403, 418, 429, 500, 503])
    def test_a_refusal_is_ours_to_explain(self, browser, operator, service, status):
        service.status, service.content = status, b'{"msg": "wrong key ' + KEY.encode() + b'"}'
        answer = browser(operator).get(TILE)
        assert (answer.status_code, answer.json()["code"]) == (502, "base_map_failed")
        assert KEY not in answer.content.decode()

    @pytest.mark.parametrize("content", [b"", b"<html>", b'{"code": 301}', PNG + bytes(2 * 1024 * 1024)])
    def test_what_is_no_picture_is_not_passed_on_and_not_kept(self, browser, operator, service, own_places, content):
        service.content = content
        assert browser(operator).get(TILE).status_code == 502
        assert not (own_places / "basemap").exists()

    def test_a_redirect_is_not_followed(self, browser, operator, service):
        """The key would go with it."""
        service.status, service.headers = 302, {"Location": "/elsewhere"}
        assert browser(operator).get(TILE).status_code == 502
        assert len(service.asked) == 1

    def test_silence_ends_after_the_timeout(self, browser, operator, service, monkeypatch):
        monkeypatch.setattr(tianditu, "TIMEOUT", 0.3)
        service.wait = 3
        start = time.monotonic()
        answer = browser(operator).get(TILE)
        assert (answer.status_code, answer.json()["code"]) == (504, "base_map_timeout")
        assert time.monotonic() - start < 2

    def test_nobody_there(self, browser, operator, service, settings):
        settings.TIANDITU_URL = "http://127.0.0.1:1"
        assert browser(operator).get(TILE).status_code == 504

    def test_after_a_failure_it_is_left_alone_for_a_while(self, browser, operator, service):
        """Else every tile of every map would hold a thread until its timeout."""
        service.status = 500
        phone = browser(operator)
        for x in range(5):
            assert phone.get(f"basemap/tiles/5/{x}/0").status_code == 502
        assert len(service.asked) == 1
        service.status = 200
        cache.delete(tianditu._PAUSED)
        assert phone.get(TILE).status_code == 200

    def test_an_old_tile_is_better_than_none(self, browser, operator, service, own_places):
        phone = browser(operator)
        phone.get(TILE)
        then = time.time() - 40 * 86_400
        os.utime(own_places / "basemap/tiles/14/13562/7165", (then, then))
        service.status = 500
        assert phone.get(TILE).content == PNG

    def test_a_full_disk_costs_the_cache_and_not_the_map(self, browser, operator, service, own_places):
        (own_places / "basemap").write_text("in the way")
        assert browser(operator).get(TILE).content == PNG

    def test_only_two_are_fetched_at_once(self, browser, operator, service, monkeypatch):
        busy = threading.BoundedSemaphore(1)
        busy.acquire()
        monkeypatch.setattr(tianditu, "_slots", busy)
        answer = browser(operator).get(TILE)
        assert (answer.status_code, answer.json()["code"]) == (503, "base_map_busy")
        assert service.asked == []

    def test_the_key_is_in_no_answer_and_no_log(self, browser, operator, service, settings, caplog):
        phone = browser(operator)
        told = []
        with caplog.at_level(logging.DEBUG):
            for service.status in (200, 500, 302):
                cache.delete(tianditu._PAUSED)
                answer = phone.get(f"basemap/tiles/9/{service.status}/1")
                told += [answer.content.decode("latin1"), str(answer.headers)]
            cache.delete(tianditu._PAUSED)
            settings.TIANDITU_URL = "http://127.0.0.1:1"
            phone.get("basemap/tiles/9/1/1")
            told.append(str(phone.get("basemap/").content))
        assert caplog.messages
        assert not [text for text in [*told, *caplog.messages, caplog.text] if KEY in text]


class TestPruning:
    def tile(self, folder: Path, name: str, *, days: float, size: int) -> Path:
        path = folder / "basemap/tiles/5" / name / "0"
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
        os.utime(path, (time.time() - days * 86_400,) * 2)
        return path

    def test_the_oldest_go_beyond_the_size(self, own_places):
        old, new = (self.tile(own_places, name, days=days, size=600) for name, days in (("1", 2), ("2", 1)))
        assert prune_kept_tiles(now=time.time(), most_bytes=1000) == 1
        assert (old.exists(), new.exists()) == (False, True)
        assert prune_kept_tiles(now=time.time(), most_bytes=1000) == 0

    def test_what_is_far_too_old_goes(self, own_places):
        old, kept = (self.tile(own_places, name, days=days, size=1) for name, days in (("1", 61), ("2", 40)))
        assert prune_kept_tiles(now=time.time()) == 1
        assert (old.exists(), kept.exists()) == (False, True)

    def test_without_a_folder_there_is_nothing_to_do(self, own_places):
        prune_base_map()
        assert [row for row in SCHEDULE.values() if row["task"] == prune_base_map.name]


def test_no_page_may_call_a_foreign_host(browser, operator, service):
    """The policy that browsers hold pages to stays our own address, whatever the base map."""
    policy = browser(operator).get("basemap/")["Content-Security-Policy"]
    assert "tianditu" not in policy
    assert "http" not in policy
