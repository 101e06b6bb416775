# System packages: what is needed, what is missing, and how it is installed without leaving a service running.
# Sourced by prepare.sh.

POLICY=${WANGGE_POLICY_RC:-/usr/sbin/policy-rc.d}
CLUSTER_CONF=${WANGGE_CLUSTER_CONF:-/etc/postgresql-common/createcluster.conf}
POLICY_MARK='wangge: no service may start while its packages are installed'
# The kernel knows libraries by these names; looking there also serves systems without apt.
LIBRARIES=

has_library() {
  [ -n "$LIBRARIES" ] || LIBRARIES="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)"
  case "$LIBRARIES" in *"$1"*) return 0 ;; *) return 1 ;; esac
}

has_program() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# PostgreSQL 15 or newer with PostGIS; Debian keeps the programs off the PATH.
has_postgres() { ls /usr/lib/postgresql/1[5-9]/bin/postgres >/dev/null 2>&1 || has_program postgres; }
has_postgis() {
  ls /usr/share/postgresql/1[5-9]/extension/postgis.control >/dev/null 2>&1 ||
    ls "$(pg_config --sharedir 2>/dev/null)"/extension/postgis.control >/dev/null 2>&1
}
has_cjk_font() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ]; }
has_chromium() { has_program chromium || has_program chromium-browser || has_program google-chrome; }
has_certificates() { [ -s /etc/ssl/certs/ca-certificates.crt ] || [ ! -d /etc/apt ]; }

# Python 3.11 or newer that can make virtual environments; Debian's own first, so that nothing else is needed.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
    if has_program "$candidate" &&
      "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

MISSING=()
need() { # need PACKAGE WHY_EN WHY_ZH CHECK…
  local package=$1 en=$2 zh=$3
  shift 3
  if ! "$@" >/dev/null 2>&1; then
    MISSING+=("$package")
    printf '  %-24s %s\n' "$package" "$(tell "$en" "$zh")"
  fi
}

find_missing() { # find_missing [test]
  need python3 "runs the application (3.11 to 3.13)" "运行应用程序(3.11 至 3.13)" find_python
  need python3-venv "keeps the application's Python packages apart from the system's" "应用的 Python 包与系统分开" find_python
  need ca-certificates "verified downloads" "校验下载来源" has_certificates
  need postgresql-15 "the database" "数据库" has_postgres
  need postgresql-15-postgis-3 "places and grid cells inside the database" "数据库中的位置与网格" has_postgis
  need redis-server "queue of the background work, cache" "后台任务队列与缓存" has_program redis-server
  need libgdal32 "reads geographic data (GDAL)" "读取地理数据(GDAL)" has_library libgdal.so
  need libgeos-c1v5 "geometry (GEOS)" "几何计算(GEOS)" has_library libgeos_c.so
  need libproj25 "coordinate systems (PROJ)" "坐标系(PROJ)" has_library libproj.so
  need nginx "one address in front of the web and the live process" "把网页进程与实时进程合为一个地址" has_program nginx
  need gettext "compiles the translations" "编译界面翻译" has_program msgfmt
  need fonts-noto-cjk "Chinese letters in the weekly mail's chart and on sheets" "周报邮件图表与网格打印单中的汉字" has_cjk_font
  need libpango-1.0-0 "sets the text of printable sheets (Pango)" "打印单的文字排版(Pango)" has_library libpango-1.0.so
  need libpangoft2-1.0-0 "fonts of printable sheets" "打印单的字体" has_library libpangoft2-1.0.so
  need libharfbuzz-subset0 "puts only the letters used into a sheet" "打印单只嵌入用到的字形" has_library libharfbuzz-subset.so
  if [ "${1:-}" = test ]; then
    need chromium "browser tests" "浏览器测试" has_chromium
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Everything that was changed for the time of the installation is put back, whatever happens.
restore_system() {
  if [ -f "$POLICY" ] && grep -q "$POLICY_MARK" "$POLICY" 2>/dev/null; then
    as_root rm -f "$POLICY"
  fi
  if [ -f "$CLUSTER_CONF.wangge-saved" ]; then
    as_root mv -f "$CLUSTER_CONF.wangge-saved" "$CLUSTER_CONF"
  fi
}

forbid_services() {
  if [ ! -e "$POLICY" ]; then
    printf '#!/bin/sh\n# %s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
  fi
  # postgresql-15 would otherwise make a cluster of its own and mark it to start at boot.
  if [ -f "$CLUSTER_CONF" ]; then
    as_root cp -p "$CLUSTER_CONF" "$CLUSTER_CONF.wangge-saved"
    printf '\ncreate_main_cluster = false\n' | as_root tee -a "$CLUSTER_CONF" >/dev/null
  else
    as_root mkdir -p "$(dirname "$CLUSTER_CONF")"
    printf 'create_main_cluster = false\n' | as_root tee "$CLUSTER_CONF" >/dev/null
  fi
}

# Only units whose package we have just brought: one that was there before is the owner's business.
disable_service() {
  local unit=$1
  if has_program systemctl; then
    as_root systemctl disable --quiet "$unit" 2>/dev/null || true
  elif [ -x "/etc/init.d/$unit" ]; then
    as_root update-rc.d "$unit" disable 2>/dev/null || true
  fi
}

apt_install() {
  # ucf and dpkg both keep the createcluster.conf that we prepared, and neither asks.
  local apt=(env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 NEEDRESTART_MODE=l apt-get -y
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
  as_root "${apt[@]}" update || return 1
  as_root "${apt[@]}" install --no-install-recommends "$@"
}

name_and_refuse() {
  local names="${MISSING[*]}"
  give_up "$(tell 'system packages' '系统软件包')" \
    "$(tell "$1; needed: $names" "$2;需要:$names")" \
    "$3, or use Docker Compose: docker compose up (docs/operations.md)" \
    "$4,或改用 Docker Compose:docker compose up(见 docs/operations.md)"
}

check_can_install() {
  if ! has_program apt-get; then
    name_and_refuse "this system has no apt-get (names as in Debian 12)" "本系统没有 apt-get(名称按 Debian 12)" \
      "install them with the tools of this system" "请用本系统的工具安装"
  fi
  [ "$(id -u)" != 0 ] || return 0
  if ! has_program sudo; then
    name_and_refuse "not root, and there is no sudo" "不是 root 用户,也没有 sudo" \
      "run as root: apt-get install ${MISSING[*]}" "请以 root 运行:apt-get install ${MISSING[*]}"
  fi
  # Asked for here, in the foreground: the steps themselves have no terminal.
  sudo -n true 2>/dev/null || sudo -v ||
    name_and_refuse "sudo refused" "sudo 被拒绝" \
      "run as root: apt-get install ${MISSING[*]}" "请以 root 运行:apt-get install ${MISSING[*]}"
}

ensure_packages() { # ensure_packages [test]
  local title before=() unit
  title="$(find_missing "${1:-}")"
  [ -n "$title" ] || return 0
  say "System packages that are missing, and what each is for:" "缺少的系统软件包及用途:"
  find_missing "${1:-}"
  check_can_install
  for unit in redis-server postgresql nginx; do
    [ -e "/etc/init.d/$unit" ] || before+=("$unit")
  done
  forbid_services
  step apt "Installing ${#MISSING[@]} system packages" "正在安装 ${#MISSING[@]} 个系统软件包" \
    "check the network and the package sources (apt-get update), then run the same command again" \
    "检查网络与软件源(apt-get update)后重新运行" apt_install "${MISSING[@]}"
  for unit in ${before[@]+"${before[@]}"}; do disable_service "$unit"; done
  restore_system
  hash -r
  LIBRARIES=
  MISSING=()
}
