"""What helps to decide and to write: routing, standard texts, questions."""

from django.urls import path

from cases.api import help, routing

urlpatterns = [
    path("cases/bounces/", help.BounceListView.as_view(), name="bounces"),
    path("cases/<int:pk>/route/", routing.RouteView.as_view(), name="case-route"),
    path("questions/", help.QuestionListView.as_view(), name="questions"),
    path("reply-texts/", help.ReplyTextListView.as_view(), name="reply-texts"),
    path("routing-rules/", routing.RuleListView.as_view(), name="routing-rules"),
    path("routing-rules/order/", routing.RuleOrderView.as_view(), name="routing-rules-order"),
    path("routing-rules/preview/", routing.RulePreviewView.as_view(), name="routing-rules-preview"),
    path("routing-rules/<int:pk>/", routing.RuleView.as_view(), name="routing-rule"),
]
