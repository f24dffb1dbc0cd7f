#!/usr/bin/env bash
# A PostgreSQL server for tests: postgres.sh start FOLDER PORT PASSWORD, postgres.sh stop FOLDER, postgres.sh sql FOLDER PORT PASSWORD < SQL.
# User and database are 'tester'; it listens on 127.0.0.1 and on a socket in FOLDER. Exit code 9 where it is not installed.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1) || exit 9
[ -x "$bin/postgres" ] || exit 9
command=$1 folder=$2
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
case $command in
  start)
    port=$3 password=$4
    mkdir -p "$folder"
    echo "$password" > "$folder/password"
    if [ "$(id -u)" = 0 ]; then chown -R postgres "$folder"; fi
    as "$bin/initdb" -D "$folder/data" -U tester -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C --no-sync > "$folder.log" 2>&1
    as "$bin/pg_ctl" -D "$folder/data" -w -t 30 -l "$folder/server.log" \
      -o "-F -k '$folder' -h 127.0.0.1 -p $port -c max_connections=20 -c shared_buffers=16MB" start >> "$folder.log" 2>&1 < /dev/null
    PGPASSWORD=$password psql -q -h "$folder" -p "$port" -U tester -d postgres -c 'CREATE DATABASE tester'
    ;;
  sql) PGPASSWORD=$4 psql -q -v ON_ERROR_STOP=1 -h "$folder" -p "$3" -U tester -d tester ;;
  stop)
    [ -f "$folder/data/postmaster.pid" ] && kill -QUIT "$(head -1 "$folder/data/postmaster.pid")"
    rm -rf "$folder" "$folder.log"
    ;;
esac
