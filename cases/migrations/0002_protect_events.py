"""Events are append-only, numbers come from a sequence, and every committed event is announced."""

from django.db import migrations

PROTECT = """
CREATE FUNCTION case_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case events are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER case_event_no_change BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION case_event_refuse();
CREATE TRIGGER case_event_no_truncate BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION case_event_refuse();
"""
UNPROTECT = """
DROP TRIGGER case_event_no_truncate ON cases_caseevent;
DROP TRIGGER case_event_no_change ON cases_caseevent;
DROP FUNCTION case_event_refuse();
"""
ANNOUNCE = """
CREATE FUNCTION case_event_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Heard by listeners only once the transaction is committed; equal ids of one transaction are told once.
    PERFORM pg_notify('case_event', NEW.case_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER case_event_announce AFTER INSERT ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION case_event_announce();
"""
UNANNOUNCE = """
DROP TRIGGER case_event_announce ON cases_caseevent;
DROP FUNCTION case_event_announce();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE case_number", "DROP SEQUENCE case_number"),
        migrations.RunSQL(PROTECT, UNPROTECT),
        migrations.RunSQL(ANNOUNCE, UNANNOUNCE),
    ]
