from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from staff.models import Organisation, Post, User

# What people may do comes from their posts; groups would be a second, contradicting answer.
admin.site.unregister(Group)


class PostInline(admin.TabularInline[Post, User]):
    model = Post
    extra = 0
    autocomplete_fields = ("area", "organisation")


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    list_display = ("username", "display_name", "email", "is_active")
    search_fields = ("username", "display_name")
    list_filter = ("is_active", "posts__role")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "email", "language")}),
        (_("Sign-in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "email", "password1", "password2")}),)
    inlines = (PostInline,)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin[Organisation]):
    list_display = ("name", "kind", "area", "active")
    list_filter = ("kind", "active")
    search_fields = ("name",)
    autocomplete_fields = ("area",)


@admin.register(Post)
class PostAdmin(admin.ModelAdmin[Post]):
    list_display = ("user", "role", "area", "organisation", "valid_from", "valid_to")
    list_filter = ("role",)
    search_fields = ("user__username", "user__display_name", "area__name", "area__code")
    autocomplete_fields = ("user", "area", "organisation")
