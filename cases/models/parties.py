"""The parties of a case (当事人): who asks, who answers, whom else it concerns. Sealed, found by blind index only."""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grid.sealed import SealedTextField, blind_index
from staff.models import User

NAME_AT_MOST: Final = 60
PHONE_AT_MOST: Final = 30
_UNSAID: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff·•‧・∙⋅]+")
"""What two people write differently in one name: spaces, the dot in 阿依古丽·买买提, characters nobody sees."""
_COUNTRY: Final = re.compile(r"^(?:00)?86(?=1\d{10}$)")


def name_key(name: str) -> str:
    """The blind index of a name, the same however it was spaced; empty for nothing."""
    return blind_index(_spelled(name))


def phone_key(phone: str) -> str:
    """The blind index of a phone number: its digits alone, without the country's code before a mobile number."""
    return blind_index(digits_of(phone))


def _spelled(name: str) -> str:
    return _UNSAID.sub("", unicodedata.normalize("NFKC", name)).casefold()


def digits_of(phone: str) -> str:
    """The number as it is dialled from here."""
    digits = "".join(character for character in unicodedata.normalize("NFKC", phone) if character in "0123456789")
    return _COUNTRY.sub("", digits)


class CaseParty(models.Model):
    """One party of a case: a name, and a phone if there is one; nothing else is asked for. Never deleted, only removed.

    Only `cases.services.parties` writes here. Who may know of it is told in `cases.selectors.parties`.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("a person")
        ORGANISATION = "organisation", _("an organisation")

    class Side(models.TextChoices):
        APPLICANT = "applicant", _("applicant")
        RESPONDENT = "respondent", _("respondent")
        CONCERNED = "concerned", _("otherwise concerned")

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="parties")
    client_id = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    side = models.CharField(_("side"), max_length=10, choices=Side)
    name = SealedTextField(_("name"), max_characters=NAME_AT_MOST)
    phone = SealedTextField(_("phone"), max_characters=PHONE_AT_MOST, blank=True)
    name_index = models.CharField(max_length=64, editable=False)
    phone_index = models.CharField(max_length=64, blank=True, editable=False)
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="added_parties"
    )
    added_at = models.DateTimeField(_("added at"))
    removed_by = models.ForeignKey(
        User, verbose_name=_("removed by"), null=True, on_delete=models.PROTECT, related_name="removed_parties"
    )
    removed_at = models.DateTimeField(_("removed at"), null=True)

    class Meta:
        verbose_name = _("party of a case")
        verbose_name_plural = _("parties of cases")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="case_party_removed_by_somebody",
            ),
            # Two who write the same person down at the same moment: the second is told.
            models.UniqueConstraint(
                fields=["case", "side", "name_index", "phone_index"],
                condition=Q(removed_at__isnull=True),
                name="case_party_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name_index"], condition=Q(removed_at__isnull=True), name="case_party_name"),
            models.Index(
                fields=["phone_index"],
                condition=Q(removed_at__isnull=True) & ~Q(phone_index=""),
                name="case_party_phone",
            ),
        ]

    def __str__(self) -> str:
        # Never the name: this stands in logs and in the admin's messages.
        return f"{self.case_id} {self.side} {self.client_id}"


class CasePartyLook(models.Model):
    """Somebody saw a party's whole name and phone, and said what for. Append-only: triggers refuse every change."""

    class Purpose(models.TextChoices):
        HANDLE = "handle", _("to handle the case")
        MEDIATE = "mediate", _("to mediate")
        CONTACT = "contact", _("to get in touch")
        DUPLICATE = "duplicate", _("to see whether it is the same matter")
        INSPECTION = "inspection", _("an inspection")

    party = models.ForeignKey(CaseParty, verbose_name=_("party"), on_delete=models.PROTECT, related_name="looks")
    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="party_looks")
    by = models.ForeignKey(User, verbose_name=_("who"), on_delete=models.PROTECT, related_name="party_looks")
    at = models.DateTimeField(_("when"))
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    words = models.CharField(_("words"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("look at a party")
        verbose_name_plural = _("looks at parties")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_id} {self.party_id} {self.purpose}"
