"""Who sees which case, through every door. What may not be seen is not confirmed to exist: 404, never 403.

One case of each kind, and everybody of the town; the table is the promise.
"""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse
from PIL import Image

from cases.models import Case, CaseEvent, CaseFile
from cases.services.files import add_file, make_thumbnail
from tests.stories import Stories
from tests.town import IN_B, IN_C, IN_OTHER_TOWN, Cast

AREA = {"operator", "head", "leader", "auditor"}
EAST = AREA | {"officer"}

SEEN_BY = {
    "in cell A": EAST | {"worker"},
    "in cell B": EAST | {"neighbour"},
    "in cell C": AREA,
    "in the other town": {"outsider"},
    "a dispute in cell A": EAST | {"worker", "mediator"},
    "a dispute in cell C": AREA | {"mediator"},
    "led by 王工's unit": EAST | {"worker", "handler"},
    "led by mediation": EAST | {"worker", "mediator"},
    "assigned to 李工 by name": EAST | {"worker", "other_handler"},
    "reported by 邻格 from cell C": AREA | {"neighbour"},
    "closed, led by 王工's unit": EAST | {"worker", "handler"},
    "sent back by 王工's unit": EAST | {"worker"},
}


def tell(stories: Stories) -> dict[str, Case]:
    cast, units, report, act = stories.cast, stories.units, stories.report, stories.act
    by_name = {"organisation": units.services.pk, "assignee": cast.other_handler.pk}
    return {
        "in cell A": report(),
        "in cell B": report(by=cast.neighbour, point=IN_B),
        "in cell C": report(by=cast.operator, point=IN_C),
        "in the other town": report(by=cast.outsider, point=IN_OTHER_TOWN),
        "a dispute in cell A": report(category="A02"),
        "a dispute in cell C": report(by=cast.operator, category="A02", point=IN_C),
        "led by 王工's unit": stories.case_in("assigned"),
        "led by mediation": act(stories.case_in("accepted"), "assign", organisation=units.mediation.pk),
        "assigned to 李工 by name": act(stories.case_in("accepted"), "assign", **by_name),
        "reported by 邻格 from cell C": report(by=cast.neighbour, point=IN_C),
        "closed, led by 王工's unit": stories.case_in("closed"),
        "sent back by 王工's unit": act(stories.case_in("processing"), "return"),
    }


@pytest.fixture(scope="module")
def told(lasting) -> dict[str, Case]:
    """Every case of the table, each open one with a photo."""
    with lasting.writing() as stories:
        made = tell(stories)
        for number, case in enumerate(made.values()):
            picture = io.BytesIO()
            Image.new("RGB", (8, 8), (number, 0, 0)).save(picture, "JPEG")
            picture.seek(0)
            if case.is_open:
                file, _ = add_file(case_id=case.pk, by=case.reporter, client_id=stories.client_id(), upload=picture)
                make_thumbnail(file_id=file.pk)
        return made


@pytest.fixture
def cases(told, lasting, cast, settings) -> dict[str, Case]:
    settings.MEDIA_ROOT = lasting.folder
    return told


PEOPLE = Cast.__slots__


@pytest.mark.parametrize("name", PEOPLE)
class TestEveryDoor:
    """For each person: exactly the cases of the table."""

    @pytest.fixture
    def person(self, cast, name):
        return getattr(cast, name)

    @pytest.fixture
    def mine(self, cases, name) -> set[int]:
        return {cases[kind].pk for kind, people in SEEN_BY.items() if name in people}

    @pytest.fixture
    def hidden(self, cases, mine) -> set[int]:
        return {case.pk for case in cases.values()} - mine

    def test_the_list(self, browser, person, mine):
        rows = browser(person).get("cases/", limit=200).json()["results"]
        assert {row["id"] for row in rows} == mine

    def test_every_filter_narrows_what_one_sees_and_never_widens_it(self, browser, person, mine):
        phone = browser(person)
        for query in (
            {"mine": "true"},
            {"open": "true"},
            {"overdue": "false"},
            {"area": "990000"},
            {"area": "990000009201001"},
            {"category": "A"},
            {"state": "reported,assigned"},
            {"bbox": "117,21,119,23"},
            {"q": "垃圾"},
            {"ordering": "-reported_at"},
        ):
            assert {row["id"] for row in phone.get("cases/", limit=200, **query).json()["results"]} <= mine, query

    @pytest.mark.parametrize("door", ["", "events/", "deadlines/"])
    def test_the_case_its_events_and_its_deadlines(self, browser, person, cases, mine, door):
        phone = browser(person)
        for case in cases.values():
            answer = phone.get(f"cases/{case.pk}/{door}")
            assert answer.status_code == (200 if case.pk in mine else 404), case

    def test_hidden_and_unknown_are_the_same_answer(self, browser, person, hidden):
        phone = browser(person)
        unknown = phone.get("cases/999999999/")
        assert unknown.status_code == 404
        for pk in hidden:
            assert phone.get(f"cases/{pk}/").json() == unknown.json()

    @pytest.mark.parametrize("door", ["", "thumbnail/"])
    def test_photos(self, browser, person, mine, door):
        phone = browser(person)
        for file in CaseFile.objects.all():
            answer = phone.get(f"files/{file.pk}/{door}")
            assert answer.status_code == (200 if file.case_id in mine else 404), file
            if answer.status_code == 200:
                assert answer["Cache-Control"].startswith("private")
                b"".join(answer.streaming_content)

    def test_acts_and_new_photos_on_hidden_cases_find_nothing(self, browser, person, hidden):
        phone, events = browser(person), CaseEvent.objects.count()
        for pk in hidden:
            body = {"version": 1, "text": "x", "client_id": "33333333-3333-4333-8333-333333333333"}
            assert phone.post(f"cases/{pk}/acts/comment/", body).status_code == 404
            assert phone.post(f"cases/{pk}/acts/accept/", body).status_code == 404
            upload = {"file": SimpleUploadedFile("x.jpg", b"x"), "client_id": body["client_id"]}
            assert phone.client.post(f"/api/v1/cases/{pk}/files/", upload).status_code == 404
        assert CaseEvent.objects.count() == events

    def test_counts_and_summary(self, browser, person, cases, mine):
        phone = browser(person)
        open_ = [case for case in cases.values() if case.pk in mine and case.is_open]
        assert phone.get("cases/summary/").json()["open"] == len(open_)
        for by, column in (("cell", "cell_code"), ("village", "village_code")):
            rows = phone.get("cases/counts/", by=by).json()["results"]
            counted = {row["code"]: row["open"] for row in rows}
            assert counted == {
                code: sum(getattr(case, column) == code for case in open_)
                for code in {getattr(case, column) for case in open_}
            }


def test_the_table_speaks_of_every_case(cases):
    assert set(cases) == set(SEEN_BY)


class TestTheAdministrator:
    """Keeps people, areas, categories and limits, and sees no case anywhere."""

    def test_no_case_through_any_door_of_the_api(self, browser, admin, cases):
        phone = browser(admin)
        assert phone.get("cases/").json()["results"] == []
        assert phone.get("cases/summary/").json()["open"] == 0
        assert phone.get("reports/weekly/").status_code == 404

    def test_not_even_cases_they_once_reported(self, browser, admin, cases, worker):
        Case.objects.filter(reporter=worker).update(reporter=admin)
        assert browser(admin).get("cases/").json()["results"] == []

    @pytest.mark.parametrize("model", ["case", "caseevent", "casefile"])
    def test_no_page_of_the_admin_site_for_cases(self, model):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:cases_{model}_changelist")

    def test_no_words_of_a_case_on_any_page_of_the_admin_site(self, admin, cases):
        client = Client()
        client.force_login(admin)
        pages = [reverse("admin:index")]
        for app, models in {
            "grid": ["area", "areaboundary", "waterbody"],
            "staff": ["user", "organisation", "post"],
            "cases": ["category", "limitrule", "workday"],
            "reports": ["subscription"],
        }.items():
            pages += [reverse(f"admin:{app}_{model}_changelist") for model in models]
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            text = answer.content.decode()
            for case in cases.values():
                assert case.number not in text, page
                assert case.description not in text, page

    @pytest.mark.parametrize("name", [name for name in PEOPLE if name != "admin"])
    def test_nobody_else_enters_the_admin_site(self, cast, name):
        client = Client()
        client.force_login(getattr(cast, name))
        assert client.get(reverse("admin:index")).status_code == 302
