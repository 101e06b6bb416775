"""Everything that reads cases for others. Every function takes a queryset that passed `visible_to`, or does so itself."""
