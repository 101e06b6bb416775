"""What is asked, answered and linked along the road, without moving the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseEvent
from cases.policy import level_code
from cases.selectors import rules as clocks
from cases.services.acts.doing import Doing, invalid
from cases.services.acts.intake import target_of
from cases.workflow import Act, Stage, Supervision
from staff.models import Post
from staff.scope import scope_of

SUPERVISORS: Final = (Post.Role.CENTER_HEAD, Post.Role.LEADER)


def _nudge(doing: Doing) -> None:
    """Once a day: more of them would be noise."""
    day = timezone.localtime(doing.at).date()
    since = timezone.make_aware(datetime.combine(day, time(0)))
    if CaseEvent.objects.filter(case=doing.case, act=Act.NUDGE, actor=doing.by, at__gte=since).exists():
        raise invalid("text", _("You reminded them today already; once a day is heard."), "once_a_day")
    doing.data.update(organisation=doing.case.lead_org_id, assignee=doing.case.assignee_id)


def _supervise(doing: Doing) -> None:
    case, given = doing.case, doing.given
    if given.supervision not in set(Supervision):
        raise invalid("supervision", _("Choose how sharply it is put."), "invalid_choice")
    code = level_code(case=case, scope=scope_of(doing.by), roles=SUPERVISORS)
    if case.supervision and len(case.supervised_from) < len(code):
        raise invalid("supervision", _("A higher level supervises this case already."), "higher")
    due_at = _reply_by(doing)
    case.supervision, case.supervised_by, case.supervised_from = given.supervision, doing.by, code
    case.supervision_due_at, case.supervision_replied_at = due_at, None
    doing.data.update(supervision=case.supervision, level=code, due_at=due_at.isoformat() if due_at else None)


def _reply_by(doing: Doing) -> datetime | None:
    """As the person says, else by the rule."""
    wanted = doing.given.reply_by
    if wanted is None:
        return clocks.term(stage=Stage.SUPERVISION, matter=clocks.matter_of(doing.case), start=doing.at).at
    if wanted <= doing.at:
        raise invalid("reply_by", _("Choose a time after now."))
    return wanted


def _check_supervised(case: Case) -> None:
    if not case.supervision:
        raise invalid("text", _("Nobody supervises this case."), "not_supervised")


def _supervision_reply(doing: Doing) -> None:
    _check_supervised(doing.case)
    doing.data.update(supervision=doing.case.supervision, level=doing.case.supervised_from)
    doing.case.supervision_replied_at = doing.at


def _lift_supervision(doing: Doing) -> None:
    """Only the level that issued it: a lower one cannot wave it away, a higher one issues its own."""
    case = doing.case
    _check_supervised(case)
    code = level_code(case=case, scope=scope_of(doing.by), roles=SUPERVISORS)
    if len(code) != len(case.supervised_from):
        raise invalid("text", _("Only the level that issued the supervision can lift it."), "level")
    doing.data.update(supervision=case.supervision, level=code)
    case.supervision, case.supervised_by, case.supervised_from = "", None, ""
    case.supervision_due_at = case.supervision_replied_at = None


def _link_parent(doing: Doing) -> None:
    """One level only: a part has no parts of its own."""
    case = doing.case
    parent = target_of(doing)
    if parent.parent_id is not None or case.parts.exists():
        raise invalid("into", _("A part has no parts of its own. Choose the case that stands above all."), "nested")
    if case.parent_id is not None:
        raise invalid("into", _("It is a part of another case already. Take it out there first."), "linked")
    case.parent = parent
    Case.objects.filter(pk=parent.pk).update(part_count=F("part_count") + 1)
    doing.data.update(parent=parent.pk, parent_number=parent.number)


def _unlink_parent(doing: Doing) -> None:
    if doing.case.parent is None:
        raise invalid("text", _("It is not a part of another case."), "not_linked")
    doing.data["parent_number"] = doing.case.parent.number
    Case.objects.filter(pk=doing.case.parent.pk).update(part_count=F("part_count") - 1)
    doing.case.parent = None


EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    Act.NUDGE: _nudge,
    Act.SUPERVISE: _supervise,
    Act.SUPERVISION_REPLY: _supervision_reply,
    Act.LIFT_SUPERVISION: _lift_supervision,
    Act.LINK_PARENT: _link_parent,
    Act.UNLINK_PARENT: _unlink_parent,
}
