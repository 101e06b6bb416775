from django.urls import path

from cases.api import conflicts, files, parties, views

urlpatterns = [
    path("categories/", views.CategoryListView.as_view(), name="categories"),
    path("cases/", views.CaseListView.as_view(), name="cases"),
    path("cases/counts/", views.CountView.as_view(), name="case-counts"),
    path("cases/summary/", views.SummaryView.as_view(), name="case-summary"),
    path("cases/<int:pk>/", views.CaseView.as_view(), name="case"),
    path("cases/<int:pk>/acts/<slug:act>/", views.ActView.as_view(), name="case-act"),
    path("cases/<int:pk>/events/", views.EventListView.as_view(), name="case-events"),
    path("cases/<int:pk>/deadlines/", views.DeadlineListView.as_view(), name="case-deadlines"),
    path("cases/<int:pk>/conflicts/", conflicts.ConflictListView.as_view(), name="case-conflicts"),
    path("cases/<int:pk>/conflicts/<int:conflict>/", conflicts.ConflictView.as_view(), name="case-conflict"),
    path("cases/<int:pk>/files/", files.CaseFileListView.as_view(), name="case-files"),
    path("cases/<int:pk>/parties/", parties.PartyListView.as_view(), name="case-parties"),
    path("cases/<int:pk>/parties/looks/", parties.PartyLookListView.as_view(), name="case-party-looks"),
    path("cases/<int:pk>/parties/<int:party>/", parties.PartyView.as_view(), name="case-party"),
    path("cases/<int:pk>/parties/<int:party>/look/", parties.PartyLookView.as_view(), name="case-party-look"),
    path("files/<int:pk>/", files.FileView.as_view(), name="file"),
    path("files/<int:pk>/thumbnail/", files.ThumbnailView.as_view(), name="file-thumbnail"),
]
