from django.urls import path

from cases.api import ogc

urlpatterns = [
    path("", ogc.LandingView.as_view(), name="ogc"),
    path("conformance", ogc.ConformanceView.as_view(), name="ogc-conformance"),
    path("api", ogc.DescriptionView.as_view(), name="ogc-api"),
    path("collections", ogc.CollectionListView.as_view(), name="ogc-collections"),
    path("collections/<str:name>", ogc.CollectionView.as_view(), name="ogc-collection"),
    path("collections/<str:name>/items", ogc.ItemListView.as_view(), name="ogc-items"),
    path("collections/<str:name>/items/<int:feature_id>", ogc.ItemView.as_view(), name="ogc-item"),
]
