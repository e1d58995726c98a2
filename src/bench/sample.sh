#!/usr/bin/env bash
# sample.sh SECONDS PID MANAGEMENT-URL DATA-FOLDER: until the Herald of this process ends, says so often what it and its
# embedded stores hold.
set -euo pipefail
every=$1 herald=$2 management=$3 data=$4

resident() { awk '/^VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$1/status"; }
# What PostgreSQL's processes have for themselves; the buffers that they share are of a fixed size.
own() { for pid in $(pgrep -P "$1"); do cat "/proc/$pid/status"; done 2> /dev/null | awk '/^RssAnon/ { kb += $2 } END { printf "%d", kb / 1024 }'; }
redis_port() { tr '\0' '\n' < "/proc/$1/cmdline" | sed -nE 's/^.*:([0-9]+)$/\1/p' | head -1; }
redis() {
  exec 3<> "/dev/tcp/127.0.0.1/$1"
  printf 'INFO memory\r\nINFO keyspace\r\nQUIT\r\n' >&3
  tr -d '\r' <&3 | awk -F '[:=,]' '/^used_memory:/ { mb = $2 / 1048576 } /^db/ { keys += $3 } END { printf "%.1f %d", mb, keys }'
  exec 3>&-
}
metrics() {
  curl -s "$management/metrics" | awk '
    /^jvm_memory_used_bytes{area="heap"/ { heap += $NF }
    /^jvm_gc_live_data_size_bytes/ { live = $NF }
    /^jvm_buffer_memory_used_bytes{id="direct"/ { direct = $NF }
    /^jvm_threads_live_threads/ { threads = $NF }
    /^process_files_open_files/ { files = $NF }
    /^herald_sessions/ { sessions += $NF }
    END { printf "%d %d %d %d %d %d", heap / 1048576, live / 1048576, direct / 1048576, threads, files, sessions }'
}

postgres=$(head -1 "$data/postgres/postmaster.pid") store=$(cat "$data/redis/redis.pid")
port=$(redis_port "$store")
row='%6s %8s %6s %6s %7s %8s %6s %9s %9s %9s %9s %9s %10s\n'
# shellcheck disable=SC2059
printf "$row" 'at s' 'rss MB' heap live direct threads files sessions 'redis MB' 'data MB' keys 'pg MB' 'pg data MB'
begun=$SECONDS
while kill -0 "$herald" 2> /dev/null; do
  # shellcheck disable=SC2046,SC2059
  printf "$row" $((SECONDS - begun)) "$(resident "$herald")" $(metrics) "$(resident "$store")" $(redis "$port") "$(own "$postgres")" \
    "$(du -sm "$data/postgres/base" | cut -f1)" 2> /dev/null || break
  sleep "$every"
done
