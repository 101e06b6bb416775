"""What the import linter cannot see: relations between tables, and habits that cost other projects their nights."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db.models import ForeignObject, Model

ROOT = Path(settings.BASE_DIR)
LAYERS = [["grid"], ["staff"], ["cases"], ["people"], ["notices", "reports"], ["workers"], ["config"]]
"""From the bottom up: where < who < what < for whom < told, counted < background < all of it."""
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
OURS = set(HEIGHT)


def package(model: type[Model]) -> str:
    return model._meta.app_label


def allowed(source: str, target: str) -> bool:
    """A table may refer to its own package and to lower ones; Django's own tables lie below everything."""
    if target not in OURS:
        return True
    return source == target or HEIGHT.get(source, -1) > HEIGHT[target]


OUR_MODELS = [model for model in apps.get_models(include_auto_created=True) if package(model) in OURS]


class TestRelations:
    def test_there_are_tables_to_look_at(self):
        assert {package(model) for model in OUR_MODELS} >= {"grid", "staff", "cases", "notices", "reports"}

    @pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
    def test_every_relation_points_to_its_own_package_or_a_lower_one(self, model):
        upwards = [
            f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
            for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
            if field.is_relation and field.related_model and not allowed(package(model), package(field.related_model))
        ]
        assert upwards == []

    def test_no_foreign_table_points_to_ours_but_those_of_the_admin(self):
        """Django's own auth, sessions and admin tables know `staff.User` alone."""
        pointing = {
            (model._meta.label, field.related_model._meta.label)
            for model in apps.get_models(include_auto_created=True)
            if package(model) not in OURS
            for field in model._meta.local_fields
            if isinstance(field, ForeignObject) and package(field.related_model) in OURS
        }
        assert pointing <= {("admin.LogEntry", "staff.User")}

    def test_nothing_points_anywhere_by_name(self):
        generic = [
            f"{model._meta.label}.{field.name}"
            for model in OUR_MODELS
            for field in model._meta.private_fields
            if isinstance(field, GenericForeignKey)
        ]
        assert generic == []

    def test_history_is_never_deleted_along_with_something(self):
        """Only what somebody keeps for their own convenience goes with them: a subscription, a saved view."""
        cascading = {
            f"{model._meta.label}.{field.name}"
            for model in OUR_MODELS
            if not model._meta.auto_created
            for field in model._meta.local_fields
            if isinstance(field, ForeignObject) and field.remote_field.on_delete.__name__ == "CASCADE"
        }
        assert cascading <= {"reports.Subscription.user", "cases.SavedView.owner", "cases.SavedView.organisation"}


def sources(*patterns: str) -> Iterator[Path]:
    for name in sorted(OURS):
        for pattern in patterns:
            for path in sorted((ROOT / name).glob(pattern)):
                if "migrations" not in path.parts:
                    yield path


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call in the file with what is called, as written."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def places(found: list[tuple[Path, ast.AST]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}" for path, node in found]


DOORS = ("api.py", "api/*.py", "pages.py", "live.py", "admin.py")
GUARDED = ("Case", "CaseFile", "CaseEvent")


class TestDoors:
    """Views reach cases only through `visible_to`."""

    def test_every_package_has_its_doors_looked_at(self):
        names = {str(path.relative_to(ROOT)) for path in sources(*DOORS)}
        assert {
            "cases/api/views.py",
            "cases/api/files.py",
            "reports/api.py",
            "staff/api/session.py",
            "config/live.py",
        } <= names

    def test_cases_come_through_visible_to(self):
        found = []
        for path in sources(*DOORS):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
                    continue
                text = ast.unparse(node)
                if text.startswith("Case.objects.") and text != "Case.objects.visible_to":
                    found.append((path, node))
        assert places(found) == []

    def test_files_and_events_are_looked_up_with_their_case(self):
        """`CaseFile.objects.filter(…, case__in=visible(request))`, never by id alone."""
        found = []
        for path in sources(*DOORS):
            for node, name in calls(path):
                if name.startswith(("CaseFile.objects.", "CaseEvent.objects.")) and name.count(".") == 2:
                    keywords = {keyword.arg for keyword in node.keywords}
                    if not keywords & {"case", "case__in"}:
                        found.append((path, node))
        assert places(found) == []

    def test_no_view_calls_get_on_a_manager(self):
        found = [
            (path, node)
            for path in sources(*DOORS)
            for node, name in calls(path)
            if name.endswith(("objects.get", "get_object_or_404", "get_list_or_404"))
        ]
        assert places(found) == []

    def test_no_view_writes(self):
        writing = (".save", ".create", ".bulk_create", ".update_or_create", ".get_or_create", ".delete")
        found = [
            (path, node)
            for path in sources("api.py", "api/*.py", "pages.py", "live.py")
            for node, name in calls(path)
            if name.endswith(writing) and ("objects" in name or name.endswith((".save", ".delete")))
        ]
        assert places(found) == []


class TestWriters:
    def test_every_save_names_its_fields_or_makes_a_row(self):
        """A bare `save()` of a loaded row overwrites what somebody else wrote meanwhile."""
        found = []
        for path in sources("*.py", "*/*.py"):
            if "demo" in path.parts:
                continue  # makes everything new, before anybody else is there
            for node, name in calls(path):
                if not name.endswith(".save") or name.startswith("picture."):
                    continue
                # `save=False`: a file is written, its row is not.
                if not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert", "save"}:
                    found.append((path, node))
        assert places(found) == []

    def test_only_the_services_of_cases_assign_a_state(self):
        found = []
        for path in sources("*.py", "**/*.py"):
            if (ROOT / "cases" / "services") in path.parents:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                targets = node.targets if isinstance(node, ast.Assign) else []
                found += [(path, t) for t in targets if isinstance(t, ast.Attribute) and t.attr in ("state", "is_open")]
        assert places(found) == []

    def test_nothing_changes_or_deletes_events(self):
        found = [
            (path, node)
            for path in sources("**/*.py")
            for node, name in calls(path)
            if "CaseEvent" in ast.unparse(node) and name.endswith((".update", ".delete", ".bulk_update"))
        ]
        assert places(found) == []


class TestTime:
    def test_no_moment_is_naive(self):
        naive = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.utcfromtimestamp")
        found = [
            (path, node)
            for path in sources("**/*.py")
            for node, name in calls(path)
            if name.endswith(naive) and not node.args and not node.keywords
        ]
        assert places(found) == []

    def test_the_deadlines_have_no_clock_of_their_own(self):
        names = {name for _, name in calls(ROOT / "cases" / "deadlines.py")}
        assert not {name for name in names if name.endswith(("now", "today", "localdate"))}


class TestQuiet:
    def test_no_signals(self):
        """What happens next stands in the service that does it, not in a receiver somewhere."""
        found = [
            path
            for path in sources("**/*.py")
            if "django.dispatch" in path.read_text(encoding="utf-8") or "db.models.signals" in path.read_text("utf-8")
        ]
        assert found == []

    def test_logs_carry_ids_and_never_people_or_words(self):
        forbidden = ("display_name", "username", "description", ".text", "email", "password")
        found = [
            (path, node)
            for path in sources("**/*.py")
            for node, name in calls(path)
            if name.startswith("logger.") and any(word in ast.unparse(arg) for arg in node.args for word in forbidden)
        ]
        assert places(found) == []

    def test_files_stay_readable(self):
        long = {
            str(path.relative_to(ROOT)): lines
            for path in [*sources("**/*.py"), *(ROOT / "tests").glob("**/*.py")]
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
        }
        assert long == {}
