"""Write areas, boundaries and places: one module for each."""
