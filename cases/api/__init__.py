"""The doors to cases: they check shape, the services check rules."""
