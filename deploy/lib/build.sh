# What is built from the lock files and the sources, each step skipped while its inputs are unchanged.
# Sourced by prepare.sh.

UV_REQUIREMENT='uv>=0.9,<1'

# A proxy that opens TLS is known to the system's certificates, not to those that uv and Node bring along.
trust_system_certificates() {
  local bundle=/etc/ssl/certs/ca-certificates.crt
  [ -s "$bundle" ] || return 0
  export SSL_CERT_FILE="${SSL_CERT_FILE:-$bundle}" NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$bundle}"
}

use_own_caches_without_home() {
  [ -n "${HOME:-}" ] && [ -w "$HOME" ] && return 0
  export UV_CACHE_DIR="$VAR/cache/uv" npm_config_cache="$VAR/cache/npm" PIP_CACHE_DIR="$VAR/cache/pip"
  export HOME="$VAR/cache"
  mkdir -p "$HOME"
}

install_uv() {
  rm -rf "$VAR/tools"
  "$PYTHON" -m venv "$VAR/tools" && "$VAR/tools/bin/pip" install --no-input "$UV_REQUIREMENT"
}

# The lock file names PyPI; where pip is told of a mirror and PyPI is out of reach, the same files
# (the hashes decide) come from that mirror.
sync_python() {
  "$VAR/tools/bin/uv" sync --frozen --no-default-groups "$@" && return 0
  local mirror="${PIP_INDEX_URL:-$("$VAR/tools/bin/pip" config get global.index-url 2>/dev/null)}"
  [ -n "$mirror" ] || return 1
  printf 'Trying the index that pip is told of.\n'
  [ -x .venv/bin/python ] || "$VAR/tools/bin/uv" venv .venv || return 1
  "$VAR/tools/bin/uv" export --frozen --quiet --no-default-groups "$@" -o "$VAR/requirements.txt" &&
    "$VAR/tools/bin/uv" pip sync --python .venv/bin/python --require-hashes --default-index "$mirror" "$VAR/requirements.txt"
}

prepare_python() { # prepare_python [test]
  local groups=(--group node) wanted
  # What was brought for the tests stays: `make run` after `make test` must not take it away.
  if [ "${1:-}" = test ] || [ -x .venv/bin/pytest ]; then groups+=(--group dev); fi
  # The checkout's own path is part of it: the programs in .venv name their interpreter by full path.
  wanted="$(cat uv.lock pyproject.toml | sha256sum | cut -c 1-32) ${groups[*]}
$PWD"
  if stamped .venv/.wangge-stamp "$wanted" && .venv/bin/python -c '' 2>/dev/null; then return 0; fi
  if [ -f .venv/.wangge-stamp ] && [ "$(tail -n 1 .venv/.wangge-stamp)" != "$PWD" ]; then rm -rf .venv; fi
  export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_PYTHON="$PYTHON" UV_PROJECT_ENVIRONMENT=.venv
  unset VIRTUAL_ENV
  if ! "$VAR/tools/bin/uv" --version >/dev/null 2>&1; then
    step uv "Installing uv" "正在安装 uv" "check that PyPI (or the mirror set for pip) can be reached" \
      "检查 PyPI(或 pip 所设镜像)能否访问" install_uv
  fi
  step python "Installing Python packages from uv.lock" "正在按 uv.lock 安装 Python 包" \
    "check that PyPI (or the mirror set for pip) can be reached, then run the same command again" \
    "检查 PyPI(或 pip 所设镜像)能否访问后重新运行" sync_python "${groups[@]}"
  stamp .venv/.wangge-stamp "$wanted"
}

install_node_packages() { (cd frontend && npm ci --no-audit --no-fund --loglevel=warn); }
build_frontend() { (cd frontend && npm run build); }

prepare_frontend() {
  local wanted
  PATH="$PWD/.venv/bin:$PATH"
  wanted="$(cat frontend/package.json frontend/package-lock.json | sha256sum | cut -c 1-32)"
  if ! stamped frontend/node_modules/.wangge-stamp "$wanted"; then
    step npm "Installing front-end packages from package-lock.json" "正在按 package-lock.json 安装前端包" \
      "check that the npm registry can be reached, then run the same command again" \
      "检查 npm 源能否访问后重新运行" install_node_packages
    stamp frontend/node_modules/.wangge-stamp "$wanted"
  fi
  FRONTEND_DIGEST="$(find frontend \( -name node_modules -o -name dist -o -name coverage -o -path frontend/tests \) -prune \
    -o -type f -print0 | digest)"
  # The stamp is kept apart from dist/: Vite empties that folder, and collectstatic would publish it.
  if ! stamped "$VAR/stamps/frontend" "$FRONTEND_DIGEST" || [ ! -f frontend/dist/center.html ]; then
    step build "Building the front end" "正在构建前端" "mend the named source file, then run the same command again" \
      "修正所指源文件后重新运行" build_frontend
    stamp "$VAR/stamps/frontend" "$FRONTEND_DIGEST"
  fi
}

po_files() {
  find . \( -name node_modules -o -name .venv -o -path ./var -o -name .git \) -prune -o -name '*.po' -print0
}

compile_translations() {
  local file
  while IFS= read -r -d '' file; do
    msgfmt --check-format -o "${file%.po}.mo" "$file" || return 1
  done < <(po_files)
}

prepare_translations() {
  local wanted file whole=yes
  wanted="$(po_files | digest)"
  while IFS= read -r -d '' file; do [ -f "${file%.po}.mo" ] || whole=no; done < <(po_files)
  if [ "$whole" = yes ] && stamped "$VAR/stamps/translations" "$wanted"; then return 0; fi
  step translations "Compiling translations" "正在编译翻译" "mend the named .po file" "修正所指 .po 文件" \
    compile_translations
  stamp "$VAR/stamps/translations" "$wanted"
}

# Settings that are complete but lead nowhere: collecting files needs neither database nor secrets.
collect_static() {
  env SECRET_KEY="only-for-collecting-static-files-never-used-to-sign-anything" FIELD_KEY="only-for-collecting-static-files-never-seals" ALLOWED_HOSTS=localhost \
    DB_HOST=/nonexistent REDIS_SOCKET=/nonexistent VAR_DIR="$VAR" \
    .venv/bin/python manage.py collectstatic --noinput --clear &&
    .venv/bin/python -m whitenoise.compress --quiet --no-brotli "$VAR/static" &&
    # A tenth smaller, and slow to make: for what phones load.
    .venv/bin/python -m whitenoise.compress --quiet --no-gzip "$VAR/static/app"
}

prepare_static() {
  local wanted
  wanted="$FRONTEND_DIGEST $(find . \( -name node_modules -o -name .venv -o -path ./var -o -path ./frontend -o -name .git \) -prune \
    -o -path '*/static/*' -type f -print0 | digest) $(sha256sum <uv.lock | cut -c 1-32)"
  if stamped "$VAR/stamps/static" "$wanted" && [ -d "$VAR/static" ]; then return 0; fi
  step static "Collecting static files" "正在收集静态文件" "read the log; free disk space if it is full" \
    "查看日志;磁盘已满则清理" collect_static
  stamp "$VAR/stamps/static" "$wanted"
}
