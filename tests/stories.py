"""Ways to bring a case where a test needs it: through the product's own services, by the people whose work it is."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from PIL import Image

from cases.models import Case, CaseFile
from cases.services.acts import ActInput, perform_act
from cases.services.files import add_file
from cases.services.report import Report, open_case
from cases.workflow import Act
from staff.models import User
from tests.town import IN_A, Cast, Clock, Units

ROADS = {
    "reported": "",
    "accepted": "accept",
    "assigned": "accept assign",
    "processing": "accept assign acknowledge",
    "awaiting_verify": "accept assign acknowledge feedback",
    "verified": "accept assign acknowledge feedback verify",
    "closed": "accept assign acknowledge feedback verify close",
    "suspended": "accept assign acknowledge suspend",
    "escalated": "accept assign acknowledge escalate",
    "archived": "accept assign acknowledge feedback verify close archive",
    "draft": "return_for_info",
    "transferred": "accept transfer",
    "rejected": "reject",
    "merged": "merge",
    "cancelled": "cancel",
}
"""The shortest way to every state."""


class Stories:
    """Acts happen at the clock's moment; who does them and what they say is fixed unless a test says otherwise."""

    def __init__(self, *, cast: Cast, units: Units, clock: Clock, first: int = 1) -> None:
        self.cast = cast
        self.units = units
        self.clock = clock
        self.count = first - 1

    def client_id(self) -> UUID:
        self.count += 1
        return UUID(int=self.count, version=4)

    def report(self, *, by: User | None = None, category: str = "C01", **said: Any) -> Case:
        """A report by 阿珍 from the middle of her cell; `at` brings in a past one."""
        place = dict(zip(("lon", "lat"), said.pop("point", IN_A) or (None, None), strict=True))
        at = said.pop("at", None)
        said = {"client_id": self.client_id(), "description": "村口垃圾堆放多日未清", **place, **said}
        case, _ = open_case(by=by or self.cast.worker, report=Report(category_code=category, **said), at=at)
        return case

    def act(self, case: Case, act: str, *, by: User | None = None, **given: Any) -> Case:
        """`act` by whoever usually does it, with what it needs; `at` brings in a past one."""
        doer, usual = self.usual(act)
        at, client_id = given.pop("at", None), given.pop("client_id", None)
        if act == "merge" and "into" not in given:
            usual["into"] = self.report(description="同一堆垃圾，先报的", at=at).number
        version = Case.objects.values_list("version", flat=True).get(pk=case.pk)
        done = perform_act(
            case_id=case.pk,
            act=Act(act),
            by=by or doer,
            given=ActInput(**{**usual, **given}),
            version=version,
            client_id=client_id,
            at=at,
        )
        self._is_saved(done)
        return done

    @staticmethod
    def _is_saved(case: Case) -> None:
        """Everything an act changed is written: a column forgotten in the list of changes would live in memory only."""
        names = [f.attname for f in Case._meta.concrete_fields if f.name not in ("updated_at", "search", "point")]
        assert Case.objects.filter(pk=case.pk).values(*names).get() == {name: getattr(case, name) for name in names}

    def usual(self, act: str) -> tuple[User, dict[str, Any]]:
        """Who usually does it, and what they say."""
        cast, day = self.cast, self.clock.moment.date()
        return {
            "accept": (cast.operator, {}),
            "reject": (cast.operator, {"text": "属于家庭内部事务"}),
            "merge": (cast.operator, {"text": "同一件事"}),
            "cancel": (cast.worker, {"text": "误报"}),
            "assign": (cast.operator, {"organisation": self.units.enforcement.pk}),
            "acknowledge": (cast.handler, {}),
            "return": (cast.handler, {"text": "不属于本单位职责"}),
            "feedback": (cast.handler, {"text": "已清运干净"}),
            "verify": (cast.worker, {"passed": True}),
            "close": (cast.operator, {"outcome": "solved"}),
            "suspend": (cast.operator, {"text": "等待鉴定报告", "until": day.replace(year=day.year + 1)}),
            "resume": (cast.operator, {}),
            "return_for_info": (cast.operator, {"text": "请补充门牌号"}),
            "submit": (cast.worker, {"text": "东村12号"}),
            "unmerge": (cast.operator, {"text": "不是同一件事"}),
            "reassign": (cast.operator, {"assignee": cast.handler.pk}),
            "archive": (cast.operator, {}),
            "reopen": (cast.operator, {"text": "又堆起来了"}),
            "follow_up": (cast.worker, {"satisfaction": "satisfied"}),
            "ask_suspension": (cast.handler, {"text": "等待鉴定报告", "until": day.replace(year=day.year + 1)}),
            "refuse_suspension": (cast.operator, {"text": "不影响先处理"}),
            "ask_extension": (cast.handler, {"text": "车辆检修", "amount": 2}),
            "extend": (cast.head, {"amount": 2}),
            "refuse_extension": (cast.head, {"text": "人手已够"}),
            "escalate": (cast.operator, {"authority": "区综治中心", "text": "已会商两次，超出本镇权限"}),
            "answer": (cast.operator, {"taken_over": False, "text": "由镇里继续处理"}),
            "transfer": (cast.operator, {"authority": "区人民法院", "text": "需依法裁判"}),
            "opine": (cast.mediator, {"text": "已配合现场调查"}),
            "meet": (cast.operator, {"text": "三方到场，约定周五前清运"}),
            "nudge": (cast.operator, {}),
            "supervise": (cast.leader, {"supervision": "yellow", "text": "请说明进度"}),
            "supervision_reply": (cast.handler, {"text": "明日清运完毕"}),
            "lift_supervision": (cast.leader, {"text": "已答复"}),
            "instruct": (cast.leader, {"text": "请抓紧办理"}),
            "link_parent": (cast.operator, {}),
            "unlink_parent": (cast.operator, {"text": "单独处理"}),
            "comment": (cast.worker, {"text": "又来看了一次"}),
        }[act]

    def photo(self, case: Case, *, by: User | None = None) -> CaseFile:
        """A small grey photo by 阿珍."""
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), (90, 90, 90)).save(picture, "JPEG")
        picture.seek(0)
        file, _ = add_file(case_id=case.pk, by=by or self.cast.worker, client_id=self.client_id(), upload=picture)
        return file

    def walk(self, case: Case, road: str) -> Case:
        for act in road.split():
            case = self.act(case, act)
        return case

    def case_in(self, state: str, **report: Any) -> Case:
        """A case of 阿珍's, brought into the state by the shortest way."""
        return self.walk(self.report(**report), ROADS[state])
