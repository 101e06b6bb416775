from django.urls import path

from grid.api import export
from staff.api import imports

urlpatterns = [
    path("areas/export/", export.AreaExportView.as_view(), name="export"),
    path("imports/", imports.ImportListView.as_view(), name="imports"),
    path("imports/crs/", imports.CrsListView.as_view(), name="import-crs"),
    path("imports/<int:pk>/", imports.ImportView.as_view(), name="import"),
    path("imports/<int:pk>/apply/", imports.ImportApplyView.as_view(), name="import-apply"),
]
