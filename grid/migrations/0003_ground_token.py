"""Whoever changes an area or a boundary renews the token of the ground, also past the services."""

from django.db import migrations

WATCH = """
INSERT INTO grid_groundtoken (token) VALUES (gen_random_uuid());
CREATE FUNCTION ground_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE grid_groundtoken SET token = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER ground_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_area
    FOR EACH STATEMENT EXECUTE FUNCTION ground_changed();
CREATE TRIGGER ground_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_areaboundary
    FOR EACH STATEMENT EXECUTE FUNCTION ground_changed();
"""
UNWATCH = """
DROP TRIGGER ground_changed ON grid_areaboundary;
DROP TRIGGER ground_changed ON grid_area;
DROP FUNCTION ground_changed();
DELETE FROM grid_groundtoken;
"""


class Migration(migrations.Migration):
    dependencies = [("grid", "0002_territory")]

    operations = [migrations.RunSQL(WATCH, UNWATCH)]
