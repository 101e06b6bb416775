"""deploy/prepare.sh: says what is missing, never leaves a service or a changed system behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.places import ROOT
from tests.deploy.helpers import gone_within

pytestmark = pytest.mark.deploy

# What the script itself needs; nothing of what it looks for.
SHELL_TOOLS = [
    "bash",
    "cat",
    "chmod",
    "cp",
    "cut",
    "date",
    "dirname",
    "env",
    "find",
    "grep",
    "head",
    "id",
    "ls",
    "mkdir",
    "mv",
    "printf",
    "rm",
    "sed",
    "sha256sum",
    "sleep",
    "sort",
    "tail",
    "tee",
    "tr",
    "touch",
    "true",
    "xargs",
]


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH on which only a shell's own tools are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in SHELL_TOOLS:
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    # Whoever runs the tests: nothing of the system is touched, so nobody needs to be asked.
    script(folder, "sudo", 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"')
    return folder


def script(folder: Path, name: str, content: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{content}\n")
    path.chmod(0o755)


def packages(snippet: str, tmp_path: Path, path: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a piece of shell with the functions of prepare.sh, on a system where nothing needed is installed."""
    head = f"""
        set -euo pipefail
        cd {ROOT}
        VAR={tmp_path}/var
        . deploy/lib/steps.sh
        . deploy/lib/packages.sh
        as_root() {{ "$@"; }}
        has_program() {{ command -v "$1" >/dev/null 2>&1; }}
        has_library() {{ return 1; }}
        has_postgres() {{ return 1; }}
        has_postgis() {{ return 1; }}
        has_cjk_font() {{ return 1; }}
        find_python() {{ return 1; }}
        disable_service() {{ printf 'disabled %s\\n' "$1"; }}
    """
    known = {
        "PATH": str(path),
        "LANG": "C.UTF-8",
        "WANGGE_POLICY_RC": str(tmp_path / "policy-rc.d"),
        "WANGGE_CLUSTER_CONF": str(tmp_path / "postgresql-common" / "createcluster.conf"),
    }
    bash = shutil.which("bash") or "/bin/bash"
    return subprocess.run(
        [bash, "-c", head + snippet], env={**known, **env}, capture_output=True, text=True, check=False
    )


WITH_TRAP = "trap restore_system EXIT\n"


def test_without_apt_one_line_names_the_packages_and_compose(tmp_path: Path, bare_path: Path) -> None:
    done = packages("ensure_packages test", tmp_path, bare_path)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for name in ("postgresql-15-postgis-3", "redis-server", "nginx", "chromium", "fonts-noto-cjk"):
        assert name in done.stderr
    assert "Docker Compose" in done.stderr


def test_the_same_line_in_chinese_for_a_chinese_locale(tmp_path: Path, bare_path: Path) -> None:
    done = packages("ensure_packages", tmp_path, bare_path, LANG="zh_CN.UTF-8")

    assert "本系统没有 apt-get" in done.stderr
    assert "chromium" not in done.stderr


def test_packages_are_listed_with_what_each_is_for(tmp_path: Path, bare_path: Path) -> None:
    script(bare_path, "apt-get", "exit 0")

    done = packages(WITH_TRAP + "ensure_packages", tmp_path, bare_path)

    assert done.returncode == 0, done.stderr
    assert "redis-server             queue of the background work, cache" in done.stdout


def test_no_service_may_start_during_the_installation_and_all_is_put_back(tmp_path: Path, bare_path: Path) -> None:
    script(
        bare_path,
        "apt-get",
        f'case "$*" in *install*) {tmp_path}/policy-rc.d redis-server start; echo "policy $?"\n'
        f"cat {tmp_path}/postgresql-common/createcluster.conf;; esac",
    )

    done = packages(WITH_TRAP + "ensure_packages", tmp_path, bare_path)

    log = (tmp_path / "var" / "log" / "apt.log").read_text()
    assert done.returncode == 0, done.stderr
    assert "policy 101" in log
    assert "create_main_cluster = false" in log
    assert not (tmp_path / "policy-rc.d").exists()


def test_a_failed_installation_names_the_cause_and_puts_everything_back(tmp_path: Path, bare_path: Path) -> None:
    script(
        bare_path, "apt-get", 'case "$*" in *install*) echo "E: Unable to locate package redis-server"; exit 100;; esac'
    )

    done = packages(WITH_TRAP + "ensure_packages", tmp_path, bare_path)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Unable to locate package redis-server" in done.stderr
    assert "Remedy" in done.stderr
    assert not (tmp_path / "policy-rc.d").exists()


def test_the_owners_policy_and_cluster_settings_are_not_touched(tmp_path: Path, bare_path: Path) -> None:
    script(bare_path, "apt-get", "exit 0")
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    settings = tmp_path / "postgresql-common" / "createcluster.conf"
    settings.parent.mkdir()
    settings.write_text("create_main_cluster = true\n")

    packages(WITH_TRAP + "ensure_packages", tmp_path, bare_path)

    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert settings.read_text() == "create_main_cluster = true\n"
    assert list(settings.parent.iterdir()) == [settings]


def test_an_unknown_option_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "deploy" / "prepare.sh", "--all"],
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "--test, --packages or --python" in done.stderr


def test_a_prepared_checkout_is_left_alone_within_a_second() -> None:
    command = [ROOT / "deploy" / "prepare.sh", "--packages"]
    subprocess.run(command, check=True, capture_output=True)

    begun = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True)

    assert done.stdout == b""
    assert time.monotonic() - begun < 1


def test_the_cause_is_the_last_line_that_says_something(tmp_path: Path, bare_path: Path) -> None:
    log = tmp_path / "npm.log"
    log.write_text(
        "npm error code ENOTFOUND\nnpm error request to the registry failed, reason: no such host\n"
        "npm error A complete log of this run can be found in: /root/x.log\n\n"
    )

    done = packages(f"cause_in {log}", tmp_path, bare_path)

    assert done.stdout.strip() == "npm error request to the registry failed, reason: no such host"


def test_a_step_is_skipped_while_its_stamp_holds(tmp_path: Path, bare_path: Path) -> None:
    snippet = f"""
        f={tmp_path}/stamps/x
        stamped "$f" one || echo first
        stamp "$f" one
        stamped "$f" one && echo second
        stamped "$f" two || echo third
    """

    assert packages(snippet, tmp_path, bare_path).stdout.split() == ["first", "second", "third"]


def test_an_interrupted_step_leaves_no_child(tmp_path: Path) -> None:
    marker = f"sleep {3600 + os.getpid()}"
    snippet = f"""
        set -euo pipefail
        cd {ROOT}
        VAR={tmp_path}/var
        . deploy/lib/steps.sh
        trap 'stop_step; exit 143' TERM
        work() {{ {marker}; }}
        step long Long 长 r r work
    """
    process = subprocess.Popen(["bash", "-c", snippet], stdout=subprocess.DEVNULL)

    def sleeping() -> bool:
        return any(marker.split() == command_of(pid) for pid in os.listdir("/proc") if pid.isdigit())

    assert gone_within(lambda: not sleeping(), seconds=10)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 143
    assert gone_within(sleeping, seconds=5)


def command_of(pid: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def test_counts_come_from_the_single_cases(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(
        '<testsuites><testsuite tests="9"><testcase classname="a" name="1"/>'
        '<testcase classname="a" name="2"><failure/></testcase><testcase classname="a" name="2"><error/></testcase>'
        '<testcase classname="a" name="3"><skipped/></testcase></testsuite></testsuites>'
    )
    program = (
        "from pathlib import Path; from deploy.prove import read_junit;"
        f"print(read_junit(report=Path({str(report)!r})).line())"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "1 passed, 1 failed, 1 skipped\n"
