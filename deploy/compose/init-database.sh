#!/bin/bash
# Run once by the database image when its volume is empty: the role of the application, its database, extensions.
# The application never connects as superuser. Held to deploy/postgres.py by tests/deploy/test_compose.py.
set -euo pipefail

export WANGGE_DB_PASSWORD_FILE="${WANGGE_DB_PASSWORD_FILE:-/run/secrets/db_password}"
run() { psql -X -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

# Read by psql itself: the password never stands in a list of processes, and may contain any letter.
run --dbname postgres <<'SQL'
\set password `cat "$WANGGE_DB_PASSWORD_FILE"`
CREATE ROLE wangge LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE wangge OWNER wangge TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8';
ALTER SYSTEM SET shared_buffers = '512MB';
ALTER SYSTEM SET effective_cache_size = '1536MB';
ALTER SYSTEM SET work_mem = '16MB';
ALTER SYSTEM SET random_page_cost = 1.1;
ALTER SYSTEM SET jit = off;
SQL

run --dbname wangge <<'SQL'
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
