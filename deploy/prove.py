"""`make check` and `make test`: every stage with its duration, and one line of counts at the end."""

import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.console import Failure, fail, say, text, write
from deploy.embedded import services, settings_environment
from deploy.places import ROOT, Places

NODE_STAGES = ("lint", "typecheck", "budget")
PACKAGES = ("config", "workers", "reports", "notices", "people", "cases", "staff", "grid", "deploy")


@dataclass(slots=True)
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, *, other: "Counts") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    command: Sequence[str]
    cwd: Path = ROOT
    env: Mapping[str, str] | None = None


def run_stage(*, stage: Stage, env: Mapping[str, str], show: bool) -> bool:
    """One stage; its output is shown as it comes (`show`), or only when it fails."""
    write(line=f"── {stage.name}")
    begun = time.monotonic()
    done = subprocess.run(
        stage.command,
        cwd=stage.cwd,
        env={**env, **(stage.env or {})},
        stdin=subprocess.DEVNULL,
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0 and not show:
        write(line=done.stdout.rstrip())
    verdict = text(en="ok", zh="通过") if done.returncode == 0 else text(en="FAILED", zh="失败")
    write(line=f"   {stage.name}: {verdict}, {time.monotonic() - begun:.1f} s")
    return done.returncode == 0


def check_stages() -> list[Stage]:
    python = sys.executable
    manage = [python, "-W", "ignore::RuntimeWarning", "manage.py"]
    production = {"TLS": "1", "DEBUG": "0", "DEMO": "0", "ALLOWED_HOSTS": "wangge.example.cn"}
    production["PUBLIC_URL"] = "https://wangge.example.cn"
    present = [name for name in PACKAGES if any((ROOT / name).glob("*.py"))]
    stages = [
        Stage(name="ruff check", command=[python, "-m", "ruff", "check", "."]),
        Stage(name="ruff format", command=[python, "-m", "ruff", "format", "--check", "."]),
        Stage(name="lint-imports", command=["lint-imports"]),
        Stage(name="mypy --strict", command=[python, "-m", "mypy", *present]),
        Stage(
            name="check --deploy",
            command=[*manage, "check", "--deploy", "--fail-level", "WARNING"],
            env=production,
        ),
        Stage(name="makemigrations --check", command=[*manage, "makemigrations", "--check", "--dry-run"]),
    ]
    return stages + node_stages()


def node_stages() -> list[Stage]:
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    return [
        Stage(name=f"npm run {name}", command=["npm", "run", "--silent", name], cwd=ROOT / "frontend")
        for name in NODE_STAGES
        if name in package["scripts"]
    ]


def run_pytest(
    *, name: str, options: Sequence[str], env: Mapping[str, str], reports: Path, show: bool = True
) -> Counts:
    report = reports / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *options]
    good = run_stage(stage=Stage(name=name, command=command), env=env, show=show)
    return _trusted(counts=read_junit(report=report), good=good)


def run_vitest(*, env: Mapping[str, str], reports: Path) -> Counts:
    report = reports / "vitest.xml"
    report.unlink(missing_ok=True)
    command = ["npm", "run", "--silent", "test", "--"]
    command += ["--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}"]
    stage = Stage(name="front-end tests", command=command, cwd=ROOT / "frontend")
    good = run_stage(stage=stage, env=env, show=False)
    return _trusted(counts=read_junit(report=report), good=good)


def run_beside(*, env: Mapping[str, str], reports: Path) -> list[Counts]:
    """The browser's tests and the stories beside all others: they wait most of the time, for pages and processes.

    Their output comes at the end.
    """

    def run(name: str, options: Sequence[str], show: bool) -> Counts:
        return run_pytest(name=name, options=options, env=env, reports=reports, show=show)

    with ThreadPoolExecutor(max_workers=1) as pool:
        # One after the other. A story has a database and processes of its own.
        beside = [pool.submit(run, f"{name} tests", ["-m", name], False) for name in ("browser", "story")]
        # Two at once, each with a database of its own; whole files, because fixtures of a module are dear.
        both = ["-n", "2", "--dist", "loadfile", "-m", "not (browser or deploy or story)"]
        found = [run("pytest", both, True)]
        # These start services of their own and look at what is left of them.
        found.append(run("deploy tests", ["-m", "deploy"], True))
        return [*found, *(one.result() for one in beside)]


def read_junit(*, report: Path) -> Counts:
    """Counts from the single cases, not from the totals: tools disagree on what a total includes."""
    counts = Counts()
    if not report.exists():
        return counts
    verdicts: list[tuple[tuple[str, str], str]] = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        key = (case.get("classname", ""), case.get("name", ""))
        if case.find("failure") is not None or case.find("error") is not None:
            verdicts.append((key, "failed"))
        else:
            verdicts.append((key, "skipped" if case.find("skipped") is not None else "passed"))
    # pytest writes a second entry for a test whose teardown errs: that test failed, once.
    failed = {key for key, verdict in verdicts if verdict == "failed"}
    counts.failed = len(failed)
    counts.passed = sum(verdict == "passed" and key not in failed for key, verdict in verdicts)
    counts.skipped = sum(verdict == "skipped" and key not in failed for key, verdict in verdicts)
    return counts


def run_check(*, env: Mapping[str, str], architecture: bool) -> Counts:
    """A stage without tests of its own counts only when it fails: nothing is hidden, nothing is inflated."""
    stages = check_stages()
    if architecture and (ROOT / "tests" / "architecture").is_dir():
        command = [sys.executable, "-m", "pytest", "-q", "tests/architecture"]
        stages.append(Stage(name="architecture tests", command=command))
    failed = [stage.name for stage in stages if not run_stage(stage=stage, env=env, show=False)]
    if failed:
        say(en=f"Failed: {', '.join(failed)}", zh=f"未通过:{'、'.join(failed)}")
    return Counts(failed=len(failed))


def run_tests(*, env: Mapping[str, str], places: Places) -> Counts:
    """All stages run even after a failure, so that one round shows everything there is to mend."""
    reports = places.home / "reports"
    reports.mkdir(exist_ok=True)
    counts = run_check(env=env, architecture=False)
    static = Stage(name="collectstatic", command=[sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"])
    counts.failed += 0 if run_stage(stage=static, env=env, show=False) else 1
    counts.add(other=run_vitest(env=env, reports=reports))
    for found in run_beside(env=env, reports=reports):
        counts.add(other=found)
    return counts


def _trusted(*, counts: Counts, good: bool) -> Counts:
    """A runner that failed without a failed test (a crash, nothing collected) is itself a failure."""
    if not good and counts.failed == 0:
        counts.failed = 1
    return counts


def main(*, act: str) -> int:
    begun = time.monotonic()
    with services(home=ROOT / "var" / "test", fast=True) as places:
        env = {**os.environ, **settings_environment(places=places)}
        tested = act == "test"
        counts = run_tests(env=env, places=places) if tested else run_check(env=env, architecture=True)
    say(en=f"Took {time.monotonic() - begun:.0f} s.", zh=f"用时 {time.monotonic() - begun:.0f} 秒。")
    if tested:
        write(line=counts.line())
    return 1 if counts.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(act=sys.argv[1] if len(sys.argv) > 1 else "test"))
    except Failure as failure:
        fail(failure=failure)
        sys.exit(1)
