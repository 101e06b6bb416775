"""Mail: sent once, tried again after a failure, whole in its file."""

from __future__ import annotations

import email
import os
import smtplib
import stat
import time
from datetime import timedelta
from email import policy

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as InMemory

from notices.models import Message
from notices.selectors import messages_due
from notices.services import BACKOFF, Letter, deliver_message, queue_letter
from tests.database import at_once


@pytest.fixture
def message(operator, clock) -> Message:
    letter = Letter(
        key="letter:1", subject="周报 W47", text="正文\n.\n一行", html="<p>正文</p><img src='cid:chart'>", image=PNG
    )
    queue_letter(recipient=operator, letter=letter, now=clock.moment)
    return Message.objects.get()


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)


class Refusing(InMemory):
    """A server that says no."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")


class Slow(InMemory):
    """A server that takes its time to say yes."""

    def send_messages(self, messages):
        time.sleep(0.3)
        return super().send_messages(messages)


@pytest.fixture
def files(own_places, settings):
    settings.EMAIL_BACKEND = "notices.backends.FileBackend"
    return settings.MAIL_DIR


class TestQueue:
    def test_a_letter_is_queued_once_for_its_key(self, operator, clock):
        letter = Letter(key="letter:1", subject="a", text="b", html="")
        assert queue_letter(recipient=operator, letter=letter, now=clock.moment) is True
        clock.to("2026-11-25 10:05")
        assert queue_letter(recipient=operator, letter=letter, now=clock.moment) is False
        assert Message.objects.count() == 1

    def test_due_are_the_unsent_whose_time_has_come_oldest_first(self, operator, clock):
        for number in range(3):
            letter = Letter(key=f"letter:{number}", subject="a", text="b", html="")
            queue_letter(recipient=operator, letter=letter, now=clock.moment - timedelta(minutes=number))
        later = Message.objects.get(key="letter:2")
        Message.objects.filter(pk=later.pk).update(next_try_at=clock.moment + timedelta(seconds=1))
        assert [m.key for m in messages_due(now=clock.moment)] == ["letter:1", "letter:0"]


class TestSending:
    def test_sent_it_is_marked_and_never_sent_again(self, message):
        assert deliver_message(message_id=message.pk) is True
        assert deliver_message(message_id=message.pk) is False
        message.refresh_from_db()
        assert message.sent_at is not None
        assert message.tries == 1
        assert len(mail.outbox) == 1

    def test_it_carries_text_html_and_the_picture(self, message, operator):
        deliver_message(message_id=message.pk)
        sent = mail.outbox[0]
        assert (sent.to, sent.subject) == ([operator.email], "周报 W47")
        raw = email.message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        assert raw.get_body(("plain",)).get_content().startswith("正文")
        assert "cid:chart" in raw.get_body(("html",)).get_content()
        picture = next(part for part in raw.walk() if part.get_content_type() == "image/png")
        assert (picture["Content-ID"], picture.get_payload(decode=True)) == ("<chart>", PNG)

    def test_the_message_id_is_the_same_on_every_try(self, message, settings):
        ids = set()
        for _ in range(2):
            Message.objects.filter(pk=message.pk).update(sent_at=None)
            deliver_message(message_id=message.pk)
        ids = {sent.message()["Message-ID"] for sent in mail.outbox}
        assert len(mail.outbox) == 2
        assert len(ids) == 1

    def test_an_unknown_message_is_no_error(self, message):
        assert deliver_message(message_id=message.pk + 1) is False

    @pytest.mark.django_db(transaction=True)
    def test_two_senders_at_once_send_one_mail(self, message, monkeypatch):
        monkeypatch.setattr("notices.services.get_connection", Slow)
        results = at_once(*[lambda: deliver_message(message_id=message.pk)] * 4)
        assert sorted(results) == [False, False, False, True]
        assert len(mail.outbox) == 1

    @pytest.mark.django_db(transaction=True)
    def test_different_mails_are_sent_side_by_side(self, operator, clock):
        for number in range(4):
            letter = Letter(key=f"letter:{number}", subject="a", text="b", html="")
            queue_letter(recipient=operator, letter=letter, now=clock.moment)
        pks = list(Message.objects.values_list("pk", flat=True))
        assert at_once(*[lambda pk=pk: deliver_message(message_id=pk) for pk in pks]) == [True] * 4
        assert len(mail.outbox) == 4


class TestFailing:
    @pytest.fixture
    def refused(self, monkeypatch):
        monkeypatch.setattr("notices.services.get_connection", Refusing)
        yield
        monkeypatch.undo()

    def test_a_failure_is_noted_without_address_or_words(self, message, refused):
        assert deliver_message(message_id=message.pk) is False
        message.refresh_from_db()
        assert (message.sent_at, message.tries, message.last_error) == (None, 1, "SMTPServerDisconnected")

    def test_the_waits_between_tries_grow(self, message, refused, clock):
        waits = []
        for _ in range(len(BACKOFF) + 2):
            deliver_message(message_id=message.pk)
            message.refresh_from_db()
            waits.append((message.next_try_at - clock.moment) / timedelta(minutes=1))
        assert waits == [*BACKOFF, BACKOFF[-1], BACKOFF[-1]]

    def test_until_then_it_is_left_alone_and_afterwards_it_arrives(self, message, monkeypatch, clock):
        with monkeypatch.context() as broken:
            broken.setattr("notices.services.get_connection", Refusing)
            deliver_message(message_id=message.pk)
        assert list(messages_due(now=clock.moment)) == []
        clock.to("2026-11-25 10:01")
        assert list(messages_due(now=clock.moment)) == [message]
        assert deliver_message(message_id=message.pk) is True
        message.refresh_from_db()
        assert (message.tries, message.last_error) == (2, "")

    @pytest.mark.django_db(transaction=True)
    def test_a_failed_sender_leaves_no_lock_behind(self, message, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr("notices.services.get_connection", Refusing)
            at_once(lambda: deliver_message(message_id=message.pk))
        assert at_once(lambda: deliver_message(message_id=message.pk)) == [True]


class TestFiles:
    def test_each_mail_is_one_valid_file_for_its_owner_only(self, files, message, operator):
        deliver_message(message_id=message.pk)
        (path,) = files.iterdir()
        assert path.suffix == ".eml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(os.stat(files).st_mode) == 0o700
        with path.open("rb") as stream:
            read = email.message_from_binary_file(stream, policy=policy.default)
        assert not read.defects
        assert (read["To"], read["Subject"]) == (operator.email, "周报 W47")
        assert read.get_body(("plain",)).get_content().splitlines() == ["正文", ".", "一行"]

    def test_the_same_mail_again_replaces_itself(self, files, message):
        for _ in range(2):
            Message.objects.filter(pk=message.pk).update(sent_at=None)
            deliver_message(message_id=message.pk)
        assert len(list(files.iterdir())) == 1


class TestMailbox:
    @pytest.fixture
    def box(self, files, message, settings, browser, admin):
        deliver_message(message_id=message.pk)
        settings.DEMO = True
        return browser(admin)

    def test_the_demo_admin_reads_what_went_out(self, box, operator):
        (row,) = box.get("mailbox/").json()["results"]
        assert (row["to"], row["subject"]) == (operator.email, "周报 W47")
        read = box.get(f"mailbox/{row['id']}/").json()
        assert read["text"].startswith("正文")
        assert "data:image/png;base64," in read["html"], "the picture is inside: the frame may load nothing"

    @pytest.mark.parametrize("name", ["worker", "operator", "head", "leader", "auditor", "outsider"])
    def test_nobody_else_does(self, box, browser, cast, name):
        assert browser(getattr(cast, name)).get("mailbox/").status_code == 404

    def test_outside_the_demo_there_is_no_mailbox(self, box, settings):
        settings.DEMO = False
        assert box.get("mailbox/").status_code == 404

    @pytest.mark.parametrize("name", ["nothing", "..", "../demo", "%2e%2e%2fdemo", "wangge-1.eml"])
    def test_no_other_file_can_be_read(self, box, settings, name):
        settings.DEMO_FILE.write_text("secret", encoding="utf-8")
        answer = box.get(f"mailbox/{name}/")
        assert answer.status_code == 404
        assert b"secret" not in answer.content
