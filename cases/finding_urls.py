"""Finding cases: similar ones, saved views, acts on many, lists taken out."""

from django.urls import path

from cases.api import exports, finding

urlpatterns = [
    path("cases/similar/", finding.SimilarView.as_view(), name="cases-similar"),
    path("cases/many/<slug:act>/", finding.ManyView.as_view(), name="cases-many"),
    path("cases/<int:pk>/similar/", finding.CaseSimilarView.as_view(), name="case-similar"),
    path("cases/<int:pk>/related/", finding.RelatedView.as_view(), name="case-related"),
    path("saved-views/", finding.SavedViewListView.as_view(), name="saved-views"),
    path("saved-views/<int:pk>/", finding.SavedViewView.as_view(), name="saved-view"),
    path("exports/", exports.ExportListView.as_view(), name="exports"),
    path("exports/<int:pk>/", exports.ExportView.as_view(), name="export"),
    path("exports/<int:pk>/file/", exports.ExportFileView.as_view(), name="export-file"),
]
