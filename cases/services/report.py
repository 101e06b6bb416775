"""Open a case from a report. A retry with the same client id gives the same case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Func, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseEvent, Category
from cases.policy import may_report
from cases.selectors import rules as clocks
from cases.services.errors import ClientIdConflictError, NotYoursError
from cases.services.evidence import next_event
from cases.services.parties import PartyEntry, check_entries, check_ids, new_parties
from cases.services.questions import answers_of
from cases.text import bigrams
from cases.workflow import Act, Outcome, Stage, State
from grid.coordinates import Datum, to_wgs84
from grid.selectors.areas import Located, locate_area, locate_point
from staff.models import User
from staff.scope import Scope, scope_of


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter says. `lon`/`lat` are degrees in `datum`, both or neither; `area_code` serves without them.

    `reported_at` is the device's clock (aware); None means now. `answers` are those to the category's questions by
    their keys; None says that the client does not know of questions.
    """

    client_id: UUID
    category_code: str
    description: str
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    area_code: str | None = None
    reported_at: datetime | None = None
    self_handled: bool = False
    answers: Mapping[str, str] | None = None
    parties: tuple[PartyEntry, ...] = ()

    def content_hash(self) -> str:
        """SHA-256 (hex) of all that was said, to tell a retry from another report under the same id."""
        said = [
            self.category_code,
            self.description,
            self.lon,
            self.lat,
            self.datum.value,
            self.accuracy_m,
            self.area_code,
            self.reported_at.astimezone(UTC).isoformat() if self.reported_at else None,
            *(["self_handled"] if self.self_handled else []),
            *([sorted(self.answers.items())] if self.answers is not None else []),
            *([["parties", *(party.record() for party in self.parties)]] if self.parties else []),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


OFFLINE_AT_MOST: Final = timedelta(days=366)
"""How long a phone may keep a report before it finds a net."""


class TermsVector(Func):
    """`array_to_tsvector` of a list of terms: stored, so that no search computes it."""

    function = "array_to_tsvector"


def search_vector(terms: list[str]) -> TermsVector:
    return TermsVector(Value(terms, output_field=ArrayField(models.TextField())))


def open_case(*, by: User, report: Report, at: datetime | None = None) -> tuple[Case, bool]:
    """The case of this report, and whether it is new. `at` is given only when past records are brought in.

    Raises NotYoursError without a post that reports; ClientIdConflictError when the id was used for something else;
    ValidationError for an unknown category, half a point, a place that is in no area of this system, or answers that
    do not fit the category's questions, or parties that are none.
    """
    scope = scope_of(by)
    if not may_report(scope):
        raise NotYoursError(act=Act.REPORT)
    if (known := _known(by=by, report=report)) is not None:
        return known, False
    try:
        return _open(by=by, report=report, scope=scope, now=at or timezone.now()), True
    except IntegrityError:
        # Another retry of the same report was quicker by a moment: its case is the answer.
        if (known := _known(by=by, report=report)) is not None:
            return known, False
        check_ids(report.parties)
        raise


@transaction.atomic
def _open(*, by: User, report: Report, scope: Scope, now: datetime) -> Case:
    category = Category.objects.filter(code=report.category_code, active=True).first()
    if category is None:
        raise ValidationError(
            {"category": ValidationError(_("Unknown category. Choose one from the list."), "unknown")}
        )
    check_entries(report.parties)
    reported_at = _believed(report.reported_at, now=now).astimezone(UTC)
    point = _point(report)
    place = _place(report=report, point=point, scope=scope, at=now)
    return _create(by=by, report=report, category=category, place=place, point=point, times=(reported_at, now))


def _believed(said: datetime | None, *, now: datetime) -> datetime:
    """When it was reported, if the device's clock can be believed; else now. Both moments are kept.

    A phone may be hours ahead, and one whose battery ran empty says 1970. The future is not a time to report from, nor
    is one before what a phone keeps offline: no limit may have held then, and the case would be overdue at birth.
    """
    return said if said is not None and now - OFFLINE_AT_MOST <= said <= now else now


def _known(*, by: User, report: Report) -> Case | None:
    """The case made from this id before."""
    known = Case.objects.filter(client_id=report.client_id).first()
    if known is None:
        return None
    if known.reporter_id != by.pk or known.content_hash != report.content_hash():
        raise ClientIdConflictError(report.client_id)
    return known


def _point(report: Report) -> Point | None:
    if report.lon is None or report.lat is None:
        if report.lon is not report.lat:
            missing = "lon" if report.lon is None else "lat"
            raise ValidationError({missing: ValidationError(_("Give both longitude and latitude."), "required")})
        return None
    lon, lat = to_wgs84(lon=report.lon, lat=report.lat, datum=report.datum)
    return Point(lon, lat, srid=4326)


def _place(*, report: Report, point: Point | None, scope: Scope, at: datetime) -> Located:
    """The cell of the point; else the named area; else the area of the reporter's own post."""
    if point is not None and (located := locate_point(point=point, at=at)) is not None:
        return located
    if point is not None and report.area_code is None and not scope.posts:
        raise ValidationError({"lon": ValidationError(_("This point is in no area of the system."), "outside_area")})
    code = report.area_code or _own_code(scope)
    located = locate_area(code=code, at=at)
    if located is None or located.town is None:
        raise ValidationError({"area": ValidationError(_("Unknown area. Choose one from the list."), "unknown")})
    return located


def _own_code(scope: Scope) -> str:
    """The narrowest area of the reporter's posts: a worker's cell. The report is kept even with no position at all."""
    return max((post.area_code for post in scope.posts), key=len)


def _next_number(on: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        (serial,) = cursor.fetchone()
    return f"{timezone.localdate(on):%y%m%d}-{serial % 1_000_000:06d}"


def _create(
    *,
    by: User,
    report: Report,
    category: Category,
    place: Located,
    point: Point | None,
    times: tuple[datetime, datetime],
) -> Case:
    reported_at, now = times
    town_code = place.town.code if place.town else ""
    matter = clocks.Matter(category.code, town_code=town_code)
    due = clocks.term(stage=Stage.ACCEPT, matter=matter, start=reported_at)
    assert due.at is not None, "a clock without a pause has an end"
    number = _next_number(reported_at)
    case = Case(
        client_id=report.client_id,
        content_hash=report.content_hash(),
        number=number,
        category=category,
        category_code=category.code,
        description=report.description,
        search=search_vector(bigrams(report.description)),
        emergency=category.emergency,
        point=point,
        accuracy_m=report.accuracy_m,
        datum_in=report.datum.value,
        area_id=place.area.id,
        boundary_id=place.boundary_id,
        town_code=town_code,
        village_code=place.village.code if place.village else "",
        cell_code=place.area.code if place.area.level == "cell" else "",
        duty_cell_code=place.area.code if place.area.level == "cell" else "",
        reporter=by,
        reported_at=reported_at,
        received_at=now,
        state=State.REPORTED,
        answers=answers_of(category=category, said=report.answers),
        accept_due_at=due.at,
        due_at=due.at,
        soon_at=due.soon_at,
        stage_started_at=reported_at,
    )
    if report.self_handled:
        _settle(case=case, percent=category.sample_percent, now=now)
    event = next_event(
        case=case, act=Act.REPORT, actor_id=by.pk, at=now, from_state="", data=_said(case=case, report=report)
    )
    case.save(force_insert=True)
    event.case = case
    CaseEvent.objects.bulk_create([event])
    if report.parties:
        new_parties(case=case, entries=report.parties, by=by, at=now)
    return case


def is_drawn(*, client_id: UUID, percent: int) -> bool:
    """Whether a self-handled case is looked at by somebody else: `percent` in a hundred, the same for every retry."""
    return int(hashlib.sha256(client_id.bytes).hexdigest()[:8], 16) % 100 < percent


def _settle(*, case: Case, percent: int, now: datetime) -> None:
    """Solved on the spot: accepted and handled in the moment of the report, and closed unless it is drawn."""
    matter = clocks.matter_of(case)
    case.self_handled, case.handled_by = True, [case.reporter_id]
    case.accepted_at = case.feedback_at = case.handle_due_at = case.reported_at
    case.stage_started_at = now
    if is_drawn(client_id=case.client_id, percent=percent):
        due = clocks.term(stage=Stage.VERIFY, matter=matter, start=now)
        case.state = State.AWAITING_VERIFY
        case.verify_due_at, case.due_at, case.soon_at = due.at, due.at, due.soon_at
        return
    case.state, case.is_open, case.outcome = State.CLOSED, False, Outcome.SOLVED
    case.closed_at = case.verify_due_at = case.due_at = case.soon_at = now
    case.archive_due_at = clocks.term(stage=Stage.ARCHIVE, matter=matter, start=now).at


def _said(*, case: Case, report: Report) -> dict[str, object]:
    """What the first event keeps of the report, so that a later change of the row shows."""
    return {
        "number": case.number,
        "category": case.category_code,
        "area": case.cell_code or case.village_code or case.town_code,
        "content": case.content_hash,
        "reported_at": case.reported_at.astimezone(UTC).isoformat(),
        "device_time": report.reported_at.astimezone(UTC).isoformat() if report.reported_at else None,
        "due_at": case.due_at.astimezone(UTC).isoformat() if case.due_at else None,
        **({"self_handled": True} if case.self_handled else {}),
        # Of the questions as they were asked too: the content above is only what was answered.
        **({"answers": _digest(case.answers)} if case.answers else {}),
        **({"parties": [party.record() for party in report.parties]} if report.parties else {}),
    }


def _digest(answers: list[dict[str, str]]) -> str:
    return hashlib.sha256(json.dumps(answers, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
