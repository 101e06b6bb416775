"""Photos: taken in only as pictures, without what the phone tells, and shown only past the case's own door."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from cases.models import Case, CaseEvent, CaseFile
from cases.services.evidence import verify_chain
from cases.services.files import add_file, make_thumbnail
from staff.models import User
from tests.database import at_once

ID = "44444444-4444-4444-8444-444444444444"
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **save) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, (40, 120, 90))
    image.putpixel((0, 0), (255, 0, 0))
    image.save(out, kind, **save)
    return out.getvalue()


def phone_photo() -> bytes:
    """A JPEG as a phone makes it: with position, maker, and turned."""
    exif = Image.Exif()
    exif[MAKE] = "SecretPhone"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (23.0, 40.0, 48.0), 3: "E", 4: (116.0, 42.0, 0.0)})
    return picture(exif=exif, comment=b"SecretComment")


@pytest.fixture
def case(stories) -> Case:
    return stories.report()


@pytest.fixture
def upload(browser, worker, case):
    def send(data: bytes, *, name: str = "IMG.jpg", client_id: str = ID, by: User = worker, **more):
        body = {"file": SimpleUploadedFile(name, data), "client_id": client_id, **more}
        return browser(by).client.post(f"/api/v1/cases/{case.pk}/files/", body)

    return send


class TestTakingIn:
    def test_a_photo_is_kept_with_its_caption_and_put_on_record(self, upload, case, worker):
        answer = upload(picture(), caption="东侧")
        assert answer.status_code == 201
        row = answer.json()
        assert (row["content_type"], row["width"], row["height"], row["caption"]) == ("image/jpeg", 640, 480, "东侧")
        assert row["by"] == {"id": worker.pk, "name": "阿珍"}
        event = CaseEvent.objects.get(case=case, act="attach")
        sent = hashlib.sha256(picture()).hexdigest()
        assert event.data == {"file": row["id"], "sha256": row["sha256"], "sent_sha256": sent}
        kept = CaseFile.objects.get().file.read()
        assert hashlib.sha256(kept).hexdigest() == row["sha256"] != sent
        case.refresh_from_db()
        assert list(verify_chain(case=case)) == []
        assert case.version == 1, "a photo is no reason for others to look again before they act"

    def test_the_case_page_shows_it(self, upload, browser, worker, case):
        row = upload(picture()).json()
        assert browser(worker).get(f"cases/{case.pk}/").json()["files"] == [row]

    @pytest.mark.parametrize(("kind", "content_type"), [("PNG", "image/png"), ("WEBP", "image/webp")])
    def test_png_and_webp_are_welcome(self, upload, kind, content_type):
        answer = upload(picture(kind), name=f"x.{kind.lower()}")
        assert (answer.status_code, answer.json()["content_type"]) == (201, content_type)

    def test_a_transparent_png_is_welcome(self, upload):
        out = io.BytesIO()
        Image.new("RGBA", (20, 20), (1, 2, 3, 0)).save(out, "PNG")
        assert upload(out.getvalue()).status_code == 201

    def test_position_and_device_are_removed_and_the_picture_stands_upright(self, upload, browser, worker):
        sent = phone_photo()
        assert b"SecretPhone" in sent
        row = upload(sent).json()
        assert (row["width"], row["height"]) == (480, 640), "turned as the phone said"
        make_thumbnail(file_id=row["id"])
        for url in (row["url"], f"{row['url']}thumbnail/"):
            kept = b"".join(browser(worker).client.get(url).streaming_content)
            assert b"Secret" not in kept
            assert not Image.open(io.BytesIO(kept)).getexif()

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_position_is_removed_from_other_formats_too(self, upload, browser, worker, kind):
        exif = Image.Exif()
        exif[MAKE] = "SecretPhone"
        row = upload(picture(kind, exif=exif)).json()
        kept = b"".join(browser(worker).client.get(row["url"]).streaming_content)
        assert b"SecretPhone" not in kept

    def test_the_bytes_are_readable_by_the_program_alone(self, upload):
        make_thumbnail(file_id=upload(picture()).json()["id"])
        file = CaseFile.objects.get()
        for path in (Path(file.file.path), Path(file.thumbnail.path)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_the_name_the_phone_gave_goes_nowhere(self, upload):
        upload(picture(), name="../../etc/阿珍家门口.jpg")
        file = CaseFile.objects.get()
        assert Path(file.file.name).name == f"{file.sha256}.jpg"


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


class TestRefusing:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"just words", "unknown_kind"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_kind"),
            (b"<html><script>alert(1)</script></html>", "unknown_kind"),
            (b"%PDF-1.4", "not_a_document"),
            (picture()[:200], "not_a_picture"),
            (picture("GIF"), "unknown_kind"),
            (picture("BMP"), "unknown_kind"),
            (bomb(), "too_large"),
        ],
        ids=["text", "svg", "html", "pdf", "half a jpeg", "gif", "bmp", "bomb"],
    )
    def test_what_is_no_photo_is_refused_whatever_its_name(self, upload, data, code):
        answer = upload(data, name="photo.jpg")
        assert answer.status_code == 400
        assert answer.json()["field"] == "file"
        assert answer.json()["code"] == code
        assert CaseFile.objects.count() == 0

    def test_more_than_ten_megabytes_is_refused(self, upload):
        answer = upload(picture() + b"\0" * (10 * 1024 * 1024))
        assert (answer.status_code, answer.json()["code"]) == (400, "too_large")
        assert "10" in answer.json()["message"]

    def test_just_under_ten_megabytes_is_taken(self, upload):
        data = picture()
        assert upload(data + b"\0" * (10 * 1024 * 1024 - len(data))).status_code == 201

    @pytest.mark.parametrize("missing", ["file", "client_id"])
    def test_what_is_missing_is_named(self, browser, worker, case, missing):
        body = {"file": SimpleUploadedFile("x.jpg", picture()), "client_id": ID}
        del body[missing]
        answer = browser(worker).client.post(f"/api/v1/cases/{case.pk}/files/", body)
        assert (answer.status_code, answer.json()["field"]) == (400, missing)

    def test_an_empty_file_is_refused(self, upload):
        assert upload(b"").json()["field"] == "file"

    def test_a_case_that_has_ended_takes_no_photo_of_somebody_who_did_nothing_on_it(self, upload, stories, cast, case):
        stories.act(case, "reject")
        answer = upload(picture(), by=cast.officer)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")

    def test_the_photos_of_a_report_may_arrive_after_its_end(self, upload, stories, case):
        """Words go first over a weak net; the center may have refused it before the photo is through."""
        stories.act(case, "reject")
        assert upload(picture()).status_code == 201

    def test_what_was_solved_on_the_spot_is_shown_before_and_after(self, browser, worker, stories):
        case = stories.report(self_handled=True)
        assert case.state == "closed"
        body = {"file": SimpleUploadedFile("x.jpg", picture()), "client_id": ID, "moment": "after"}
        assert browser(worker).client.post(f"/api/v1/cases/{case.pk}/files/", body).status_code == 201

    def test_the_photo_of_a_feedback_may_arrive_after_the_case_was_closed(self, upload, stories, cast, case):
        stories.walk(case, "accept assign acknowledge feedback verify close")
        assert upload(picture(), by=cast.handler).status_code == 201

    @pytest.mark.parametrize("name", ["leader", "auditor"])
    def test_who_only_reads_adds_none(self, upload, cast, name):
        answer = upload(picture(), by=getattr(cast, name))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert CaseFile.objects.count() == 0

    def test_json_is_not_a_way_to_send_a_photo(self, browser, worker, case):
        assert browser(worker).post(f"cases/{case.pk}/files/", {"client_id": ID}).status_code == 415


class TestAgain:
    def test_the_same_upload_again_is_the_same_file(self, upload):
        first, again = upload(picture()), upload(picture())
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert CaseEvent.objects.filter(act="attach").count() == 1

    def test_after_the_case_ended_a_retry_is_still_answered(self, upload, stories, case):
        upload(picture())
        stories.act(case, "reject")
        assert upload(picture()).status_code == 200

    def test_the_id_of_another_case_or_person_is_refused(self, upload, browser, stories, cast):
        upload(picture())
        assert upload(picture(), by=cast.officer).json()["code"] == "client_id_conflict"
        other = stories.report()
        body = {"file": SimpleUploadedFile("x.jpg", picture()), "client_id": ID}
        answer = browser(cast.worker).client.post(f"/api/v1/cases/{other.pk}/files/", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_become_one(self, stories, worker):
        case = stories.report()
        client_id = stories.client_id()

        def send():
            person = User.objects.get(pk=worker.pk)
            return add_file(case_id=case.pk, by=person, client_id=client_id, upload=io.BytesIO(picture()))

        results = at_once(send, send)
        assert sorted(new for _, new in results) == [False, True]
        assert CaseFile.objects.count() == 1
        case.refresh_from_db()
        assert list(verify_chain(case=case)) == []


class TestShowing:
    @pytest.fixture
    def row(self, upload):
        sent = upload(picture(size=(1600, 1200))).json()
        make_thumbnail(file_id=sent["id"])
        return {**sent, "thumbnail_url": f"{sent['url']}thumbnail/"}

    def test_the_photo_and_its_thumbnail_are_private_and_typed(self, row, browser, worker):
        for url, content_type, width in ((row["url"], "image/jpeg", 1600), (row["thumbnail_url"], "image/jpeg", 480)):
            answer = browser(worker).client.get(url)
            assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
            assert answer["Cache-Control"].startswith("private")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).width == width

    @pytest.mark.parametrize("which", ["url", "thumbnail_url"])
    def test_an_outsider_finds_nothing_and_a_stranger_must_sign_in(self, row, browser, cast, which):
        assert browser(cast.outsider).client.get(row[which]).status_code == 404
        assert browser(cast.admin).client.get(row[which]).status_code == 404
        assert Client().get(row[which]).status_code == 401

    def test_no_static_address_leads_to_the_bytes(self, row, browser, worker):
        file = CaseFile.objects.get()
        for root in ("/media/", "/static/", "/"):
            answer = browser(worker).client.get(f"{root}{file.file.name}")
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert not body.startswith(b"\xff\xd8")
