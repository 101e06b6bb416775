"""Enter and withdraw leave: who is away on which days, and who stands in meanwhile with a post of their own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from staff.models import Leave, Post, User
from staff.scope import Scope, scope_of, today
from staff.selectors.people import posts_on
from staff.sight import GROUND_ROLES, LEAVE_ENTERERS

LONGEST: Final = 366
"""Days of one leave at most; longer absences are a new post."""


def may_enter_leave(*, scope: Scope, code: str) -> bool:
    """Whether the person enters leave for posts in the area with this code."""
    return scope.covers(code, *LEAVE_ENTERERS)


@transaction.atomic
def enter_leave(*, post: Post, first_day: date, last_day: date, substitute_id: int | None, by: User) -> Leave:
    """The holder of `post` is away from `first_day` to `last_day`; the substitute gets the same post for these days.

    Raises PermissionDenied, and ValidationError that names the field.
    """
    # Locked: two people who enter leave for one post at once shall not both find it free.
    post = Post.objects.select_for_update(of=("self",)).select_related("area").get(pk=post.pk)
    if not may_enter_leave(scope=scope_of(by), code=post.area.code):
        raise PermissionDenied
    _check_post(post)
    _check_days(post, first_day=first_day, last_day=last_day)
    substitute = _substitute(post, pk=substitute_id, first_day=first_day, last_day=last_day)
    leave = Leave.objects.create(post=post, first_day=first_day, last_day=last_day, made_by=by)
    if substitute is not None:
        Post.objects.create(
            user=substitute,
            role=post.role,
            area=post.area,
            organisation_id=post.organisation_id,
            backup=post.backup,
            stands_in_for=post,
            valid_from=first_day,
            valid_to=last_day + timedelta(days=1),
        )
    return leave


def _check_post(post: Post) -> None:
    if post.role not in GROUND_ROLES:
        message = _("Leave is entered for grid workers and village officers only.")
        raise ValidationError(message, "not_on_the_ground")
    if post.stands_in_for_id is not None:
        message = _("This person only stands in. Withdraw the leave they stand in for and enter it with somebody else.")
        raise ValidationError(message, "substitute_post")


def _check_days(post: Post, *, first_day: date, last_day: date) -> None:
    if last_day < first_day:
        message = _("The last day lies before the first. Enter the days in their order.")
        raise ValidationError({"last_day": ValidationError(message, "ends_before_it_begins")})
    if (last_day - first_day).days >= LONGEST:
        message = _("Leave lasts %(days)d days at most. End the post and give it to somebody else instead.")
        raise ValidationError({"last_day": ValidationError(message % {"days": LONGEST}, "too_long")})
    if last_day < today():
        message = _("These days are over. Enter leave that is still to come or not yet over.")
        raise ValidationError({"last_day": ValidationError(message, "over")})
    if first_day < post.valid_from or (post.valid_to is not None and last_day >= post.valid_to):
        message = _("The post is not held on all of these days. Enter days within the post.")
        raise ValidationError({"first_day": ValidationError(message, "outside_the_post")})
    other = _overlapping(first_day=first_day, last_day=last_day).filter(post=post).first()
    if other is not None:
        message = _("There is leave from %(first)s to %(last)s already. Withdraw it or enter other days.")
        days = {"first": other.first_day.isoformat(), "last": other.last_day.isoformat()}
        raise ValidationError({"first_day": ValidationError(message % days, "overlaps")})


def _overlapping(*, first_day: date, last_day: date) -> QuerySet[Leave]:
    return Leave.objects.filter(cancelled=False, first_day__lte=last_day, last_day__gte=first_day).order_by("first_day")


def _substitute(post: Post, *, pk: int | None, first_day: date, last_day: date) -> User | None:
    """The person with this id, or None without one. They get sight of the area, so they must belong to its town."""
    if pk is None:
        return None
    if pk == post.user_id:
        message = _("Nobody stands in for themselves. Choose somebody else, or nobody.")
        raise ValidationError({"substitute": ValidationError(message, "same_person")})
    colleagues = posts_on(day=max(first_day, today())).filter(area__code__startswith=post.area.code[:9])
    substitute = User.objects.filter(pk=pk, is_active=True, pk__in=colleagues.values("user_id")).first()
    if substitute is None:
        message = _("Choose somebody with an open account and a post in this town.")
        raise ValidationError({"substitute": ValidationError(message, "not_a_colleague")})
    if _overlapping(first_day=first_day, last_day=last_day).filter(post__user=substitute).exists():
        message = _("%(name)s is on leave in these days, too. Choose somebody else, or nobody.")
        raise ValidationError(
            {"substitute": ValidationError(message % {"name": substitute.display_name}, "substitute_on_leave")}
        )
    return substitute


@transaction.atomic
def withdraw_leave(*, leave: Leave, by: User) -> None:
    """The leave does not happen, or ends yesterday if it has begun; what was true until then stays on record.

    Withdrawing it twice changes nothing. Raises PermissionDenied, and ValidationError for leave that is over.
    """
    leave = Leave.objects.select_for_update(of=("self",)).select_related("post__area").get(pk=leave.pk)
    if not may_enter_leave(scope=scope_of(by), code=leave.post.area.code):
        raise PermissionDenied
    if leave.cancelled:
        return
    day = today()
    if leave.last_day < day:
        message = _("This leave is over; there is nothing left to withdraw.")
        raise ValidationError(message, "over")
    _end_substitutes(leave, day=day)
    if leave.first_day < day:
        leave.last_day = day - timedelta(days=1)
    else:
        leave.cancelled = True
    leave.save(update_fields=["last_day", "cancelled"])


def _end_substitutes(leave: Leave, *, day: date) -> None:
    """From `day` on nobody stands in. A post that never began was never held: it goes, and nobody reads it as history.

    One that began today keeps its holder's sight until midnight, since a post lasts whole days; it counts no more.
    """
    posts = Post.objects.filter(
        stands_in_for=leave.post, valid_from__gte=leave.first_day, valid_from__lte=leave.last_day
    )
    unbegun = list(posts.filter(valid_from__gt=day).values_list("pk", flat=True))
    Leave.objects.filter(post__in=unbegun).delete()
    Post.objects.filter(stands_in_for__in=unbegun).update(stands_in_for=None)
    Post.objects.filter(pk__in=unbegun).delete()
    posts.filter(valid_from=day).update(valid_to=day + timedelta(days=1))
    posts.filter(valid_from__lt=day, valid_to__gt=day).update(valid_to=day)
