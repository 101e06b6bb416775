from django.urls import path

from cases.api import basemap, tiles

urlpatterns = [
    path("tiles/<str:layer>.json", tiles.TileJsonView.as_view(), name="tiles"),
    path("tiles/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.TileView.as_view(), name="tile"),
    path("basemap/", basemap.BaseMapView.as_view(), name="base-map"),
    path("basemap/tiles/<int:z>/<int:x>/<int:y>", basemap.BaseMapTileView.as_view(), name="base-map-tile"),
    path("basemap/labels/<int:z>/<int:x>/<int:y>", basemap.BaseMapLabelView.as_view(), name="base-map-labels"),
]
