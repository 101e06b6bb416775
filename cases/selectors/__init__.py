"""Everything that reads cases for others, from querysets that passed `visible_to`."""
