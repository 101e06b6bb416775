"""What is taken in beside photos: told by content, opened, measured, and cleaned of what it tells."""

from __future__ import annotations

import io
import struct
import wave
from datetime import UTC, datetime

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from cases.models import CaseEvent, CaseFile
from cases.services.files.intake import take_in
from tests.town import IN_A
from tests.uploads import body_of, jpeg, pdf, recording, send

GPS, EXIF = 0x8825, 0x8769


@pytest.fixture
def case(stories):
    return stories.report()


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


@pytest.fixture
def kept(phone, case):
    """Sends the bytes, and gives the row and what is stored."""

    def send_and_read(data: bytes, **more):
        answer = send(phone, case, data, **more)
        assert answer.status_code == 201, answer.json()
        return answer.json(), CaseFile.objects.get().file.read()

    return send_and_read


def wav(seconds: float = 1.0, *, told: bytes = b"") -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(int(8000 * seconds)))
    return out.getvalue() + (b"LIST" + struct.pack("<I", len(told)) + told if told else b"")


def amr(seconds: float = 1.0) -> bytes:
    """Frames of 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * int(seconds * 50)


def with_xyz(film: bytes) -> bytes:
    """As phones write their position: in the user data of the film, whose head is its last box."""
    at = film.rindex(b"moov") - 4
    place = b"+23.6800+116.7000/"
    xyz = struct.pack(">I4sHH", 12 + len(place), b"\xa9xyz", len(place), 0x15C7) + place
    told = struct.pack(">I4s", 8 + len(xyz), b"udta") + xyz
    size = struct.unpack_from(">I", film, at)[0]
    assert at + size == len(film)
    return film[:at] + struct.pack(">I", size + len(told)) + film[at + 4 :] + told


class TestRecordings:
    @pytest.mark.parametrize(
        ("name", "kind", "content_type", "seconds"),
        [
            ("phone.mp4", "video", "video/mp4", 1.0),
            ("phone.mov", "video", "video/quicktime", 1.0),
            ("fragments.mp4", "video", "video/mp4", 3.0),
            ("film.webm", "video", "video/webm", 1.0),
            ("note.weba", "audio", "audio/webm", 2.0),
            ("note.opus", "audio", "audio/ogg", 2.0),
            ("note.ogg", "audio", "audio/ogg", 2.0),
            ("note.m4a", "audio", "audio/mp4", 2.0),
            ("note.aac", "audio", "audio/aac", 2.0),
            ("note.mp3", "audio", "audio/mpeg", 2.0),
            # As the browser of a phone records them: piece by piece, without a length in the head.
            ("recorder.weba", "audio", "audio/webm", 2.1),
            ("recorder.m4a", "audio", "audio/mp4", 2.1),
        ],
    )
    def test_it_is_told_by_its_content_and_measured(self, kept, name, kind, content_type, seconds):
        row, _ = kept(recording(name), name="photo.jpg")
        assert (row["kind"], row["content_type"]) == (kind, content_type)
        assert row["seconds"] == pytest.approx(seconds, abs=0.3)
        assert (row["width"], row["height"]) == ((64, 48) if kind == "video" else (None, None))
        assert row["thumbnail_url"] is None
        assert row["name"] == ""

    @pytest.mark.parametrize(
        ("data", "content_type", "seconds"),
        [(wav(1.5), "audio/wav", 1.5), (amr(), "audio/amr", 1.0)],
        ids=["wav", "amr"],
    )
    def test_so_are_the_simple_ones(self, kept, data, content_type, seconds):
        row, _ = kept(data, name="x.bin")
        assert (row["kind"], row["content_type"], row["seconds"]) == ("audio", content_type, seconds)

    @pytest.mark.parametrize(
        ("name", "same_length"),
        [("phone.mp4", True), ("phone.mov", True), ("film.webm", True), ("note.m4a", True), ("note.mp3", False)],
    )
    def test_what_the_phone_wrote_beside_is_taken_away(self, phone, kept, name, same_length):
        sent = recording(name)
        assert b"Secret" in sent
        row, stored = kept(sent)
        given = body_of(phone.client.get(row["url"]))
        assert given == stored
        assert b"Secret" not in given
        assert (len(given) == len(sent)) is same_length

    @pytest.mark.parametrize(
        ("data", "written"),
        [
            (recording("phone.mp4"), b"loci"),
            (recording("phone.mov"), b"+23.6800+116.7000/"),
            (with_xyz(recording("phone.mp4")), b"\xa9xyz\0\x12\x15\xc7+23.6800+116.7000/"),
        ],
        ids=["loci", "QuickTime keys", "xyz"],
    )
    def test_the_position_in_a_video_reaches_no_reader(self, phone, kept, data, written):
        assert written in data
        row, _ = kept(data)
        given = body_of(phone.client.get(row["url"]))
        assert written not in given
        assert b"+23.68" not in given
        assert row["taken_metres_away"] is None

    def test_a_track_of_words_beside_the_picture_is_emptied(self, kept):
        """As drones write their position, second by second."""
        sent = recording("drone.mp4")
        assert b"SecretTrack 23.6800 116.7000" in sent
        row, stored = kept(sent)
        assert (row["kind"], len(stored)) == ("video", len(sent))
        assert b"SecretTrack" not in stored
        assert b"23.68" not in stored

    def test_a_cleaned_video_still_says_how_long_it_is(self, kept):
        """Cleaned twice it is the same: nothing inside was moved."""
        row, stored = kept(recording("phone.mp4"))
        again, _ = take_in(io.BytesIO(stored))
        assert (again.seconds, again.data) == (row["seconds"], stored)

    def test_what_a_recorder_wrote_into_a_wav_is_left_out(self, kept):
        _, stored = kept(wav(told=b"INFOSecret"))
        assert stored == wav()

    @pytest.mark.parametrize("name", ["phone.mp4", "phone.mov", "film.webm", "note.opus", "note.aac", "note.mp3"])
    def test_half_of_one_is_refused_or_cut_clean_never_an_error(self, phone, case, name):
        sent = recording(name)
        answer = send(phone, case, sent[: len(sent) // 2 + 7])
        assert answer.status_code in (201, 400)
        if answer.status_code == 400:
            assert answer.json()["field"] == "file"

    @pytest.mark.parametrize(
        "data",
        [
            b"\x00\x00\x00\x18ftypmp42" + bytes(12),
            b"\x1a\x45\xdf\xa3" + b"\x84\x42\x82\x81x" * 3,
            b"OggS" + bytes(60),
            b"RIFF\x24\x00\x00\x00WAVEfmt ",
            b"#!AMR\n\xff\xff",
            b"\xff\xfb\x90\x00" + b"<script>alert(1)</script>" * 30,
            b"ID3\x04\x00\x00\x00\x00\x00\x00<html>",
            b"#!AMR\n",
        ],
        ids=["empty mp4", "matroska", "ogg", "wav", "amr", "mp3 with a script", "tag alone", "no frames"],
    )
    def test_what_only_begins_like_one_is_refused(self, phone, case, data):
        answer = send(phone, case, data)
        assert (answer.status_code, answer.json()["field"]) == (400, "file")
        assert CaseFile.objects.count() == 0

    @pytest.mark.parametrize(("data", "word"), [(wav(301), "300"), (amr(302), "300")], ids=["wav", "amr"])
    def test_a_long_note_is_refused_with_the_limit(self, phone, case, data, word):
        answer = send(phone, case, data)
        assert (answer.status_code, answer.json()["code"]) == (400, "too_long")
        assert word in answer.json()["message"]

    def test_a_long_video_is_refused_with_the_limit(self, phone, case, settings):
        settings.FILE_MAX_SECONDS = {"audio": 300, "video": 2}
        answer = send(phone, case, recording("fragments.mp4"))
        assert (answer.status_code, answer.json()["code"]) == (400, "too_long")

    @pytest.mark.parametrize(("name", "kind"), [("note.m4a", "audio"), ("phone.mp4", "video")])
    def test_each_kind_has_its_own_size(self, phone, case, settings, name, kind):
        settings.FILE_MAX_MB = {**settings.FILE_MAX_MB, kind: 0}
        assert send(phone, case, recording(name)).json()["code"] == "too_large"


class TestHeic:
    def test_it_is_kept_as_jpeg_which_every_browser_shows(self, kept):
        row, stored = kept(recording("phone.heic"), name="IMG_0001.HEIC")
        assert (row["content_type"], row["width"], row["height"]) == ("image/jpeg", 96, 64)
        with Image.open(io.BytesIO(stored)) as picture:
            assert picture.format == "JPEG"
            assert not picture.getexif()
            assert picture.getpixel((5, 30))[0] > 150, "its left is red"
        assert b"Secret" not in stored

    def test_its_position_and_time_are_read_first(self, kept):
        _row, _ = kept(recording("phone.heic"))
        file = CaseFile.objects.get()
        assert file.taken_at == datetime(2026, 9, 1, 1, 20, 30, tzinfo=UTC), "the phone said +09:00"
        assert file.taken_point.coords == pytest.approx((116.7, 23.68))

    def test_the_hash_of_what_was_sent_is_on_record_beside_that_of_what_is_kept(self, kept):
        row, _ = kept(recording("phone.heic"))
        data = CaseEvent.objects.get(act="attach").data
        assert data["sha256"] == row["sha256"] != data["sent_sha256"]


def photo_at(
    lat=(23.0, 40.0, 48.0), lon=(116.0, 42.0, 0.0), refs=("N", "E"), datum=None, taken=None, offset=None
) -> bytes:
    exif = Image.Exif()
    gps = {1: refs[0], 2: lat, 3: refs[1], 4: lon}
    exif.get_ifd(GPS).update({**gps, 18: datum} if datum else gps)
    inner = {0x9003: taken, 0x9011: offset}
    exif.get_ifd(EXIF).update({tag: value for tag, value in inner.items() if value})
    return jpeg(exif=exif)


class TestWhatTheCameraSays:
    def test_without_a_zone_it_is_the_time_here(self, kept):
        row, _ = kept(photo_at(taken="2026:09:01 10:20:30"))
        assert row["taken_at"] == "2026-09-01T02:20:30Z" or row["taken_at"].startswith("2026-09-01T10:20:30+08:00")

    @pytest.mark.parametrize(
        "taken", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "2099:01:01 00:00:00", "yesterday"]
    )
    def test_a_time_that_cannot_be_is_not_taken_over(self, kept, taken):
        row, _ = kept(photo_at(taken=taken))
        assert row["taken_at"] is None

    def test_south_and_west_are_negative(self, kept):
        kept(photo_at(refs=("S", "W")))
        assert CaseFile.objects.get().taken_point.coords == pytest.approx((-116.7, -23.68))

    @pytest.mark.parametrize(
        "place",
        [
            {"lat": (0.0, 0.0, 0.0), "lon": (0.0, 0.0, 0.0)},
            {"lat": (91.0, 0.0, 0.0)},
            {"lon": (181.0, 0.0, 0.0)},
            {"refs": ("X", "E")},
            {"datum": "TOKYO"},
        ],
        ids=["zeros", "beyond the pole", "around the world", "no side", "another datum"],
    )
    def test_a_position_that_cannot_be_is_not_taken_over(self, kept, place):
        kept(photo_at(**place))
        assert CaseFile.objects.get().taken_point is None

    def test_readers_learn_how_far_from_the_case_and_not_where(self, browser, head, stories, phone):
        case = stories.report(point=IN_A)
        north = abs(IN_A[1]) + 0.001
        lat, lon = (north, 0.0, 0.0), (abs(IN_A[0]), 0.0, 0.0)
        refs = ("N" if IN_A[1] >= 0 else "S", "E" if IN_A[0] >= 0 else "W")
        send(phone, case, photo_at(lat=lat, lon=lon, refs=refs))
        (row,) = browser(head).get(f"cases/{case.pk}/").json()["files"]
        assert row["taken_metres_away"] == 110, "a thousandth of a degree of latitude"
        assert "taken_point" not in row
        assert "lon" not in row

    def test_damaged_exif_data_are_no_reason_to_refuse(self, kept):
        data = photo_at(taken="2026:09:01 10:20:30")
        at = data.index(b"Exif\0\0") + 6
        row, _ = kept(data[: at + 8] + b"\xff" * 40 + data[at + 48 :])
        assert row["taken_at"] is None


def with_action(kind: str, **more: str) -> bytes:
    """A page whose opening does something."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    action = {NameObject("/S"): NameObject(kind)}
    action |= {NameObject(f"/{name}"): TextStringObject(value) for name, value in more.items()}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))
    writer.write(out)
    return out.getvalue()


class TestPdf:
    def test_it_is_kept_as_it_came_with_its_name(self, kept):
        row, stored = kept(pdf(), name="../调解\u202e协议.PDF")
        assert (row["kind"], row["content_type"], row["name"]) == ("document", "application/pdf", "调解协议.pdf")
        assert stored == pdf()
        assert row["sha256"] == CaseEvent.objects.get(act="attach").data["sent_sha256"]

    def test_a_link_is_harmless(self, kept):
        link = Link(rect=(0, 0, 9, 9), url="https://example.invalid/")
        kept(pdf(add_annotation=(0, link)))

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (pdf(encrypt=("geheim",)), "encrypted"),
            (pdf(add_attachment=("a.exe", b"MZ")), "active_content"),
            (with_action("/Launch", F="cmd.exe"), "active_content"),
            (with_action("/JavaScript", JS="app.alert(1)"), "active_content"),
            (with_action("/SubmitForm", F="http://x.invalid"), "active_content"),
            (pdf()[:150], "not_a_document"),
            (b"%PDF-1.7\n<script>alert(1)</script>", "not_a_document"),
        ],
        ids=["password", "attachment", "program", "opens with a script", "sends a form", "half", "html"],
    )
    def test_what_does_something_or_cannot_be_read_is_refused_and_says_why(self, phone, case, data, code):
        answer = send(phone, case, data, name="x.pdf")
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, "file")
        assert CaseFile.objects.count() == 0

    def test_it_is_no_before_or_after(self, phone, case, kept):
        row, _ = kept(pdf())
        assert phone.patch(f"files/{row['id']}/", {"moment": "after"}).json()["field"] == "moment"


TOLD = {"taken_at": "2026-11-25T02:00:00Z", "taken_lon": "118.005", "taken_lat": "22.005"}


class TestWhatThePhoneReadBefore:
    """A phone makes a photo small by drawing it anew, which says neither when nor where: it tells that beside it."""

    def test_it_is_kept_where_the_file_says_nothing(self, kept):
        row, _ = kept(jpeg(), **TOLD)
        file = CaseFile.objects.get()
        assert (file.taken_at, file.taken_point.coords) == (
            datetime(2026, 11, 25, 2, tzinfo=UTC),
            pytest.approx((118.005, 22.005)),
        )
        assert row["taken_metres_away"] == 0

    def test_what_the_file_says_counts_more(self, kept):
        kept(recording("phone.heic"), **TOLD)
        file = CaseFile.objects.get()
        assert file.taken_at == datetime(2026, 9, 1, 1, 20, 30, tzinfo=UTC)
        assert file.taken_point.coords == pytest.approx((116.7, 23.68))

    def test_half_a_place_is_none(self, kept):
        kept(jpeg(), taken_lon="118.005")
        assert CaseFile.objects.get().taken_point is None

    @pytest.mark.parametrize(("name", "value"), [("taken_lon", "181"), ("taken_lat", "nan"), ("taken_at", "gestern")])
    def test_nonsense_names_the_field(self, phone, case, name, value):
        answer = send(phone, case, jpeg(), **{**TOLD, name: value})
        assert (answer.status_code, answer.json()["field"]) == (400, name)
