"""Standard texts: by act and category, nearest first, for people to change before they send them."""

from __future__ import annotations

import pytest

from cases.labels import ACTS
from cases.models import Category, Question, ReplyText, RoutingRule
from cases.services.help_defaults import load_questions, load_routing, load_texts
from cases.workflow import MOVES
from tests.statements import statements


@pytest.fixture
def texts(db):
    def make(act, text, category=None, order=100, active=True):
        found = Category.objects.get(code=category) if category else None
        ReplyText.objects.create(act=act, text=text, category=found, order=order, active=active)

    make("reject", "不属于受理范围", order=20)
    make("reject", "家庭内部事务", "A", order=10)
    make("reject", "婚姻登记请到民政", "A01", order=90)
    make("reject", "污水请拨服务热线", "C")
    make("reject", "不再使用", active=False)
    make("return", "不属于本单位职责")


class TestTexts:
    def test_those_of_the_nearest_category_come_first(self, browser, operator, texts):
        rows = browser(operator).get("reply-texts/", act="reject", category="A01").json()["results"]
        assert [(row["category"], row["text"]) for row in rows] == [
            ("A01", "婚姻登记请到民政"),
            ("A", "家庭内部事务"),
            (None, "不属于受理范围"),
        ]
        assert {row["act"] for row in rows} == {"reject"}
        assert rows[0]["act_name"] == str(ACTS["reject"])

    def test_without_a_filter_all_in_use(self, browser, handler, texts):
        rows = browser(handler).get("reply-texts/").json()["results"]
        assert len(rows) == 5
        assert "不再使用" not in {row["text"] for row in rows}

    @pytest.mark.parametrize("query", [{"act": "dance"}, {"category": "x" * 9}, {"act": "reject\0"}])
    def test_odd_questions_are_refused(self, browser, operator, query):
        assert browser(operator).get("reply-texts/", **query).status_code == 400

    def test_whoever_is_signed_in_may_read_them(self, browser, worker, auditor, outsider):
        assert browser(None).get("reply-texts/").status_code == 401
        assert {browser(one).get("reply-texts/").status_code for one in (worker, auditor, outsider)} == {200}

    def test_one_statement_however_many(self, browser, operator, texts):
        phone = browser(operator)
        phone.get("session/")
        with statements([("who", "staff_user"), ("texts", "cases_replytext")]):
            phone.get("reply-texts/", category="A01")


class TestDefaults:
    def test_every_site_starts_with_texts_for_the_acts_that_need_a_reason(self, db):
        assert load_texts() == ReplyText.objects.count() > 0
        wanted = {"reject", "return", "return_for_info", "feedback", "verify", "close", "suspend"}
        assert wanted <= set(ReplyText.objects.values_list("act", flat=True))
        asks_for_words = {move.act.value for move in MOVES if "text" in move.needs}
        assert set(ReplyText.objects.values_list("act", flat=True)) <= asks_for_words | {"close"}

    def test_what_the_site_changed_stays(self, db):
        load_texts()
        ReplyText.objects.all().update(text="我们自己的话")
        ReplyText.objects.order_by("pk").first().delete()
        count = ReplyText.objects.count()
        assert (load_texts(), ReplyText.objects.count()) == (0, count)

    def test_questions_and_rules_are_there_once_too(self, db):
        assert (load_questions() > 0, load_routing() > 0) == (True, True)
        assert (load_questions(), load_routing()) == (0, 0)
        assert set(RoutingRule.objects.values_list("active", flat=True)) == {False}
        assert [
            question.key for question in Question.objects.filter(kind="choice") if not question.named_choices()
        ] == []
