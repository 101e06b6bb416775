"""Read areas, places and the map: one module for each."""
