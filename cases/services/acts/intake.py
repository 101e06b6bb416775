"""What changes when the center takes a report in, and when a unit is chosen for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Category
from cases.policy import is_head
from cases.selectors.routing import propose
from cases.services.acts.doing import Doing, invalid, run_handle_clock, run_stage, start_term
from cases.workflow import SETTLED, Act, Level, Stage, State
from staff.models import Organisation
from staff.scope import scope_of
from staff.selectors.people import is_member, organisations_for


def _accept(doing: Doing) -> None:
    case, given = doing.case, doing.given
    if given.category is not None and given.category != case.category_code:
        category = Category.objects.filter(code=given.category, active=True).first()
        if category is None:
            raise invalid("category", _("Unknown category. Choose one from the list."), "unknown")
        doing.data["category_before"], doing.data["category"] = case.category_code, category.code
        case.category, case.category_code, case.emergency = category, category.code, category.emergency
    if given.level:
        if given.level not in set(Level):
            raise invalid("level", _("Choose a level from the list."), "invalid_choice")
        doing.data["level"] = case.level = given.level
    case.accepted_at = doing.at
    run_handle_clock(doing)


def _run_before_acceptance(doing: Doing, stage: Stage) -> None:
    """What counts as late before the acceptance is what the list shows."""
    case = doing.case
    run_stage(doing, stage)
    assert case.due_at is not None, "a clock without a pause has an end"
    case.accept_due_at = case.due_at
    case.accepted_at = case.handle_due_at = None


def _return_for_info(doing: Doing) -> None:
    _run_before_acceptance(doing, Stage.INFO)


def start_over(doing: Doing) -> None:
    """Before the center once more; the accept clock starts anew: until now nobody could have accepted it."""
    _run_before_acceptance(doing, Stage.ACCEPT)


def _assign(doing: Doing) -> None:
    case, given = doing.case, doing.given
    unit = organisations_for(scope=scope_of(doing.by)).filter(pk=given.organisation or 0).first()
    if unit is None:
        raise invalid("organisation", _("Choose a unit from the list."), "unknown")
    if doing.from_state != State.ACCEPTED:
        _hop(doing)
        if unit.pk == case.lead_org_id:
            raise invalid("organisation", _("This unit leads already. Choose another, or another person of it."))
    _name_first_responsible(doing)
    _check_member(doing, unit)
    # What the rules would have said, whatever was chosen: "why this unit?" is answered from here.
    proposal = propose(case=case)
    doing.data["route"] = proposal.record() if proposal is not None else None
    case.lead_org, case.assignee_id = unit, given.assignee
    case.assistants = _assistants(doing, unit)
    _hand_over(doing)
    doing.data.update(
        organisation=unit.pk, organisation_name=unit.name, assignee=given.assignee, assistants=case.assistants
    )
    run_handle_clock(doing)
    if given.due_at is not None:
        _fix_due(doing, fixed=given.due_at)
        run_handle_clock(doing)


def _hop(doing: Doing) -> None:
    """Every return and every re-assignment counts: a case is not passed round."""
    doing.case.hop_count += 1
    doing.data["hop"] = doing.case.hop_count


def _name_first_responsible(doing: Doing) -> None:
    """After so many hops the center stops it: the head names the unit that answers first; it cannot send it back."""
    case = doing.case
    case.first_responsible = case.hop_count >= settings.HOPS_AT_MOST
    if not case.first_responsible:
        return
    if not is_head(case=case, scope=scope_of(doing.by)):
        raise invalid(
            "organisation",
            _("Passed on %(count)d times: the head of the center names the unit that answers first.")
            % {"count": case.hop_count},
            "head_only",
        )
    if not doing.given.text.strip():
        raise invalid("text", _("Passed on too often: say why this unit answers first."), "required")
    doing.data["first_responsible"] = True


def _check_member(doing: Doing, unit: Organisation) -> None:
    person = doing.given.assignee
    day = timezone.localdate(doing.at)
    if person is not None and not is_member(user_id=person, organisation_id=unit.pk, day=day):
        raise invalid("assignee", _("This person does not belong to the unit. Choose one of its members."), "unknown")


def _assistants(doing: Doing, lead: Organisation) -> list[int]:
    wanted = sorted(set(doing.given.assistants or ()))
    known = set(organisations_for(scope=scope_of(doing.by)).filter(pk__in=wanted).values_list("pk", flat=True))
    if set(wanted) - known or lead.pk in known:
        raise invalid("assistants", _("Choose other units than the one that leads, from the list."), "unknown")
    return wanted


def _hand_over(doing: Doing) -> None:
    """Whoever gets it has to take it, within a term of its own."""
    case = doing.case
    case.assigned_at, case.acknowledged_at = doing.at, None
    case.take_due_at = start_term(doing, Stage.TAKE, kept_as="take_due_at").at


def _fix_due(doing: Doing, *, fixed: datetime) -> None:
    """An earlier date than the rule's; never a later one: that is an extension, and asks for a reason."""
    limit = doing.case.handle_due_at
    if fixed <= doing.at or (limit is not None and fixed > limit):
        raise invalid("due_at", _("Choose a time after now and not after the limit of this category."))
    doing.data["due_at"] = fixed.isoformat()


def _reassign(doing: Doing) -> None:
    """Another person of the same unit, who takes it anew."""
    case = doing.case
    if case.lead_org is None:
        raise invalid("assignee", _("No unit leads this case. Assign it first."))
    if doing.given.assignee == case.assignee_id:
        raise invalid("assignee", _("This person has it already. Choose another."))
    _check_member(doing, case.lead_org)
    doing.data.update(assignee_before=case.assignee_id, assignee=doing.given.assignee, organisation=case.lead_org_id)
    if doing.from_state == State.PROCESSING:
        _hop(doing)
    case.assignee_id = doing.given.assignee
    _hand_over(doing)
    run_handle_clock(doing)


def _return(doing: Doing) -> None:
    case = doing.case
    if case.first_responsible:
        raise invalid("text", _("The center named your unit to answer first. Ask for assistance or a meeting instead."))
    _hop(doing)
    doing.data.update(organisation=case.lead_org_id, assignee=case.assignee_id)
    case.lead_org = case.assignee = None
    case.assistants = []
    case.assigned_at = case.acknowledged_at = case.take_due_at = None
    case.asked_for, case.asked_amount, case.asked_until = "", None, None


def target_of(doing: Doing) -> Case:
    """The other case named by its number; this person sees it, and it is no dead end."""
    target = (
        Case.objects.visible_to(doing.by)
        .filter(number=(doing.given.into or "").strip())
        .exclude(pk=doing.case.pk)
        .exclude(is_open=False, state__in=[s for s in State if s not in SETTLED])
        .first()
    )
    if target is None:
        raise invalid("into", _("There is no other case with this number that could take it."), "unknown")
    return target


def _merge(doing: Doing) -> None:
    doing.case.merged_into = target = target_of(doing)
    doing.data.update(into=target.pk, into_number=target.number)


def _unmerge(doing: Doing) -> None:
    """As if it had never been linked: nothing was moved, and the clock has run on meanwhile."""
    case = doing.case
    assert case.merged_into is not None, "only a merged case is in this state"
    doing.data.update(from_number=case.merged_into.number)
    case.merged_into = None


EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    Act.ACCEPT: _accept,
    Act.RETURN_FOR_INFO: _return_for_info,
    Act.SUBMIT: start_over,
    Act.ASSIGN: _assign,
    Act.REASSIGN: _reassign,
    Act.RETURN: _return,
    Act.MERGE: _merge,
    Act.UNMERGE: _unmerge,
}
