"""What happens to a file after it was sent: a thumbnail is made, and clamd has a look where the site has one."""

from __future__ import annotations

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from PIL import Image

from cases.models import CaseFile
from cases.services.files import files_to_scan, make_thumbnail, scan_file, thumbnails_to_make
from cases.services.files.scan import waiting_files
from cases.services.files.thumbnails import bare_photos
from tests.database import at_once
from tests.uploads import body_of, jpeg, pdf, recording, send
from workers.tasks import files as tasks

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def case(stories):
    return stories.report()


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


class TestThumbnails:
    def test_none_at_first_then_one_of_480_pixels(self, phone, case):
        row = send(phone, case, jpeg((1600, 1200))).json()
        assert row["thumbnail_url"] is None
        assert phone.client.get(f"{row['url']}thumbnail/").status_code == 404
        assert make_thumbnail(file_id=row["id"]) is True
        (shown,) = phone.get(f"cases/{case.pk}/").json()["files"]
        assert shown == {**row, "thumbnail_url": f"{row['url']}thumbnail/"}
        with Image.open(io.BytesIO(body_of(phone.client.get(shown["thumbnail_url"])))) as picture:
            assert (picture.format, picture.size) == ("JPEG", (480, 360))

    def test_twice_makes_one(self, stories, case):
        file = stories.photo(case)
        assert [make_thumbnail(file_id=file.pk) for _ in range(2)] == [True, False]
        folder = Path(CaseFile.objects.get().thumbnail.path).parent
        assert len(list(folder.iterdir())) == 2

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_make_one(self, stories):
        file = stories.photo(stories.report())
        made = at_once(*[lambda: make_thumbnail(file_id=file.pk)] * 2)
        assert sorted(made) == [False, True]

    def test_what_a_killed_run_left_is_found_again(self, stories, case):
        file = stories.photo(case)
        assert thumbnails_to_make() == [file.pk]
        assert thumbnails_to_make() == [], "handed out a moment ago"
        cache.clear()
        assert thumbnails_to_make() == [file.pk], "and still bare"
        make_thumbnail(file_id=file.pk)
        cache.clear()
        assert thumbnails_to_make() == []

    def test_only_photos_have_one(self, phone, case):
        send(phone, case, recording("phone.mp4"))
        send(phone, case, pdf())
        assert thumbnails_to_make() == []
        assert not any(make_thumbnail(file_id=pk) for pk in CaseFile.objects.values_list("pk", flat=True))

    def test_a_photo_that_is_gone_from_the_disk_stays_bare_and_breaks_nothing(self, stories, case):
        file = stories.photo(case)
        Path(file.file.path).unlink()
        assert make_thumbnail(file_id=file.pk) is False
        assert make_thumbnail(file_id=999_999) is False

    def test_the_clock_hands_each_file_to_a_task_of_its_own(self, stories, case, monkeypatch):
        handed = []
        monkeypatch.setattr(tasks.thumbnail, "delay", lambda pk: handed.append(pk) or tasks.thumbnail(pk))
        photos = [stories.photo(case).pk for _ in range(2)]
        tasks.prepare()
        tasks.prepare()
        assert handed == photos
        assert not CaseFile.objects.filter(thumbnail="").exists()


@pytest.mark.parametrize(
    ("left_to_do", "index"), [(bare_photos, "case_file_bare"), (waiting_files, "case_file_to_scan")]
)
def test_looking_for_work_reads_what_is_left_and_not_every_file(db, left_to_do, index):
    with connection.cursor() as cursor:
        # So few rows are read whole otherwise.
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in left_to_do().order_by("pk").values_list("pk", flat=True)[:10].explain()


class Clamd(socketserver.StreamRequestHandler):
    """Speaks clamd's INSTREAM: chunks with their length before them, a zero at the end, one answer."""

    def handle(self) -> None:
        command = self.rfile.read(len(b"zINSTREAM\0"))
        assert command == b"zINSTREAM\0"
        body, most = b"", self.server.most
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            body += self.rfile.read(size)
            if len(body) > most:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(body)
        self.wfile.write(self.server.answer(body) + b"\0")


def verdict(body: bytes) -> bytes:
    return b"stream: Win.Test.EICAR_HDB-1 FOUND" if EICAR in body else b"stream: OK"


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, settings, tmp_path) -> Iterator[socketserver.BaseServer]:
    yield from serve(request.param, settings, tmp_path)


@pytest.fixture
def scanner(settings, tmp_path) -> Iterator[socketserver.BaseServer]:
    yield from serve("tcp", settings, tmp_path)


def serve(kind: str, settings, folder: Path) -> Iterator[socketserver.BaseServer]:
    if kind == "tcp":
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
    else:
        settings.CLAMD = str(folder / "c")
        server = socketserver.ThreadingUnixStreamServer(settings.CLAMD, Clamd)
    server.answer, server.seen, server.most = verdict, [], 10**9
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def infected_pdf() -> bytes:
    return pdf(add_metadata=({"/Keywords": EICAR.decode()},)) + b"\n%" + EICAR


def state(row: dict) -> str:
    return CaseFile.objects.values_list("check_state", flat=True).get(pk=row["id"])


class TestScan:
    def test_without_a_scanner_a_file_is_simply_not_scanned(self, phone, case):
        row = send(phone, case, pdf()).json()
        assert row["check_state"] == "none"
        assert files_to_scan() == []
        assert phone.client.get(row["url"]).status_code == 200

    def test_a_document_waits_and_is_then_clean(self, phone, case, clamd):
        row = send(phone, case, pdf()).json()
        assert row["check_state"] == "waiting"
        held = phone.client.get(row["url"])
        assert (held.status_code, held.json()["code"]) == (409, "being_scanned")
        assert files_to_scan() == [row["id"]]
        assert scan_file(file_id=row["id"]) is True
        assert clamd.seen == [pdf()], "every byte, once"
        (shown,) = phone.get(f"cases/{case.pk}/").json()["files"]
        assert shown["check_state"] == "clean"
        assert body_of(phone.client.get(row["url"])) == pdf()

    def test_a_photo_is_shown_while_it_waits(self, phone, case, scanner):
        """Its bytes were written here."""
        row = send(phone, case, jpeg()).json()
        assert row["check_state"] == "waiting"
        assert phone.client.get(row["url"]).status_code == 200

    def test_what_is_infected_is_moved_away_said_and_never_given_out(self, phone, browser, case, head, clamd, settings):
        row = send(phone, case, infected_pdf()).json()
        path = Path(CaseFile.objects.get().file.path)
        assert scan_file(file_id=row["id"]) is True
        for who in (phone, browser(head)):
            answer = who.client.get(row["url"])
            assert (answer.status_code, answer.json()["code"]) == (410, "infected")
        (shown,) = phone.get(f"cases/{case.pk}/").json()["files"]
        assert (shown["check_state"], shown["thumbnail_url"]) == ("infected", None)
        assert not path.exists()
        file = CaseFile.objects.get()
        assert Path(file.file.path).parent == Path(settings.MEDIA_ROOT) / "quarantine"
        assert file.file.read() == infected_pdf(), "kept as evidence"

    def test_the_thumbnail_of_an_infected_photo_goes_and_does_not_come_back(self, phone, case, scanner):
        row = send(phone, case, jpeg()).json()
        make_thumbnail(file_id=row["id"])
        small = Path(CaseFile.objects.get().thumbnail.path)
        scanner.answer = lambda body: b"stream: Bad FOUND"
        scan_file(file_id=row["id"])
        assert not small.exists()
        assert thumbnails_to_make() == []
        assert make_thumbnail(file_id=row["id"]) is False
        assert phone.client.get(f"{row['url']}thumbnail/").status_code == 410

    def test_a_dead_scanner_is_asked_again_and_nothing_becomes_clean_by_itself(self, phone, case, scanner, settings):
        row, alive = send(phone, case, pdf()).json(), settings.CLAMD
        settings.CLAMD = "127.0.0.1:1"
        assert scan_file(file_id=row["id"]) is False
        assert state(row) == "waiting"
        settings.CLAMD = alive
        assert scan_file(file_id=row["id"]) is True
        assert state(row) == "clean"

    @pytest.mark.parametrize(
        "answer",
        [b"", b"OK", b"stream: OK FOUND?", b"INSTREAM size limit exceeded. ERROR", b"stream: Access denied. ERROR"],
    )
    def test_whatever_is_no_verdict_leaves_it_waiting(self, phone, case, scanner, answer):
        scanner.answer = lambda body: answer
        row = send(phone, case, pdf()).json()
        assert scan_file(file_id=row["id"]) is False
        assert state(row) == "waiting"

    def test_a_scanner_that_stops_listening_leaves_it_waiting(self, phone, case, scanner):
        scanner.most = 10
        row = send(phone, case, pdf()).json()
        assert scan_file(file_id=row["id"]) is False
        assert state(row) == "waiting"

    def test_twice_is_once(self, phone, case, scanner):
        row = send(phone, case, infected_pdf()).json()
        assert [scan_file(file_id=row["id"]) for _ in range(2)] == [True, False]
        assert len(scanner.seen) == 1

    def test_killed_between_the_move_and_the_word_it_is_still_infected(self, phone, case, scanner, monkeypatch):
        row = send(phone, case, infected_pdf()).json()
        with monkeypatch.context() as patch:
            patch.setattr(CaseFile, "save", killed)
            with pytest.raises(KeyboardInterrupt):
                scan_file(file_id=row["id"])
        assert state(row) == "waiting"
        assert not Path(CaseFile.objects.get().file.path).exists()
        scanner.answer = lambda body: b"stream: OK"
        assert scan_file(file_id=row["id"]) is True
        assert state(row) == "infected"

    def test_a_site_that_gives_the_scan_up_has_files_that_are_not_scanned(self, phone, case, scanner, settings):
        row = send(phone, case, pdf()).json()
        settings.CLAMD = ""
        assert scan_file(file_id=row["id"]) is True
        assert state(row) == "none"

    def test_the_clock_hands_each_file_to_a_task_of_its_own(self, phone, case, scanner, monkeypatch):
        handed = []
        monkeypatch.setattr(tasks.scan, "delay", lambda pk: handed.append(pk) or tasks.scan(pk))
        row = send(phone, case, pdf()).json()
        tasks.prepare()
        assert handed == [row["id"]]
        assert state(row) == "clean"


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
