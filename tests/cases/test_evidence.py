"""What happened stays on record: the database refuses every change, and what goes past it shows."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from cases.models import CaseEvent
from cases.services.evidence import event_hash, verify_chain
from cases.services.scan import mark_due


@pytest.fixture
def case(stories):
    return stories.case_in("closed")


@transaction.atomic
def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def past_the_triggers():
    """What somebody with the rights of the tables' owner could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_caseevent DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE cases_caseevent ENABLE TRIGGER USER")


def breaks(case) -> list[tuple[int, str]]:
    case.refresh_from_db()
    return [(found.seq, found.what) for found in verify_chain(case=case)]


class TestRefused:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE cases_caseevent SET text = 'x'",
            "UPDATE cases_caseevent SET text = text",
            "DELETE FROM cases_caseevent",
            "TRUNCATE cases_caseevent CASCADE",
        ],
    )
    def test_the_database_itself_refuses(self, case, statement):
        with pytest.raises(IntegrityError, match="append-only"):
            execute("SET CONSTRAINTS ALL IMMEDIATE", statement)
        assert CaseEvent.objects.filter(case=case).count() == 7

    def test_so_do_the_models(self, case):
        event = CaseEvent.objects.filter(case=case).first()
        event.text = "x"
        with pytest.raises(IntegrityError), transaction.atomic():
            event.save(update_fields=["text"])
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseEvent.objects.filter(pk=event.pk).delete()

    def test_no_two_events_have_the_same_place(self, case):
        event = CaseEvent.objects.filter(case=case).first()
        event.pk = None
        with pytest.raises(IntegrityError, match="case_event_seq"), transaction.atomic():
            event.save(force_insert=True)

    def test_a_case_with_events_cannot_be_deleted(self, case):
        with pytest.raises(IntegrityError):
            execute(f"DELETE FROM cases_case WHERE id = {case.pk}", "SET CONSTRAINTS ALL IMMEDIATE")


class TestTheChain:
    def test_it_holds_for_a_whole_life(self, stories, case):
        again = stories.case_in("suspended")
        stories.walk(again, "resume feedback comment")
        stories.act(again, "verify", passed=False, text="只处理了一半")
        stories.photo(again)
        for each in (case, again):
            assert breaks(each) == []

    def test_each_row_carries_the_hash_of_the_one_before(self, case):
        events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
        assert [e.seq for e in events] == list(range(1, 8))
        assert [e.prev_hash for e in events] == ["", *(e.hash for e in events[:-1])]
        assert (case.event_count, case.event_hash) == (7, events[-1].hash)

    def test_the_hash_is_a_sum_that_anybody_can_work_out_again(self, stories):
        case = stories.act(stories.report(), "comment", text="还在")
        event = CaseEvent.objects.get(case=case, seq=2)
        text = (
            f'{{"act":"comment","actor":{event.actor_id},"at":"2026-11-25T02:00:00.000000+00:00",'
            f'"case":"{case.client_id}","client_id":null,"data":{{}},"from":"reported",'
            f'"prev":"{event.prev_hash}","seq":2,"text":"还在","to":"reported"}}'
        )
        assert event.hash == hashlib.sha256(text.encode()).hexdigest()

    @pytest.mark.parametrize(
        ("change", "seq"),
        [
            ("text = '别的话'", 5),
            ("actor_id = NULL", 3),
            ("at = at + interval '1 microsecond'", 2),
            ("data = '{}'", 6),
            ("to_state = 'rejected'", 2),
            ("act = 'comment'", 4),
            ("client_id = gen_random_uuid()", 4),
            ("prev_hash = repeat('0', 64)", 4),
        ],
    )
    def test_an_edited_row_is_named(self, case, change, seq):
        with past_the_triggers() as cursor:
            cursor.execute(f"UPDATE cases_caseevent SET {change} WHERE case_id = %s AND seq = %s", [case.pk, seq])
        assert (seq, "edited") in breaks(case)

    def test_an_edited_row_with_its_hash_made_anew_breaks_the_next(self, case):
        event = CaseEvent.objects.get(case=case, seq=5)
        event.text = "别的话"
        with past_the_triggers() as cursor:
            told = [event.text, event_hash(case_client_id=case.client_id, event=event), event.pk]
            cursor.execute("UPDATE cases_caseevent SET text = %s, hash = %s WHERE id = %s", told)
        assert breaks(case) == [(6, "does not follow the row before")]

    def test_a_removed_row_is_named(self, case):
        with past_the_triggers() as cursor:
            cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s AND seq = 3", [case.pk])
        assert (3, "missing") in breaks(case)

    def test_the_first_row_removed_is_named(self, case):
        with past_the_triggers() as cursor:
            cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s AND seq = 1", [case.pk])
        assert (1, "missing") in breaks(case)

    def test_the_last_row_removed_is_named(self, case):
        with past_the_triggers() as cursor:
            cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s AND seq = 7", [case.pk])
        assert breaks(case) == [(7, "last row missing or added")]

    def test_all_rows_removed_is_named(self, case):
        with past_the_triggers() as cursor:
            cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s", [case.pk])
        assert breaks(case) == [(7, "last row missing or added")]

    def test_two_rows_exchanged_are_named(self, case):
        with past_the_triggers() as cursor:
            for old, new in ((3, 99), (4, 3), (99, 4)):
                cursor.execute(
                    "UPDATE cases_caseevent SET seq = %s WHERE case_id = %s AND seq = %s", [new, case.pk, old]
                )
        assert {seq for seq, _ in breaks(case)} >= {3, 4}

    def test_a_row_added_at_the_end_is_named(self, case):
        event = CaseEvent.objects.get(case=case, seq=7)
        event.pk, event.seq, event.prev_hash, event.client_id = None, 8, event.hash, None
        event.hash = event_hash(case_client_id=case.client_id, event=event)
        event.save(force_insert=True)
        assert breaks(case) == [(7, "last row missing or added")]

    def test_a_row_moved_to_another_case_is_named_in_both(self, stories, case):
        other = stories.case_in("accepted")
        with past_the_triggers() as cursor:
            cursor.execute(
                "UPDATE cases_caseevent SET case_id = %s, seq = 3 WHERE case_id = %s AND seq = 7", [other.pk, case.pk]
            )
        assert breaks(case)
        assert breaks(other)


class TestTheCommand:
    def run(self) -> tuple[str, str]:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("verify_chain", stdout=out, stderr=err)
        except CommandError as error:
            err.write(str(error))
        return out.getvalue(), err.getvalue()

    def test_it_says_that_every_chain_holds(self, stories, case):
        stories.report()
        assert self.run() == ("2 cases, every chain holds\n", "")

    def test_it_names_the_case_and_the_row_and_nothing_else(self, stories, case):
        stories.report()
        with past_the_triggers() as cursor:
            cursor.execute("UPDATE cases_caseevent SET text = 'x' WHERE case_id = %s AND seq = 5", [case.pk])
        out, err = self.run()
        assert out == ""
        assert err == f"{case.number} #5: edited\n1 breaks in 2 cases"


class TestTheStory:
    def test_events_are_told_oldest_first_with_their_names(self, browser, operator, case):
        rows = browser(operator).get(f"cases/{case.pk}/events/").json()["results"]
        acts = ["report", "accept", "assign", "acknowledge", "feedback", "verify", "close"]
        assert [(row["seq"], row["act"]) for row in rows] == list(enumerate(acts, 1))
        assert rows[0]["from_state"] is None
        assert (rows[4]["act_name"], rows[4]["actor"]["name"], rows[4]["text"]) == ("反馈", "王工", "已清运干净")

    def test_what_the_clock_did_has_no_actor(self, browser, operator, stories, clock):
        case = stories.report()
        mark_due(now=clock.to("2026-11-27 09:00"))
        row = browser(operator).get(f"cases/{case.pk}/events/").json()["results"][-1]
        assert (row["act"], row["actor"]) == ("overdue", None)
