"""What else is asked of a report: shown by category, checked, kept in the words it was asked in."""

from __future__ import annotations

import uuid

import pytest

from cases.models import Case, CaseEvent, Category, Question
from cases.services.evidence import verify_chain
from tests.statements import statements
from tests.town import IN_A

ID = "11111111-1111-4111-8111-111111111111"
PHOTO = "22222222-2222-4222-8222-222222222222"
SIZES = [{"value": "small", "zh": "一平方米以内", "en": "up to 1 m²"}, {"value": "large", "zh": "更大", "en": "larger"}]


@pytest.fixture
def ask(db):
    def make(category, key, kind="text", **more):
        label = {"label_zh": f"问{key}", "label_en": f"Ask {key}"}
        return Question.objects.create(
            **{**label, "category": Category.objects.get(code=category), "key": key, "kind": kind, **more}
        )

    return make


@pytest.fixture
def asked(ask):
    """Of all of C how large it is; of C01 how many cars, what else, and a photo."""
    ask("C", "size", "choice", choices=SIZES, label_zh="占地多大？", label_en="How large?", order=10)
    ask("C01", "cars", "number", order=20)
    ask("C01", "more", order=30)
    ask("C01", "sign", "photo", order=40)


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


def said(**more):
    body = {"client_id": ID, "category": "C01", "description": "村口垃圾堆放多日未清"}
    return {**body, "lon": IN_A[0], "lat": IN_A[1], **more}


class TestAsking:
    def test_those_of_level_one_are_asked_too_in_their_order(self, phone, asked):
        rows = phone.get("questions/", category="C01").json()["results"]
        assert [(row["category"], row["key"], row["kind"]) for row in rows] == [
            ("C", "size", "choice"),
            ("C01", "cars", "number"),
            ("C01", "more", "text"),
            ("C01", "sign", "photo"),
        ]
        assert rows[0]["label"] == "占地多大？"
        assert rows[0]["choices"][0] == {"value": "small", "label": "一平方米以内"}
        assert rows[1]["choices"] is None

    def test_in_english_for_whoever_reads_english(self, browser, worker, asked):
        row = browser(worker, **{"accept-language": "en"}).get("questions/", category="C01").json()["results"][0]
        assert (row["label"], row["choices"][0]["label"]) == ("How large?", "up to 1 m²")

    def test_another_category_is_not_asked(self, phone, asked):
        assert phone.get("questions/", category="A02").json()["results"] == []
        assert [row["key"] for row in phone.get("questions/", category="C02").json()["results"]] == ["size"]

    def test_a_narrower_question_stands_for_the_one_of_the_same_key(self, phone, asked, ask):
        ask("C01", "size", "text", label_zh="多大？", order=5)
        rows = phone.get("questions/", category="C01").json()["results"]
        assert [row["label"] for row in rows if row["key"] == "size"] == ["多大？"]

    def test_a_phone_takes_all_of_them_along(self, phone, asked, ask):
        ask("J03", "hurt", required=True)
        rows = phone.get("questions/").json()["results"]
        assert len(rows) == 5
        assert [row["required"] for row in rows if row["key"] == "hurt"] == [False], (
            "nothing is required in an emergency"
        )

    def test_what_is_no_longer_used_is_not_asked(self, phone, asked):
        Question.objects.update(active=False)
        assert phone.get("questions/").json()["results"] == []

    @pytest.mark.parametrize("code", ["Z99", "C01\0", "x" * 9])
    def test_odd_categories_are_answered_in_peace(self, phone, asked, code):
        answer = phone.get("questions/", category=code)
        assert answer.status_code in (200, 400)
        assert answer.json().get("results", []) == []

    def test_whoever_is_signed_in_may_read_them(self, browser, auditor, outsider):
        assert browser(None).get("questions/").status_code == 401
        assert browser(auditor).get("questions/").status_code == 200
        assert browser(outsider).get("questions/").status_code == 200

    def test_one_statement_however_many(self, phone, asked):
        phone.get("session/")
        with statements([("who", "staff_user"), ("questions with their categories", "cases_question.*JOIN")]):
            phone.get("questions/")


class TestAnswers:
    def test_they_are_kept_as_asked_and_shown_on_the_case(self, phone, asked):
        answers = {"size": "large", "cars": " ３.5 ", "more": "河边", "sign": PHOTO}
        answer = phone.post("cases/", said(answers=answers))
        assert answer.status_code == 201
        Question.objects.update(label_zh="改了", choices=[])
        kept = phone.get(f"cases/{answer.json()['id']}/").json()["answers"]
        assert kept == answer.json()["answers"]
        assert [(one["key"], one["value"], one["value_label"]) for one in kept[:3]] == [
            ("size", "large", "更大"),
            ("cars", "3.5", "3.5"),
            ("more", "河边", "河边"),
        ]
        assert (kept[0]["label"], kept[3]["value"]) == ("占地多大？", PHOTO)

    @pytest.mark.parametrize(
        ("answers", "words"),
        [
            pytest.param({"colour": "red"}, "colour", id="nobody asked"),
            pytest.param({"size": "huge"}, "占地多大？", id="not among the choices"),
            pytest.param({"cars": "many"}, "问cars", id="not a number"),
            pytest.param({"cars": "NaN"}, "问cars", id="not a number either"),
            pytest.param({"cars": "1e9"}, "问cars", id="not how people write numbers"),
            pytest.param({"sign": "photo.jpg"}, "问sign", id="not the id of a photo"),
            pytest.param({"more": "长" * 501}, "问more", id="too long"),
        ],
    )
    def test_a_wrong_answer_is_refused_and_named(self, phone, asked, answers, words):
        answer = phone.post("cases/", said(answers=answers))
        assert (answer.status_code, answer.json()["field"]) == (400, "answers")
        assert words in answer.json()["message"]
        assert not Case.objects.exists()

    def test_every_problem_is_told_at_once(self, phone, asked):
        errors = phone.post("cases/", said(answers={"size": "huge", "cars": "many"})).json()["errors"]
        assert [error["field"] for error in errors] == ["answers", "answers"]

    @pytest.mark.parametrize("answers", [{}, {"size": ""}, {"size": "  "}])
    def test_a_required_question_wants_an_answer(self, phone, asked, answers):
        Question.objects.filter(key="size").update(required=True)
        answer = phone.post("cases/", said(answers=answers))
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "required", "answers")
        assert "占地多大？" in answer.json()["message"]

    def test_an_old_phone_that_sends_no_answers_loses_no_report(self, phone, asked):
        Question.objects.update(required=True)
        answer = phone.post("cases/", said())
        assert (answer.status_code, answer.json()["answers"]) == (201, [])

    def test_an_emergency_is_never_held_up_by_a_question(self, phone, ask):
        ask("J", "hurt", "number", required=True)
        assert phone.post("cases/", said(category="J03", answers={})).status_code == 201

    def test_a_wrong_answer_is_wrong_in_an_emergency_too(self, phone, ask):
        ask("J", "hurt", "number", required=True)
        assert phone.post("cases/", said(category="J03", answers={"hurt": "several"})).status_code == 400

    @pytest.mark.parametrize("answers", ["yes", ["yes"], {"size": ["small"]}, {"size": "\0"}, {"\0": "x"}, {"": "x"}])
    def test_odd_shapes_are_refused(self, phone, asked, answers):
        assert phone.post("cases/", said(answers=answers)).status_code == 400


class TestOnRecord:
    def test_sent_again_it_is_the_same_case_with_other_answers_it_is_not(self, phone, asked):
        first = phone.post("cases/", said(answers={"size": "small", "more": "河边"}))
        again = phone.post("cases/", said(answers={"more": "河边", "size": "small"}))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["id"] == first.json()["id"]
        other = phone.post("cases/", said(answers={"size": "large", "more": "河边"}))
        assert (other.status_code, other.json()["code"]) == (409, "client_id_conflict")

    def test_sent_again_after_the_questions_changed_it_is_still_the_same_case(self, phone, asked):
        phone.post("cases/", said(answers={"size": "small"}))
        Question.objects.update(active=False)
        assert phone.post("cases/", said(answers={"size": "small"})).status_code == 200

    def test_the_first_event_holds_to_the_answers_and_their_words(self, phone, asked):
        one = phone.post("cases/", said(answers={"size": "small"})).json()["id"]
        Question.objects.filter(key="size").update(label_zh="多大？")
        two = phone.post("cases/", said(client_id=str(uuid.uuid4()), answers={"size": "small"})).json()["id"]
        events = [CaseEvent.objects.get(case=pk) for pk in (one, two)]
        assert events[0].data["content"] == events[1].data["content"]
        assert events[0].data["answers"] != events[1].data["answers"]
        assert list(verify_chain(case=events[0].case)) == []

    def test_without_answers_no_question_is_looked_up(self, phone, asked):
        phone.post("cases/", said())
        before = CaseEvent.objects.get().data
        assert "answers" not in before
