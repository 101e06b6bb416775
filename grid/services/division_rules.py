"""The rules of a list of divisions, each as one statement over all staged lines.

`division_rows` holds the lines, `division_known` which of them are in the system already. A statement gives the line,
the values of its sentence, and how many such lines there are. Periods include their first day and not their last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Memory for the joins over 665,000 lines; until the end of the transaction.
STAGE: Final = """
SET LOCAL work_mem = '64MB';
DROP TABLE IF EXISTS pg_temp.division_rows, pg_temp.division_known;
CREATE TEMP TABLE division_rows (
    line int NOT NULL, code text NOT NULL, name text NOT NULL, level text NOT NULL, parent_code text NOT NULL,
    valid_from date NOT NULL, valid_to date, predecessor_code text NOT NULL
) ON COMMIT DROP;
"""
COPY: Final = "COPY division_rows FROM STDIN"
UNSTAGE: Final = "DROP TABLE pg_temp.division_rows, pg_temp.division_known"

# The area that a line is about: the same code in the same years. Of several the one that still holds.
KNOW: Final = """
ANALYZE division_rows;
CREATE TEMP TABLE division_known ON COMMIT DROP AS
SELECT DISTINCT ON (r.line) r.line, a.id, a.name, a.valid_from, a.valid_to,
       a.name <> r.name AS renamed,
       a.valid_to IS NULL AND r.valid_to IS NOT NULL AS ends,
       a.predecessor_id IS NULL AND r.predecessor_code <> '' AS linked
FROM division_rows r
JOIN grid_area a ON a.code = r.code
 AND (r.valid_to IS NULL OR a.valid_from < r.valid_to) AND (a.valid_to IS NULL OR a.valid_to > r.valid_from)
ORDER BY r.line, a.valid_to DESC NULLS FIRST, a.valid_from DESC;
ANALYZE division_known;
"""

COUNT: Final = """
SELECT (SELECT count(*) FROM division_rows), count(*), count(*) FILTER (WHERE renamed),
       count(*) FILTER (WHERE ends), count(*) FILTER (WHERE renamed OR ends OR linked)
FROM division_known
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """`names` are those of the columns between the line and the count; `field` is the column to mend."""

    code: str
    field: str
    names: tuple[str, ...]
    sql: str


_OVERLAP: Final = (
    "(r.valid_to IS NULL OR p.valid_from < r.valid_to) AND (p.valid_to IS NULL OR p.valid_to > r.valid_from)"
)

# Whatever a line may lean on: other lines, and areas of the system.
_PARENTS: Final = f"""
WITH wanted AS (
    SELECT line, code, level, parent_code, valid_from, valid_to,
           CASE level WHEN 'town' THEN 'district' WHEN 'village' THEN 'town' ELSE 'village' END AS above
    FROM division_rows WHERE level IN ('town', 'village', 'cell')
), there AS (
    SELECT code, level, valid_from, valid_to FROM division_rows WHERE level IN ('district', 'town', 'village', 'cell')
    UNION ALL
    SELECT code, level, valid_from, valid_to FROM grid_area WHERE code IN (SELECT parent_code FROM wanted)
), found AS (
    SELECT r.line, bool_or(p.level = r.above) AS right_level, min(p.level) AS level
    FROM wanted r JOIN there p ON p.code = r.parent_code AND {_OVERLAP}
    GROUP BY r.line
)
"""

# A line's own first day is that of the area it is about, where that is known.
_PREDECESSORS: Final = """
WITH wanted AS (
    SELECT r.line, r.code, r.level, r.predecessor_code, coalesce(k.valid_from, r.valid_from) AS begins
    FROM division_rows r LEFT JOIN division_known k USING (line) WHERE r.predecessor_code <> ''
), there AS (
    SELECT code, level, valid_to FROM division_rows WHERE code IN (SELECT predecessor_code FROM wanted)
    UNION ALL
    SELECT a.code, a.level, a.valid_to FROM grid_area a
    WHERE a.code IN (SELECT predecessor_code FROM wanted)
      AND NOT EXISTS (SELECT 1 FROM division_known k WHERE k.id = a.id AND k.ends)
), found AS (
    SELECT r.line, bool_or(p.valid_to <= r.begins) AS ended
    FROM wanted r JOIN there p ON p.code = r.predecessor_code AND p.level = r.level
    GROUP BY r.line
)
"""

_ENDING: Final = """
WITH ending AS (
    SELECT r.line, k.id, r.code, r.level, r.valid_to, r.valid_to::timestamp AT TIME ZONE 'Asia/Shanghai' AS midnight
    FROM division_rows r JOIN division_known k USING (line) WHERE k.ends
)
"""

RULES: Final = (
    Rule(
        "ends_before_it_begins",
        "valid_to",
        ("begins", "ends"),
        "SELECT line, valid_from::text, valid_to::text, count(*) OVER () FROM division_rows"
        " WHERE valid_to <= valid_from ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "unknown_parent",
        "parent_code",
        ("code",),
        f"{_PARENTS} SELECT line, left(parent_code, 50), count(*) OVER () FROM wanted LEFT JOIN found f USING (line)"
        " WHERE f.line IS NULL ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "wrong_parent",
        "parent_code",
        ("level", "parent"),
        f"{_PARENTS} SELECT line, w.level, f.level, count(*) OVER () FROM wanted w JOIN found f USING (line)"
        " WHERE NOT f.right_level ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "not_in_parent",
        "parent_code",
        ("code", "parent"),
        "SELECT line, left(code, 50), left(parent_code, 50), count(*) OVER () FROM division_rows"
        " WHERE level IN ('town', 'village', 'cell') AND left(code, length(parent_code)) <> parent_code"
        " ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "duplicate",
        "code",
        ("code",),
        # One line may end what another begins; a line in the years of an earlier line is a second one.
        "SELECT line, left(code, 50), count(*) OVER () FROM ("
        "  SELECT line, code, valid_from, max(coalesce(valid_to, 'infinity')) OVER (PARTITION BY code"
        "  ORDER BY valid_from, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until"
        "  FROM division_rows) r WHERE taken_until > valid_from"
        " ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "duplicate",
        "code",
        ("code",),
        "SELECT line, left(code, 50), count(*) OVER () FROM ("
        "  SELECT line, r.code, r.valid_from, row_number() OVER (PARTITION BY k.id ORDER BY line) AS nth,"
        "  min(coalesce(r.valid_to, 'infinity')) OVER (PARTITION BY k.id ORDER BY line"
        "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until"
        "  FROM division_known k JOIN division_rows r USING (line)) q"
        " WHERE nth > 1 AND taken_until <= valid_from ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "other_end",
        "valid_to",
        ("code", "day"),
        "SELECT line, code, k.valid_to::text, count(*) OVER () FROM division_rows r JOIN division_known k USING (line)"
        " WHERE k.valid_to IS NOT NULL AND r.valid_to IS DISTINCT FROM k.valid_to ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "unknown_predecessor",
        "predecessor_code",
        ("code",),
        f"{_PREDECESSORS} SELECT line, left(predecessor_code, 50), count(*) OVER ()"
        " FROM wanted LEFT JOIN found f USING (line) WHERE f.line IS NULL ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "predecessor_valid",
        "predecessor_code",
        ("code", "day"),
        f"{_PREDECESSORS} SELECT line, left(predecessor_code, 50), begins::text, count(*) OVER ()"
        " FROM wanted JOIN found USING (line) WHERE ended IS NOT TRUE ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "ends_with_children",
        "valid_to",
        ("code", "day", "child"),
        f"{_ENDING} SELECT line, code, valid_to::text, child, count(*) OVER () FROM ("
        "  SELECT e.line, e.code, e.valid_to, min(c.code) AS child FROM ending e JOIN grid_area c ON c.parent_id = e.id"
        "  LEFT JOIN ending ce ON ce.id = c.id"
        "  WHERE coalesce(ce.valid_to, c.valid_to, 'infinity') > e.valid_to GROUP BY 1, 2, 3) q"
        " ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "ends_drawn",
        "valid_to",
        ("code",),
        # Open cases and posts go to another cell when one is retired on the map; a list knows nothing of them.
        f"{_ENDING} SELECT line, code, count(*) OVER () FROM ending e WHERE level = 'cell'"
        " AND EXISTS (SELECT 1 FROM grid_areaboundary b WHERE b.area_id = e.id) ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "ends_in_the_past",
        "valid_to",
        ("code",),
        f"{_ENDING} SELECT line, code, count(*) OVER () FROM ending e WHERE level <> 'cell' AND EXISTS ("
        "  SELECT 1 FROM grid_areaboundary b WHERE b.area_id = e.id"
        "  AND (b.valid_from >= e.midnight OR e.valid_to < %(today)s)) ORDER BY line LIMIT %(limit)s",
    ),
    Rule(
        "not_yours",
        "code",
        ("code",),
        # Lines that change nothing may name what lies around: a town's list begins with its district.
        "SELECT line, left(r.code, 50), count(*) OVER () FROM division_rows r LEFT JOIN division_known k USING (line)"
        " WHERE NOT (r.code LIKE ANY (%(scope)s)) AND (k.line IS NULL OR k.renamed OR k.ends OR k.linked)"
        " ORDER BY line LIMIT %(limit)s",
    ),
)

RENAME: Final = """
UPDATE grid_area a SET name = r.name
FROM division_rows r JOIN division_known k USING (line) WHERE k.renamed AND a.id = k.id
"""

CREATE: Final = f"""
INSERT INTO grid_area (code, name, level, kind, parent_id, valid_from, valid_to, synthetic)
SELECT DISTINCT ON (r.line) r.code, r.name, r.level,
       CASE WHEN r.level = 'cell' AND right(r.code, 3) >= '901' THEN 'dedicated' ELSE 'general' END,
       p.id, r.valid_from, r.valid_to, coalesce(p.synthetic, false)
FROM division_rows r
LEFT JOIN division_known k USING (line)
LEFT JOIN grid_area p ON r.level <> 'district' AND p.code = r.parent_code AND {_OVERLAP}
WHERE k.line IS NULL AND r.level = %(level)s
ORDER BY r.line, p.valid_from DESC
"""

END: Final = (
    "UPDATE grid_areaboundary b SET valid_to = r.valid_to::timestamp AT TIME ZONE 'Asia/Shanghai'"
    " FROM division_rows r JOIN division_known k USING (line) WHERE k.ends AND b.area_id = k.id"
    " AND (b.valid_to IS NULL OR b.valid_to > r.valid_to::timestamp AT TIME ZONE 'Asia/Shanghai')",
    "UPDATE grid_area a SET valid_to = r.valid_to"
    " FROM division_rows r JOIN division_known k USING (line) WHERE k.ends AND a.id = k.id",
)

# After the new areas are there: a line's area is the known one, else the new one of its first day.
LINK: Final = """
UPDATE grid_area a SET predecessor_id = q.old
FROM (
    SELECT DISTINCT ON (n.id) n.id, o.id AS old
    FROM division_rows r
    LEFT JOIN division_known k USING (line)
    JOIN grid_area n ON n.code = r.code AND (n.id = k.id OR k.id IS NULL AND n.valid_from = r.valid_from)
    JOIN grid_area o ON o.code = r.predecessor_code AND o.level = r.level AND o.valid_to <= n.valid_from
    WHERE r.predecessor_code <> '' AND (k.line IS NULL OR k.linked)
    ORDER BY n.id, o.valid_to DESC
) q WHERE a.id = q.id
"""
