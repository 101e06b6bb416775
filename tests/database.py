"""The database of the tests: the fixed town is written once, and put back after every test that commits.

Django empties all tables after such a test. Here that fails on purpose (case events refuse TRUNCATE) and would take the
town along. So the town's rows are kept in a schema of their own and copied back; the triggers stand aside for that one
transaction, by right of the tables' owner. Nothing of the product knows of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from cases.models import Case

KEPT = "kept"
PROTECTED = ("cases_caseevent", "cases_casepartylook", "cases_dayhead")
"""Tables whose triggers refuse every change."""
PERMANENT = {"django_migrations", "spatial_ref_sys", "django_content_type", "auth_permission", "grid_groundtoken"}


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall() if name not in PERMANENT]


@transaction.atomic
def empty() -> None:
    """Remove every row but those of migrations."""
    with connection.cursor() as cursor:
        for table in PROTECTED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(_tables())}")
        for table in PROTECTED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@transaction.atomic
def keep() -> None:
    """Remember every row as it is now."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in _tables():
            cursor.execute(f"CREATE TABLE {KEPT}.{table} AS TABLE public.{table}")


@transaction.atomic
def put_back() -> None:
    """Every row as it was kept; foreign keys are checked when this commits."""
    empty()
    with connection.cursor() as cursor:
        cursor.execute("".join(f"INSERT INTO public.{name} SELECT * FROM {KEPT}.{name};" for name in _tables()))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run the works in threads that start together, each with a connection of its own; what each returned or raised."""
    results: list[Any] = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@contextmanager
def held(case: Case) -> Iterator[None]:
    """Meanwhile somebody else is working on the case, in a transaction of their own."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            locked.set()
            done.wait(timeout=10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert locked.wait(timeout=10), "the row was to be had"
        yield
    finally:
        done.set()
        holder.join()
