from django.contrib import admin

from reports.models import Subscription


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin[Subscription]):
    list_display = ("user", "area", "active")
    autocomplete_fields = ("user", "area")
