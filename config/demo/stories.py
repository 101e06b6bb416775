"""Three months of cases, told through the product's own services, relative to now."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from django.contrib.gis.geos import Point
from PIL import Image, ImageDraw

from cases.deadlines import ZONE, Calendar, is_working
from cases.models import Case
from cases.selectors.rules import calendar_from
from cases.services.acts import ActInput, perform_act
from cases.services.files import add_file, make_thumbnail
from cases.services.report import Report, open_case
from cases.workflow import Act
from config.demo.parties import parties_of
from config.demo.people import Cast
from config.demo.texts import DONE, FOUND_BAD, FOUND_GOOD, REPORTS, SENT_BACK
from grid.models import Area
from staff.models import User

DAYS: Final = 92
CASES: Final = 320
_WEIGHTS: Final = {"A": 3, "B": 4, "C": 4, "D": 2, "E": 4, "F": 2, "H": 4, "I": 1, "J": 1}


@dataclass(frozen=True, slots=True)
class Place:
    """A cell with a way to draw points in it."""

    cell: Area
    points: tuple[Point, ...]


class Teller:
    """Tells lives of cases; everything random comes from one generator."""

    def __init__(self, *, rng: Random, cast: Cast, places: list[Place], now: datetime) -> None:
        self.rng = rng
        self.cast = cast
        self.places = places
        self.now = now
        self.calendar: Calendar = calendar_from(now - timedelta(days=DAYS + 30))
        self.categories = sorted(REPORTS)
        self.weights = [_WEIGHTS.get(code[0], 1) for code in self.categories]

    def report(
        self, *, at: datetime, category: str | None = None, said_at: datetime | None = None, place: Place | None = None
    ) -> Case:
        """A worker reports something in their own cell at `at`; `said_at` is the phone's time of an offline report."""
        rng = self.rng
        code = category or rng.choices(self.categories, self.weights)[0]
        place = place or rng.choice(self.places)
        point = rng.choice(place.points)
        client_id = UUID(int=rng.getrandbits(128), version=4)
        report = Report(
            client_id=client_id,
            category_code=code,
            description=rng.choice(REPORTS[code]),
            lon=round(point.x, 6),
            lat=round(point.y, 6),
            accuracy_m=float(rng.randint(4, 45)),
            reported_at=said_at or at,
            parties=parties_of(client_id=client_id, category=code),
        )
        case, _ = open_case(by=self.cast.workers[place.cell.code], report=report, at=at)
        return case

    def act(self, case: Case, act: Act, by: User, at: datetime, **given: Any) -> Case:
        return perform_act(case_id=case.pk, act=act, by=by, given=ActInput(**given), version=case.version, at=at)

    def office_time(self, moment: datetime) -> datetime:
        """The next moment from `moment` on at which offices work."""
        here = moment.astimezone(ZONE)
        if is_working(day=here.date(), calendar=self.calendar):
            if here.time() < time(8, 30):
                return datetime.combine(here.date(), time(8, 30 + self.rng.randint(0, 25)), tzinfo=ZONE)
            if here.time() < time(17, 30):
                return here
        day = here.date() + timedelta(days=1)
        while not is_working(day=day, calendar=self.calendar):
            day += timedelta(days=1)
        return datetime.combine(day, time(8, 30 + self.rng.randint(0, 25)), tzinfo=ZONE)

    def after(self, moment: datetime, *, hours: float) -> datetime:
        """Some time later than `moment`, about `hours` hours, while offices work; minutes vary."""
        wait = timedelta(hours=max(0.2, self.rng.expovariate(1 / hours)))
        return self.office_time(moment + wait)

    def live(self, case: Case, at: datetime) -> None:
        """An everyday life: each step some time after the last, until the present."""
        steps: list[Callable[[Case, datetime], tuple[Case, datetime]]] = [self._accept]
        if self.rng.random() < 0.10:
            steps += [self._assign, self._return]
        steps += [self._assign, self._acknowledge, self._feedback]
        if self.rng.random() < 0.12:
            steps += [self._fail, self._feedback]
        steps += [self._pass, self._close]
        moment = at
        for step in steps:
            case, moment = step(case, moment)
            if moment > self.now:
                return

    def live_on(self, case: Case, at: datetime) -> None:
        """From work in progress to the end, as far as the present lets it."""
        moment = at
        for step in (self._feedback, self._pass, self._close):
            case, moment = step(case, moment)
            if moment > self.now:
                return

    def _do(self, case: Case, at: datetime, act: Act, by: User, **given: Any) -> tuple[Case, datetime]:
        """The act, unless its time has not come: then the case stays as it is and its life ends here."""
        if at > self.now:
            return case, at
        return self.act(case, act, by, at, **given), at

    def _operator(self) -> User:
        return self.rng.choice(self.cast.operators)

    def _accept(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        hours = 0.3 if case.emergency else 4
        return self._do(case, self.after(at, hours=hours), Act.ACCEPT, self._operator())

    def _assign(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        unit = self.cast.unit_for(case.category_code)
        who = self.rng.choice(self.cast.handlers[unit.pk]).pk if self.rng.random() < 0.7 else None
        at = self.after(at, hours=1 if case.emergency else 3)
        return self._do(case, at, Act.ASSIGN, self._operator(), organisation=unit.pk, assignee=who)

    def handler(self, case: Case) -> User:
        return case.assignee or self.cast.handlers[case.lead_org_id or 0][0]

    def _acknowledge(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        return self._do(case, self.after(at, hours=6), Act.ACKNOWLEDGE, self.handler(case))

    def _return(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        words = self.rng.choice(SENT_BACK)
        return self._do(case, self.after(at, hours=5), Act.RETURN, self.handler(case), text=words)

    def _feedback(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        hours = 10 if case.emergency else 58
        return self._do(case, self.after(at, hours=hours), Act.FEEDBACK, self.handler(case), text=self.rng.choice(DONE))

    def _checker(self, case: Case) -> User:
        return self.cast.workers.get(case.cell_code) or self._operator()

    def _pass(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        words = self.rng.choice(FOUND_GOOD)
        return self._do(case, self.after(at, hours=9), Act.VERIFY, self._checker(case), passed=True, text=words)

    def _fail(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        words = self.rng.choice(FOUND_BAD)
        return self._do(case, self.after(at, hours=9), Act.VERIFY, self._checker(case), passed=False, text=words)

    def _close(self, case: Case, at: datetime) -> tuple[Case, datetime]:
        outcome = self.rng.choices(("solved", "partly", "not_as_reported", "unsolvable"), (88, 7, 3, 2))[0]
        text = "需上级统一规划，本镇暂无法解决" if outcome == "unsolvable" else ""
        return self._do(case, self.after(at, hours=4), Act.CLOSE, self._operator(), outcome=outcome, text=text)

    def photo(self, case: Case, at: datetime) -> None:
        """A drawn picture that says it is one: no photograph of anything."""
        hue = self.rng.randint(0, 255)
        picture = Image.new("RGB", (1200, 900), (210 - hue // 6, 220, 200 + hue // 8))
        draw = ImageDraw.Draw(picture)
        for _ in range(14):
            x, y, size = self.rng.randint(0, 1100), self.rng.randint(300, 850), self.rng.randint(40, 260)
            shade = self.rng.randint(90, 190)
            draw.ellipse((x, y, x + size, y + size // 2), fill=(shade, shade + 20, shade - 10))
        draw.rectangle((0, 820, 1200, 900), fill=(20, 50, 58))
        draw.text((40, 838), "DEMO - FICTIONAL", fill=(255, 255, 255), font_size=42)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80)
        out.seek(0)
        client_id = UUID(int=self.rng.getrandbits(128), version=4)
        file, _ = add_file(
            case_id=case.pk, by=case.reporter, client_id=client_id, upload=out, caption="现场示意图", at=at
        )
        # The town is looked at as soon as it is told: no worker runs yet.
        make_thumbnail(file_id=file.pk)


def tell_everyday(teller: Teller, progress: Callable[[int, int], None]) -> None:
    """CASES reports over DAYS days, more on working days, each with its life until now."""
    rng, now = teller.rng, teller.now
    moments: list[datetime] = []
    while len(moments) < CASES:
        moment = now - timedelta(days=rng.uniform(0, DAYS))
        here = moment.astimezone(ZONE).replace(hour=rng.randint(7, 19), minute=rng.randint(0, 59))
        if here < now and (is_working(day=here.date(), calendar=teller.calendar) or rng.random() < 0.35):
            moments.append(here)
    for number, moment in enumerate(sorted(moments), 1):
        case = teller.report(at=moment)
        if rng.random() < 0.2:
            teller.photo(case, moment + timedelta(minutes=2))
            case.refresh_from_db()
        teller.live(case, moment)
        if number % 20 == 0:
            progress(number, len(moments))
