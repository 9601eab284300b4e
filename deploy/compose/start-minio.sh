#!/bin/sh
# Starts MinIO with the keys of .env, or of the files that .env names, as those of its root user.
set -eu
key() {
  eval "value=\${$1:-} file=\${$1_FILE:-}"
  [ -z "$file" ] || value=$(cat "$file")
  [ -n "$value" ] || { echo "Set $1 or $1_FILE in .env" >&2; exit 1; }
  printf %s "$value"
}
MINIO_ROOT_USER=$(key MINIO_ACCESS_KEY)
MINIO_ROOT_PASSWORD=$(key MINIO_SECRET_KEY)
unset MINIO_ACCESS_KEY MINIO_SECRET_KEY MINIO_ACCESS_KEY_FILE MINIO_SECRET_KEY_FILE
export MINIO_ROOT_USER MINIO_ROOT_PASSWORD
exec minio "$@"
