"""Tell the administrators by mail that a year of the working calendar is not entered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.selectors.calendar import Coverage, banner, coverage
from notices.services import Letter, queue_letter
from staff.models import Post, User
from staff.selectors.people import posts_on


def tell_missing_years(*, now: datetime) -> int:
    """Queue one mail per administrator with an address while a year is missing; how many are new.

    At most one per person and ISO week (Asia/Shanghai), whatever is killed or repeated: the key is unique.
    """
    day = timezone.localdate(now)
    found = coverage(today=day)
    if found.complete:
        return 0
    week = day.strftime("%G-W%V")
    admins = posts_on(day=day).filter(role=Post.Role.ADMIN).values("user_id")
    people = User.objects.filter(pk__in=admins).exclude(email="").order_by("pk")
    return sum(queue_letter(recipient=one, letter=_letter(one, found, week), now=now) for one in people)


def _letter(user: User, found: Coverage, week: str) -> Letter:
    years = ", ".join(str(year) for year in found.missing)
    with translation.override(user.language):
        lines = [
            banner(found=found),
            _("Enter its days off and make-up days, or run load_defaults after an update of the product:"),
            f"{settings.PUBLIC_URL}/admin/cases/workday/",
        ]
        subject = _("The working calendar of %(years)s is missing") % {"years": years}
    return Letter(key=f"calendar:{years}:{week}:{user.pk}", subject=subject, text="\n\n".join(lines) + "\n", html="")
