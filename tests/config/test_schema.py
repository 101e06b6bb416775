"""The API as it describes itself: valid, the same as the front end's copy, and kept to under random requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import schemathesis
from django.conf import settings as site
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, assume, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from cases.models import Case, CaseConflict, CaseParty
from staff.models import Token
from staff.services.patrols import start_patrol
from staff.services.tokens import make_token
from tests.cases.party_people import write_down
from tests.phone import Phone
from tests.schema import operations, schema
from tests.stories import Stories

COPY = Path(site.BASE_DIR) / "frontend" / "openapi.json"
REMEDY = (
    "python manage.py spectacular --format openapi-json --file frontend/openapi.json && npm --prefix frontend run types"
)


class TestDescription:
    def test_it_is_valid_openapi(self):
        assert schema()["openapi"].startswith("3.1")
        assert [str(error) for error in OpenAPIV31SpecValidator(schema()).iter_errors()] == []

    def test_the_front_ends_copy_is_fresh(self):
        kept = json.loads(COPY.read_text(encoding="utf-8"))
        assert kept == json.loads(json.dumps(schema())), REMEDY

    def test_every_operation_has_a_name_a_sentence_and_the_shape_of_its_errors(self):
        names = set()
        for path, method, operation in operations():
            assert operation["description"].strip(), (method, path)
            names.add(operation["operationId"])
            for code in ("400", "401", "404"):
                content = operation["responses"][code]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}
        assert len(names) == len(list(operations()))

    def test_it_is_served_with_its_documentation(self, browser):
        client = browser(None).client
        answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
        assert answer.status_code == 200
        assert client.get("/api/docs/").status_code == 200


LEFT_OUT = {"session_sign_out"}
"""Would end the session that the next example needs; tests/staff/test_session.py has it."""
SLOW = {"session_sign_in"}
"""Every wrong password costs as much as argon2 should."""
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
READING = 40
WRITING = 120
"""Requests per address."""


def _named() -> dict[str, schemathesis.APIOperation]:
    described = schemathesis.openapi.from_dict(json.loads(json.dumps(schema())))
    described.app = get_wsgi_application()
    found = (result.ok() for result in described.get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in found}


NAMES = sorted({operation["operationId"] for _, _, operation in operations()} - LEFT_OUT)


@pytest.fixture(scope="module")
def described():
    return _named()


PATROL = "00000000-0000-4000-8000-000000000001"
WALKING = {"patrols_start", "patrols_points", "patrols_tick", "patrols_stop"}
"""Only whoever has a cell walks patrols: 阿珍 sends these, half of them about a patrol of hers."""
BY_HEAD = {
    "ground_change",
    "ground_preview",
    "imports_list",
    "imports_send",
    "imports_read",
    "imports_apply",
    "routing_rules_make",
    "routing_rules_change",
    "routing_rules_end",
    "routing_rules_order",
    "routing_rules_preview",
    "watch_retry",
    "cases_party_looks",
}
"""Whoever else sends these gets a 403 before anything is read: 主任 sends them."""
WITHOUT_NAMES = frozenset(path for path in schema()["paths"] if "{" not in path)
"""Addresses that are complete as they stand."""
BY_TOKEN = {"cameras_status": Token.Purpose.CAMERAS}
"""Machines send these, with a token of 值班's."""


@pytest.fixture
def headers(request, operator) -> dict[str, str]:
    purpose = BY_TOKEN.get(request.node.callspec.params["name"])
    return {"Authorization": f"Bearer {make_token(user=operator, name='机器', purpose=purpose)}"} if purpose else {}


@pytest.fixture
def cookies(request, operator, worker, head, stories) -> dict[str, str]:
    """值班's session (阿珍's on patrol, 主任's over the ground), in a town with a case in every second state."""
    name = request.node.callspec.params["name"]
    walking = name in WALKING
    if walking:
        start_patrol(client_id=UUID(PATROL), patrol_area_id=None, started_at=timezone.now(), by=worker)
    for number, state in enumerate(("reported", "processing", "suspended", "closed")):
        case = stories.case_in(state)
        if case.is_open:
            write_down(case, by=operator, number=number)
    if "conflict" in name:
        _come_too_late(stories, 3)
    client = Client()
    client.force_login(worker if walking else head if name in BY_HEAD else operator)
    token = client.get("/api/v1/session/").cookies["csrftoken"].value
    session = client.cookies[site.SESSION_COOKIE_NAME].value
    return {site.SESSION_COOKIE_NAME: session, "csrftoken": token}


def _come_too_late(stories: Stories, times: int) -> None:
    """Verdicts without signal, on what somebody else verified meanwhile."""
    for _ in range(times):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(stories.cast.officer).sees(case)
        stories.act(case, "verify")
        phone.did(case, "verify", passed=False, text="还有", client_id=stories.client_id())


@pytest.fixture
def one_connection(cookies) -> Iterator[None]:
    """Requests end without closing the test's own connection, as with Django's test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def _lead_somewhere(case, cases: list[int]) -> None:
    """Random numbers and codes hardly ever mean anything: every second request is about a case that is there."""
    if "id" in case.path_parameters and case.path_parameters["id"] % 2:
        case.path_parameters["id"] = cases[case.path_parameters["id"] % len(cases)]
    if "party" in case.path_parameters and case.path_parameters["party"] % 2:
        case.path_parameters["id"], case.path_parameters["party"] = CaseParty.objects.values_list("case_id", "pk")[0]
    if "conflict" in case.path_parameters and case.path_parameters["conflict"] % 2:
        ids = list(CaseConflict.objects.order_by("pk").values_list("case_id", "pk"))
        case.path_parameters["id"], case.path_parameters["conflict"] = ids[case.path_parameters["conflict"] % len(ids)]
    if "client_id" in case.path_parameters and len(str(case.body)) % 2:
        case.path_parameters["client_id"] = PATROL
    if isinstance(case.body, dict) and "version" in case.body and isinstance(case.body["version"], int):
        case.body["version"] = case.body["version"] % 6
    if isinstance(case.body, dict) and "category" in case.body and len(str(case.body["category"])) % 2:
        case.body["category"] = "C01"


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_sent_the_answer_is_one_that_is_described(described, cookies, headers, one_connection, name):
    operation = described[name]
    examples = READING if operation.method == "get" or name in SLOW else WRITING
    cases = list(Case.objects.order_by("pk").values_list("pk", flat=True))

    seen: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy())
    def send(case):
        _lead_somewhere(case, cases)
        # "unattended" is no area's code but an address of its own; hypothesis knows the words of our code.
        assume(case.formatted_path not in WITHOUT_NAMES or operation.path in WITHOUT_NAMES)
        case.cookies.update(cookies)
        with transaction.atomic():
            answer = case.call(cookies=cookies, headers={"X-CSRFToken": cookies["csrftoken"], **headers})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)
        seen[answer.status_code] += 1

    send()
    assert set(seen) - {401, 403, 415}, "the session was taken and the requests were understood"
