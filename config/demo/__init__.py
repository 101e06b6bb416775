"""The fictional town 示范镇 (990000001): invented land, invented people, three months of invented cases.

It lies at sea, so that nobody lives there. Everything comes from one seeded generator: the same twice.
"""

SEED = 990000001
