"""Everything that writes to cases. Nothing else in the project assigns a state."""
