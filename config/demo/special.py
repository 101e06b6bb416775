"""Cases that must be there on any day: overdue in every stage, due today, returned, reworked, merged, suspended …"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from cases.deadlines import ZONE, is_working
from cases.models import Case, Workday
from cases.services.acts import ActInput
from cases.services.acts.offline import Offline
from cases.services.conflicts import perform_kept
from cases.workflow import Act
from config.demo.stories import Place, Teller


def tell_special(teller: Teller) -> None:
    """One or a few of each; their order and words come from the seeded generator, their times from now."""
    _late_to_accept(teller)
    _late_to_handle(teller)
    _due_today(teller)
    _returned_twice(teller)
    _merged(teller)
    _over_a_holiday(teller)
    _standing(teller)
    _offline_for_days(teller)
    _ended_early(teller)
    _first_worker(teller)
    _asked_for_information(teller)
    _beyond_the_town(teller)
    _put_away(teller)
    _watched_from_above(teller)
    _of_two_minds(teller)


def _working_days_ago(teller: Teller, count: int) -> datetime:
    """09:40 on the `count`-th working day before today."""
    day = teller.now.astimezone(ZONE).date()
    while count:
        day -= timedelta(days=1)
        count -= is_working(day=day, calendar=teller.calendar)
    return datetime.combine(day, time(9, 40), tzinfo=ZONE)


def _processing(teller: Teller, *, at: datetime, category: str, place: Place | None = None) -> Case:
    """A case accepted, assigned and taken within two hours of `at`."""
    case = teller.report(at=at, category=category, place=place)
    operator = teller.cast.operators[0]
    unit = teller.cast.unit_for(category)
    person = teller.cast.handlers[unit.pk][0]
    case = teller.act(case, Act.ACCEPT, operator, at + timedelta(minutes=20))
    case = teller.act(case, Act.ASSIGN, operator, at + timedelta(minutes=35), organisation=unit.pk, assignee=person.pk)
    return teller.act(case, Act.ACKNOWLEDGE, person, at + timedelta(minutes=70))


def _late_to_accept(teller: Teller) -> None:
    for days in (3, 4):
        teller.report(at=_working_days_ago(teller, days), category=teller.rng.choice(["C01", "H05", "D01"]))


def _late_to_handle(teller: Teller) -> None:
    for days, category in ((6, "C02"), (8, "E03"), (12, "C05"), (15, "H06")):
        _processing(teller, at=_working_days_ago(teller, days), category=category)


def _due_today(teller: Teller) -> None:
    """Limit five working days, begun five working days ago: ends at today's closing time, on a working day."""
    for category in ("C01", "E05"):
        _processing(teller, at=_working_days_ago(teller, 5), category=category)


def _returned_twice(teller: Teller) -> None:
    at = _working_days_ago(teller, 4)
    case = teller.report(at=at, category="F07")
    operator = teller.cast.operators[0]
    case = teller.act(case, Act.ACCEPT, operator, at + timedelta(minutes=30))
    for number, letter in enumerate("FD"):
        unit = teller.cast.units[letter]
        person = teller.cast.handlers[unit.pk][0]
        moment = at + timedelta(hours=1 + 3 * number)
        case = teller.act(case, Act.ASSIGN, operator, moment, organisation=unit.pk, assignee=person.pk)
        words = "不属于本单位职责，设备由建设办维护。"
        case = teller.act(case, Act.RETURN, person, moment + timedelta(hours=1), text=words)


def _merged(teller: Teller) -> None:
    at = _working_days_ago(teller, 3)
    first = _processing(teller, at=at, category="E05")
    again = teller.report(at=at + timedelta(hours=3), category="E05")
    teller.act(
        again,
        Act.MERGE,
        teller.cast.operators[0],
        at + timedelta(hours=4),
        into=first.number,
        text="同一河段的同一问题。",
    )


def _last_holiday(teller: Teller) -> date:
    """First day of the last holiday of three days or more within the months told; else the last Saturday but two."""
    today = teller.now.astimezone(ZONE).date()
    off = set(
        Workday.objects.filter(date__gte=today - timedelta(days=85), date__lt=today, working=False).values_list(
            "date", flat=True
        )
    )
    starts = [d for d in off if d - timedelta(days=1) not in off and {d + timedelta(days=i) for i in (1, 2)} <= off]
    return max(starts, default=today - timedelta(days=today.weekday() + 16))


def _over_a_holiday(teller: Teller) -> None:
    holiday = _last_holiday(teller)
    before = datetime.combine(holiday - timedelta(days=2), time(9, 10), tzinfo=ZONE)
    case = _processing(teller, at=before, category="D01")
    operator = teller.cast.operators[0]
    case = teller.act(
        case,
        Act.SUSPEND,
        operator,
        before + timedelta(hours=5),
        text="当事人节日外出，约定节后到场。",
        until=holiday + timedelta(days=10),
    )
    back = teller.office_time(datetime.combine(holiday + timedelta(days=9), time(9), tzinfo=ZONE))
    case = teller.act(case, Act.RESUME, operator, back, text="当事人已返回。")
    teller.live_on(case, back)


def _standing(teller: Teller) -> None:
    at = _working_days_ago(teller, 4)
    case = _processing(teller, at=at, category="B06")
    until = teller.now.astimezone(ZONE).date() + timedelta(days=9)
    words = "等待第三方房屋安全鉴定报告。"
    teller.act(case, Act.SUSPEND, teller.cast.operators[0], at + timedelta(hours=5), text=words, until=until)


def _offline_for_days(teller: Teller) -> None:
    arrived = _working_days_ago(teller, 1)
    teller.report(at=arrived, said_at=arrived - timedelta(days=3, hours=2), category="B10")


def _first_worker(teller: Teller) -> None:
    """The worker one can sign in as has something of everything: new, being handled, to verify, closed."""
    home = teller.places[0]
    case = teller.report(at=_working_days_ago(teller, 1), category="H05", place=home)
    teller.photo(case, _working_days_ago(teller, 1) + timedelta(minutes=1))
    _processing(teller, at=_working_days_ago(teller, 2), category="C01", place=home)
    case = _processing(teller, at=_working_days_ago(teller, 3), category="D04", place=home)
    unit_person = teller.handler(case)
    words = "摊主已自行拆除，路面已恢复通行，已拍照。"
    teller.act(case, Act.FEEDBACK, unit_person, _working_days_ago(teller, 1) + timedelta(hours=2), text=words)
    at = _working_days_ago(teller, 9)
    teller.live(teller.report(at=at, category="E05", place=home), at)


def _ended_early(teller: Teller) -> None:
    operator = teller.cast.operators[0]
    for days, act, words in (
        (9, Act.REJECT, "属于家庭内部事务，已告知法律援助途径。"),
        (6, Act.CANCEL, "重复点击提交，作废。"),
    ):
        at = _working_days_ago(teller, days)
        case = teller.report(at=at, category="I03")
        teller.act(case, act, operator, at + timedelta(hours=2), text=words)


def _asked_for_information(teller: Teller) -> None:
    """Waits for the worker one can sign in as."""
    at = _working_days_ago(teller, 1)
    case = teller.report(at=at, category="H05", place=teller.places[0])
    words = "请补充是哪一盏路灯、附近门牌或电杆编号。"
    teller.act(case, Act.RETURN_FOR_INFO, teller.cast.operators[0], at + timedelta(hours=1), text=words)


def _beyond_the_town(teller: Teller) -> None:
    operator = teller.cast.operators[0]
    at = _working_days_ago(teller, 4)
    case = _processing(teller, at=at, category="E03")
    words = "已会同承办单位两次现场核查，责任主体在邻镇，超出本镇权限。"
    teller.act(case, Act.ESCALATE, operator, at + timedelta(days=1), authority="示范区综治中心", text=words)
    at = _working_days_ago(teller, 11)
    case = _processing(teller, at=at, category="A05")
    words = "双方不愿继续调解，已告知诉讼途径。"
    teller.act(case, Act.TRANSFER, operator, at + timedelta(days=1), authority="示范区人民法院", text=words)


def _put_away(teller: Teller) -> None:
    operator = teller.cast.operators[0]
    closed = Case.objects.filter(state="closed", closed_at__isnull=False).order_by("closed_at", "pk")[:12]
    for case in closed:
        assert case.closed_at is not None, "closed cases are asked for"
        teller.act(case, Act.ARCHIVE, operator, case.closed_at + timedelta(days=3), text="卷宗材料齐全。")


def _watched_from_above(teller: Teller) -> None:
    """One the leader wants an answer on, one whose unit asks for more time: both wait today."""
    late = _processing(teller, at=_working_days_ago(teller, 7), category="C02")
    at = _working_days_ago(teller, 1)
    words = "群众反映多次，请说明进度和完成时间。"
    teller.act(late, Act.SUPERVISE, teller.cast.leaders[0], at, supervision="yellow", text=words)
    asking = _processing(teller, at=_working_days_ago(teller, 3), category="D01")
    words = "当事人外出，约定后天到场配合。"
    teller.act(asking, Act.ASK_EXTENSION, teller.handler(asking), at, amount=3, text=words)


def _of_two_minds(teller: Teller) -> None:
    """Yesterday the worker one can sign in as found it done; the village officer, without signal, had found that it was
    not, and is heard only now. The center decides.
    """
    home = teller.places[0]
    case = _processing(teller, at=_working_days_ago(teller, 3), category="C02", place=home)
    yesterday = _working_days_ago(teller, 1)
    case = teller.act(case, Act.FEEDBACK, teller.handler(case), yesterday, text="破损管段已更换，路面已冲洗。")
    seen = case.version
    worker, officer = teller.cast.workers[home.cell.code], teller.cast.officers[home.cell.code[:12]]
    words = "已不再渗水，路面干净。"
    teller.act(case, Act.VERIFY, worker, yesterday + timedelta(hours=3), passed=True, text=words)
    perform_kept(
        case_id=case.pk,
        act=Act.VERIFY,
        by=officer,
        given=ActInput(passed=False, text="屋后接口还在渗水，流到路边。"),
        version=seen,
        client_id=UUID(int=teller.rng.getrandbits(128), version=4),
        offline=Offline(done_at=yesterday + timedelta(hours=2), kept=True),
    )
