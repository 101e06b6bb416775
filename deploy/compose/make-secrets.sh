#!/bin/sh
# Makes the secrets that docker-compose.yml asks for, where they do not exist yet: deploy/compose/make-secrets.sh DIR
# The folder is closed to everyone else; the files in it are readable, because each container reads
# its own under a different user.
set -eu
folder=${1:?name the folder that WANGGE_SECRETS points to}
mkdir -p "$folder"
chmod 700 "$folder"
for name in secret_key field_key db_password db_superuser_password; do
  [ -s "$folder/$name" ] || head -c 48 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_' >"$folder/$name"
  chmod 444 "$folder/$name"
done
# Mail without a password is sent without signing in: the file exists, and may stay empty.
[ -e "$folder/email_password" ] || : >"$folder/email_password"
chmod 444 "$folder/email_password"
for name in tls_certificate tls_key; do
  [ -s "$folder/$name" ] || echo "Still missing: $folder/$name (PEM; the certificate with its chain, and its key)"
done
