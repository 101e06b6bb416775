from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from staff.models import Device, Leave, Organisation, Post, Token, User
from staff.services.devices import sign_out_device, sign_out_everywhere

# What people may do comes from their posts; groups would be a second, contradicting answer.
admin.site.unregister(Group)


class PostForm(forms.ModelForm[Post]):
    """A substitute's post is the post they stand in for, in the same area and role."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        holder: Post | None = data.get("stands_in_for")
        if holder is not None and not self._is_the_same(holder, data):
            message = _("Choose a post of somebody else with the same role and area.")
            self.add_error("stands_in_for", ValidationError(message, "other_post"))
        return data

    def _is_the_same(self, holder: Post, data: dict[str, Any]) -> bool:
        same = (holder.role, holder.area) == (data.get("role"), data.get("area"))
        return same and holder.user != data.get("user") and holder.stands_in_for is None


class PostInline(admin.TabularInline[Post, User]):
    model = Post
    form = PostForm
    extra = 0
    fields = ("role", "area", "organisation", "backup", "stands_in_for", "valid_from", "valid_to")
    autocomplete_fields = ("area", "organisation", "stands_in_for")


def _asker(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _tell_signed_out(page: admin.ModelAdmin[Any], request: HttpRequest, *, count: int) -> None:
    message = ngettext("%(count)d phone was signed out.", "%(count)d phones were signed out.", count)
    page.message_user(request, message % {"count": count})


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    list_display = ("username", "display_name", "email", "is_active")
    search_fields = ("username", "display_name")
    list_filter = ("is_active", "posts__role")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email", "phone", "language")}),
        (_("Sign-in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "email", "phone", "password1", "password2")}),)
    inlines = (PostInline,)
    actions = ("sign_out_phones", "empty_phones")

    @admin.action(description=_("Sign out on all phones"), permissions=["change"])
    def sign_out_phones(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._end_sessions(request, queryset, wipe=False)

    @admin.action(description=_("Sign out on all phones and empty them"), permissions=["change"])
    def empty_phones(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._end_sessions(request, queryset, wipe=True)

    def _end_sessions(self, request: HttpRequest, queryset: QuerySet[User], *, wipe: bool) -> None:
        by = _asker(request)
        count = sum(sign_out_everywhere(user=user, by=by, wipe=wipe) for user in queryset)
        _tell_signed_out(self, request, count=count)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin[Organisation]):
    list_display = ("name", "kind", "area", "active")
    list_filter = ("kind", "active")
    search_fields = ("name",)
    autocomplete_fields = ("area",)


@admin.register(Post)
class PostAdmin(admin.ModelAdmin[Post]):
    form = PostForm
    list_display = ("user", "role", "area", "organisation", "backup", "stands_in_for", "valid_from", "valid_to")
    list_filter = ("role", "backup")
    list_select_related = ("user", "area", "organisation", "stands_in_for__user", "stands_in_for__area")
    search_fields = ("user__username", "user__display_name", "area__name", "area__code")
    autocomplete_fields = ("user", "area", "organisation", "stands_in_for")


@admin.register(Leave)
class LeaveAdmin(admin.ModelAdmin[Leave]):
    """To look at: leave is entered on the page 网格, which also makes the substitute's post."""

    list_display = ("post", "first_day", "last_day", "cancelled", "made_by", "made_at")
    list_filter = ("cancelled",)
    list_select_related = ("post__user", "post__area", "made_by")
    search_fields = ("post__user__username", "post__user__display_name", "post__area__code")
    date_hierarchy = "first_day"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin[Token]):
    """Tokens are made by `manage.py make_token`, which shows them once. Here they are ended; the hash is not shown."""

    list_display = ("name", "user", "purpose", "valid_from", "valid_to", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "user__display_name")
    fields = ("name", "user", "purpose", "valid_from", "valid_to", "used_at")
    readonly_fields = ("name", "user", "purpose", "valid_from", "used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Token, form: forms.ModelForm[Token], change: bool) -> None:
        """Only the end: the machine may have used it meanwhile."""
        obj.save(update_fields=["valid_to"])


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin[Device]):
    """To look at, to sign out and to empty; phones register themselves."""

    list_display = ("name", "user", "last_seen", "signed_out_at", "signed_out_by", "wipe_asked_at", "wiped_at")
    list_filter = (("signed_out_at", admin.EmptyFieldListFilter), ("wiped_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "signed_out_by")
    search_fields = ("user__username", "user__display_name")
    actions = ("sign_out", "empty")

    @admin.action(description=_("Sign out"), permissions=["view"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        self._end_sessions(request, queryset, wipe=False)

    @admin.action(description=_("Sign out and empty the phone"), permissions=["view"])
    def empty(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        self._end_sessions(request, queryset, wipe=True)

    def _end_sessions(self, request: HttpRequest, queryset: QuerySet[Device], *, wipe: bool) -> None:
        by = _asker(request)
        devices = [sign_out_device(device=device, by=by, wipe=wipe) for device in queryset]
        _tell_signed_out(self, request, count=len(devices))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
