#!/usr/bin/env bash
# Measures sksd side by side with a real SKS on this machine and prints ratios. Nothing here passes or fails.
#
#   bench/compare.sh [import|disk|get|add|memory|recon|all], or bench/compare.sh peers [--full]
#
# RUNS (3) runs of each, in turn, SKS first; medians count. SECONDS_EACH (8) bounds one load. WORK is a folder for the data
# (a temporary one by default). COUNT (100000) small certificates; DIFFERENCES ("1000 10") of reconciling pairs. All servers are on loopback, and end with the script at the latest.
# Needs: sks, wrk, dotnet; debian-keyring for the Debian rows. Build first: dotnet build -c Release
set -euo pipefail

cd "$(dirname "$0")/.."
RUNS=${RUNS:-3}
SECONDS_EACH=${SECONDS_EACH:-8}
COUNT=${COUNT:-100000}
DIFFERENCES=${DIFFERENCES:-1000 10}
HARNESS="dotnet artifacts/bin/Sks.LoadHarness/release/Sks.LoadHarness.dll"
SKSD_DLL=artifacts/bin/Sks.Server/release/sksd.dll
SKSD="dotnet $SKSD_DLL"
SKS_ADDRESS=127.0.0.2
SKS_PORT=31371
OUR_ADDRESS=127.0.0.1
OUR_PORT=31391
RELAY_PORT=31372
DEBIAN=$(ls /usr/share/keyrings/debian-{keyring,maintainers,nonupload,role-keys}.gpg 2>/dev/null || true)

if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d)
  REMOVE=$WORK
fi
mkdir -p "$WORK"
SERVER=
PAIR=
cleanup() {
  stop_server
  stop_pair
  [ -z "${REMOVE:-}" ] || rm -rf "$REMOVE"
}
trap cleanup EXIT

# --- figures -----------------------------------------------------------------------------------------------------------

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

record() { echo "$2" >> "$WORK/figures.$1"; }

fresh() { rm -f "$WORK"/figures.*; }

of() { median < "$WORK/figures.$1"; }

# row TITLE OURS THEIRS: the ratio says how many times better we are where more is better, else how many times less we need.
row() {
  awk -v title="$1" -v ours="$2" -v theirs="$3" -v more="$4" 'BEGIN {
    ratio = more == "more" ? ours / theirs : theirs / ours
    printf "%-58s %8.2fx   ours %-10.4g sks %-10.4g\n", title, ratio, ours, theirs }'
}

# timed NAME COMMAND...: wall and processor seconds of a command.
timed() {
  local name=$1 TIMEFORMAT='%R %U %S' times
  shift
  times=$({ time "$@" > "$WORK/out" 2>&1; } 2>&1) || { cat "$WORK/out" >&2; return 1; }
  set -- $times
  record "$name.wall" "$1"
  record "$name.cpu" "$(awk -v u="$2" -v s="$3" 'BEGIN { print u + s }')"
}

processor_seconds() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; }

resident_mb() { awk '/^VmRSS/ { print $2 / 1024 }' "/proc/$1/status"; }

peak_mb() { awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$1/status"; }

bytes_of() { du -sb "$@" | awk '{ sum += $1 } END { print sum }'; }

# --- servers -----------------------------------------------------------------------------------------------------------

small() {
  [ -f "$WORK/small.pgp" ] || $HARNESS generate "$COUNT" "$WORK/small.pgp" > /dev/null
  echo "$WORK/small.pgp"
}

sks_folder() {
  local base=$1
  rm -rf "$base"
  mkdir -p "$base"/etc/sks "$base"/var/lib/sks/{dump,www} "$base"/var/log/sks "$base"/var/run/sks "$base"/var/spool/sks/messages
  cat > "$base/etc/sks/sksconf" <<CONF
debuglevel: 3
hostname: $SKS_ADDRESS
recon_address: $SKS_ADDRESS
recon_port: 31370
hkp_address: $SKS_ADDRESS
hkp_port: $SKS_PORT
pagesize: 16
ptree_pagesize: 16
cache: 100
ptree_cache: 70
gossip_interval: 60
disable_mailsync:
CONF
  : > "$base/etc/sks/membership"
  : > "$base/etc/sks/mailsync"
}

wait_for_port() {
  for _ in $(seq 200); do
    if (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null; then return; fi
    sleep 0.05
  done
  echo "nothing listens on $1:$2" >&2
  return 1
}

start_sks() {
  timeout 900 sks db -basedir "$1" > "$WORK/sks.out" 2>&1 &
  SERVER=$!
  wait_for_port $SKS_ADDRESS $SKS_PORT
  sleep 0.5
}

start_ours() {
  timeout 900 $SKSD run --data "$1" --hkp $OUR_ADDRESS:$OUR_PORT --grpc off --allow-full-view > "$WORK/sksd.out" 2>&1 &
  SERVER=$!
  wait_for_port $OUR_ADDRESS $OUR_PORT
}

# The server is the child of timeout.
server_pid() { pgrep -P "$SERVER"; }

stop_server() {
  [ -n "$SERVER" ] || return 0
  kill "$SERVER" 2> /dev/null || true
  wait "$SERVER" 2> /dev/null || true
  SERVER=
}

sks_import() {
  sks_folder "$WORK/sks"
  timed "$1.build" sks build -basedir "$WORK/sks" $2
  timed "$1.pbuild" sks pbuild -basedir "$WORK/sks"
}

our_import() {
  rm -rf "$WORK/ours"
  timed "$1.ours" $SKSD import --data "$WORK/ours" $2
}

# --- what is measured --------------------------------------------------------------------------------------------------

import_one() {
  fresh
  for _ in $(seq "$RUNS"); do
    sks_import import "$2"
    our_import import "$2"
  done
  local wall cpu
  wall=$(paste "$WORK/figures.import.build.wall" "$WORK/figures.import.pbuild.wall" | awk '{ print $1 + $2 }' | median)
  cpu=$(paste "$WORK/figures.import.build.cpu" "$WORK/figures.import.pbuild.cpu" | awk '{ print $1 + $2 }' | median)
  row "import $1, seconds (sks build + pbuild)" "$(of import.ours.wall)" "$wall" less
  row "import $1, processor seconds" "$(of import.ours.cpu)" "$cpu" less
  timed cleandb sh -c "sks cleandb -basedir '$WORK/sks' || sks cleandb -basedir '$WORK/sks'"
  echo "  (sks needs cleandb besides, once: $(of cleandb.wall) s)"
  local raw
  raw=$(cat $2 | wc -c)
  row "disk $1, bytes per raw byte" \
    "$(awk -v b="$(bytes_of "$WORK/ours")" -v r="$raw" 'BEGIN { print b / r }')" \
    "$(awk -v b="$(bytes_of "$WORK/sks/var/lib/sks")" -v r="$raw" 'BEGIN { print b / r }')" less
}

imports() {
  import_one "of $COUNT small" "$(small)"
  [ -z "$DEBIAN" ] || import_one "of Debian's keyrings" "$DEBIAN"
}

# load_get SIDE ADDRESS:PORT: gets by wrk, whose client costs least of the processors that it shares with the server.
load_get() {
  local pid before after
  pid=$(server_pid)
  wrk -t1 -c8 -d2s -s bench/get.lua "http://$2/" > /dev/null
  before=$(processor_seconds "$pid")
  wrk -t1 -c8 -d"${SECONDS_EACH}s" --latency -s bench/get.lua "http://$2/" > "$WORK/wrk.out"
  after=$(processor_seconds "$pid")
  record "$1.rate" "$(awk '/^Requests\/sec/ { print $2 }' "$WORK/wrk.out")"
  record "$1.p99" "$(awk '$1 == "99%" { v = $2; u = v; gsub(/[0-9.]/, "", u); gsub(/[a-z]/, "", v); print u == "us" ? v / 1000 : u == "s" ? v * 1000 : v }' "$WORK/wrk.out")"
  record "$1.cpu" "$(awk -v a="$before" -v b="$after" '/requests in/ { print (b - a) * 1e6 / $1 }' "$WORK/wrk.out")"
  grep -E 'Non-2xx|Socket errors' "$WORK/wrk.out" >&2 || true
}

get_one() {
  fresh
  $HARNESS paths "$(echo $2 | cut -d' ' -f1)" "$WORK/paths"
  sks_import x "$2"
  our_import x "$2"
  for _ in $(seq "$RUNS"); do
    start_sks "$WORK/sks"; PATHS=$WORK/paths load_get sks $SKS_ADDRESS:$SKS_PORT; stop_server
    start_ours "$WORK/ours"
    PATHS=$WORK/paths CLOSE=1 load_get ours $OUR_ADDRESS:$OUR_PORT
    PATHS=$WORK/paths load_get kept $OUR_ADDRESS:$OUR_PORT
    stop_server
  done
  row "get $1, one request a connection, 8 clients, /s" "$(of ours.rate)" "$(of sks.rate)" more
  row "get $1, kept connections, 8 clients, /s" "$(of kept.rate)" "$(of sks.rate)" more
  row "get $1, one request a connection, p99 ms" "$(of ours.p99)" "$(of sks.p99)" less
  row "get $1, one request a connection, server us/request" "$(of ours.cpu)" "$(of sks.cpu)" less
  row "get $1, kept connections, server us/request" "$(of kept.cpu)" "$(of sks.cpu)" less
}

gets() {
  get_one "small" "$(small)"
  [ -z "$DEBIAN" ] || get_one "Debian" "$DEBIAN"
}

# Each certificate is added once; every load gets certificates of its own.
adds() {
  fresh
  : > "$WORK/empty.pgp"
  local seed=100 connections
  $HARNESS generate 200000 "$WORK/add.pgp" --seed 7 > /dev/null
  for _ in $(seq "$RUNS"); do
    for connections in 1 8 64; do
      sks_folder "$WORK/sks"
      sks build -basedir "$WORK/sks" "$WORK/empty.pgp" > /dev/null 2>&1
      start_sks "$WORK/sks"; load_add "sks.$connections" $SKS_ADDRESS:$SKS_PORT "$connections"; stop_server
      rm -rf "$WORK/ours"
      start_ours "$WORK/ours"; load_add "ours.$connections" $OUR_ADDRESS:$OUR_PORT "$connections"; stop_server
    done
  done
  for connections in 1 8 64; do
    row "add small, $connections connections, /s (ours synced)" "$(of "ours.$connections.rate")" "$(of "sks.$connections.rate")" more
    row "add small, $connections connections, p99 ms" "$(of "ours.$connections.p99")" "$(of "sks.$connections.p99")" less
  done
  row "add small, ours at 64 against sks at 8 connections, /s" "$(of ours.64.rate)" "$(of sks.8.rate)" more
  row "add small, ours at 64 against sks at 8, server us/add" "$(of ours.64.cpu)" "$(of sks.8.cpu)" less
}

load_add() {
  local pid before after
  pid=$(server_pid)
  before=$(processor_seconds "$pid")
  $HARNESS add "$2" "$WORK/add.pgp" --connections "$3" --seconds "$SECONDS_EACH" > "$WORK/add.out"
  after=$(processor_seconds "$pid")
  grep -q 'failures=0 ' "$WORK/add.out" || cat "$WORK/add.out" >&2
  record "$1.rate" "$(grep -o ' rate=[0-9.]*' "$WORK/add.out" | cut -d= -f2)"
  record "$1.p99" "$(grep -o 'p99_ms=[0-9.]*' "$WORK/add.out" | cut -d= -f2)"
  record "$1.cpu" "$(awk -v a="$before" -v b="$after" '{ sub("requests=", "", $1); print (b - a) * 1e6 / $1 }' "$WORK/add.out")"
}

# Resident memory after serving every certificate some times; ours for a tenth of the certificates, too, to see how it grows.
memory() {
  fresh
  sks_import x "$(small)"
  start_sks "$WORK/sks"; measure_memory sks $SKS_ADDRESS:$SKS_PORT "$(small)"; stop_server
  our_import x "$(small)"
  start_ours "$WORK/ours"; measure_memory ours $OUR_ADDRESS:$OUR_PORT "$(small)"; stop_server
  $HARNESS generate $((COUNT / 10)) "$WORK/tenth.pgp" > /dev/null
  our_import x "$WORK/tenth.pgp"
  start_ours "$WORK/ours"; measure_memory tenth $OUR_ADDRESS:$OUR_PORT "$WORK/tenth.pgp"; stop_server
  row "resident MB serving $COUNT (sks: db only)" "$(of ours)" "$(of sks)" less
  echo "  (ours at start $(of ours.start) MB, serving a tenth $(of tenth) MB, peak serving all $(of ours.peak) MB)"
}

measure_memory() {
  local pid
  pid=$(server_pid)
  record "$1.start" "$(resident_mb "$pid")"
  $HARNESS get "$2" "$3" --connections 8 --seconds "$SECONDS_EACH" > /dev/null
  record "$1" "$(resident_mb "$pid")"
  record "$1.peak" "$(peak_mb "$pid")"
}

# start_sks_peer ADDRESS OTHER [OPTION]: a copy of the imported server, whose only peer is OTHER.
start_sks_peer() {
  local base=$WORK/sks-$1
  rm -rf "$base"
  cp -r "$WORK/sks" "$base"
  sed -i -e "s/$SKS_ADDRESS/$1/; s/^gossip_interval.*/gossip_interval: 0.02/" "$base/etc/sks/sksconf"
  echo "${3:-}" >> "$base/etc/sks/sksconf"
  echo "$2 $RELAY_PORT" > "$base/etc/sks/membership"
  timeout 900 sks db -basedir "$base" > "$base/db.out" 2>&1 &
  PAIR="$PAIR $!"
  wait_for_port "$1" $SKS_PORT
  timeout 900 sks recon -basedir "$base" > "$base/recon.out" 2>&1 &
  PAIR="$! $PAIR"
  wait_for_port "$1" 31370
}

start_our_peer() {
  local data=$WORK/ours-$1
  rm -rf "$data"
  cp -r "$WORK/ours" "$data"
  SKS__Recon__Peers=$2:$RELAY_PORT SKS__Recon__Interval=00:00:01.2 SKS__Recon__Gossip=$3 \
    timeout 900 $SKSD run --data "$data" --hkp "$1:$SKS_PORT" --recon "$1:31370" --grpc off --allow-full-view > "$data.out" 2>&1 &
  PAIR="$PAIR $!"
  wait_for_port "$1" 31370
}

stop_pair() {
  for server in $PAIR; do
    kill "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
  done
  PAIR=
}

# sessions SIDE INITIATOR RESPONDER: each number of differences as often as there are runs; the first session after the start counts apart.
sessions() {
  local rounds
  rounds=$(for count in $DIFFERENCES; do for _ in $(seq "$RUNS"); do echo "$count"; done; done)
  $HARNESS sessions "$3:$RELAY_PORT" "$3:31370" "$2:$SKS_PORT" "$3:$SKS_PORT" ${DIFFERENCES%% *} $rounds > "$WORK/sessions.out"
  awk -v side="$1" 'NR == 1 { side = side ".first" } { print side, $0 }  NR == 1 { sub(/[.]first$/, "", side) }' "$WORK/sessions.out" |
    while read -r name differences figures; do
      for figure in $figures; do
        record "$name.${differences#*=}.${figure%%=*}" "${figure#*=}"
      done
    done
}

# Two servers that hold the same certificates, then get different ones, and meet through a relay that measures both pairs alike.
reconciliations() {
  fresh
  local keyring count first=${DIFFERENCES%% *}
  keyring=$(small)
  sks_import x "$keyring"
  sks cleandb -basedir "$WORK/sks" > /dev/null 2>&1 || sks cleandb -basedir "$WORK/sks" > /dev/null 2>&1
  our_import x "$keyring"
  start_sks_peer 127.0.0.2 127.0.0.3
  start_sks_peer 127.0.0.3 127.0.0.2 dontgossip:
  sessions sks 127.0.0.2 127.0.0.3
  stop_pair
  start_our_peer 127.0.0.4 127.0.0.5 true
  start_our_peer 127.0.0.5 127.0.0.4 false
  sessions ours 127.0.0.4 127.0.0.5
  stop_pair
  row "session, $first in $COUNT, first after start, ms" "$(of "ours.first.$first.session_ms")" "$(of "sks.first.$first.session_ms")" less
  for count in $DIFFERENCES; do
    row "session, $count in $COUNT, ms" "$(of "ours.$count.session_ms")" "$(of "sks.$count.session_ms")" less
    row "session, $count in $COUNT, bytes" "$(of "ours.$count.bytes")" "$(of "sks.$count.bytes")" less
    row "session, $count in $COUNT, changes of direction" "$(of "ours.$count.turns")" "$(of "sks.$count.turns")" less
    row "$count in $COUNT, initiator has all, s" "$(of "ours.$count.initiator_equal_s")" "$(of "sks.$count.initiator_equal_s")" less
    row "$count in $COUNT, both equal, s" "$(of "ours.$count.equal_s")" "$(of "sks.$count.equal_s")" less
  done
}

# goal NUMBER WHAT GOAL PROTOTYPE MEASURED
goal() { printf '%-4s %-62s %-12s %-12s %s\n' "$@"; }

# figures FILE PATTERN NAME: median of one value in those of the harness's lines that match.
figures() { grep -E "$2" "$1" | grep -o " $3=[^ ]*" | cut -d= -f2 | median; }

# Peers of our own kind: there is nothing to compare with but the goals, and what a prototype did. --full takes the sizes of the goals.
peers() {
  fresh
  local elements=100000 runs=100 common=10000 keys=300 many=10000
  [ "${1:-}" != --full ] || { elements=1000000; common=100000; keys=1000; many=100000; }
  $HARNESS sketches "$elements" "$runs" 1 10 100 1000 10000 | tee "$WORK/sketches"
  [ "$many" = 10000 ] || $HARNESS sketches "$elements" 5 "$many" | tee -a "$WORK/sketches"
  $HARNESS sketches $((elements / 10)) "$runs" 1000 | tee "$WORK/tenth"
  local folder=$WORK/peers
  rm -rf "$folder"
  mkdir -p "$folder"
  $HARNESS chain "$SKSD_DLL" "$folder" 5 "$keys" | tee "$WORK/chain"
  $HARNESS pair "$SKSD_DLL" "$folder" "$common" "$RUNS" 1000 10 | tee "$WORK/pair"
  rm -rf "$folder"

  local thousand='^differences=1000 ' most="^differences=$many " pair=' differences=1000 '
  echo
  goal "" "" goal prototype measured
  goal G1 "cells per difference, d = 1,000, mean" "<= 1.20" 1.18 "$(figures "$WORK/sketches" "$thousand" cells)"
  goal "" "the same, p99" "<= 1.35" "" "$(figures "$WORK/sketches" "$thousand" cells_p99)"
  goal "" "cells per difference, d = $many, mean" "<= 1.12, 1.10" "1.10, 1.09" "$(figures "$WORK/sketches" "$most" cells)"
  goal G2 "bytes of the cells it takes, d = 1,000" "<= 19.2" 18.9 "$(awk -v c="$(figures "$WORK/sketches" "$thousand" cells)" 'BEGIN { print 16 * c }')"
  goal G3 "bytes of messages per difference, d = 1,000, n = $elements" "<= 30" 28.6 "$(figures "$WORK/sketches" "$thousand" message_bytes)"
  goal "" "of that, what the other side's wants take" "" 0 "$(figures "$WORK/sketches" "$thousand" announce_bytes)"
  goal "" "bytes of messages per difference, d = $many" "<= 26.5" 25-26 "$(figures "$WORK/sketches" "$most" message_bytes)"
  goal "" "two servers, d = 1,000: Sync messages, with the hellos" "" "" "$(figures "$WORK/pair" "$pair" sync_bytes)"
  goal "" "two servers, d = 1,000: TLS and HTTP/2, with the handshake" "" "" "$(figures "$WORK/pair" "$pair" transport_bytes)"
  goal "" "two servers, d = 1,000: Fetch messages" "" "" "$(figures "$WORK/pair" "$pair" fetch_bytes)"
  goal "" "two servers, d = 1,000: the certificates alone" "" "" "$(figures "$WORK/pair" "$pair" payload_bytes)"
  goal G4 "equal sets, bytes of messages" "<= 200" target "$(figures "$WORK/pair" equal_message_bytes equal_message_bytes)"
  goal "" "equal sets, bytes on the socket" "" "" "$(figures "$WORK/pair" equal_socket_bytes equal_socket_bytes)"
  goal G5 "rounds, d = 10" 1 1.0 "$(figures "$WORK/sketches" '^differences=10 ' rounds)"
  goal "" "rounds, d = 1,000, mean" "<= 2.2" 1.99-2.17 "$(figures "$WORK/sketches" "$thousand" rounds)"
  goal "" "the same, p99" "<= 3" 3 "$(figures "$WORK/sketches" "$thousand" rounds_p99)"
  goal G6 "cells per difference, d = 1,000, n = $((elements / 10))" "the same" yes "$(figures "$WORK/tenth" "$thousand" cells)"
  goal "" "bytes of messages per difference, n = $((elements / 10))" "the same" yes "$(figures "$WORK/tenth" "$thousand" message_bytes)"
  goal G7 "decode, all attempts, d = 1,000, us per difference" "<= 1.5" 0.6-1.4 "$(figures "$WORK/sketches" "$thousand" decode_us)"
  goal "" "looking up what was decoded, us per difference" "" "" "$(figures "$WORK/sketches" "$thousand" lookup_us)"
  goal "" "decode, all attempts, d = $many, us per difference" "" "" "$(figures "$WORK/sketches" "$most" decode_us)"
  goal G8 "both sides of an exchange, in memory, d = 1,000, ms" "<= 6" 1.7-5.6 "$(figures "$WORK/sketches" "$thousand" whole_ms)"
  goal "" "both sides of an exchange, in memory, d = 10,000, ms" "<= 30" 12-22 "$(figures "$WORK/sketches" '^differences=10000 ' whole_ms)"
  goal G9 "change of one link's sketch, us" "<= 1" 0.4-0.75 "$(figures "$WORK/sketches" '^elements' update_us)"
  goal "" "change of 20 links' sketches, in groups of 256, us" "<= 20" 11-16 "$(figures "$WORK/sketches" '^elements' update_20_links_us)"
  goal "" "the same, one by one, us" "" 18-21 "$(figures "$WORK/sketches" '^elements' update_20_links_single_us)"
  goal G10 "sketch of $elements elements, s (goal: of 6,000,000)" "<= 3.5" 2.2-3.3 "$(figures "$WORK/sketches" '^elements' build_s)"
  goal "" "new key, one hop, p50 ms" "" "" "$(figures "$WORK/chain" hop hop_p50_ms)"
  goal "" "new key, one hop, p99 ms" "< 50" "" "$(figures "$WORK/chain" hop hop_p99_ms)"
  goal "" "new key, from the first to the fifth server, p99 ms" "< 1000" "" "$(figures "$WORK/chain" hop end_p99_ms)"
  goal "" "both equal, 1,000 differences in $common, ms" "< 1000" "" "$(figures "$WORK/pair" "$pair" equal_ms)"
  goal "" "empty server, $common certificates, times as long as import" "<= 2.5" "" "$(figures "$WORK/pair" import_s ratio)"
}

echo "$(nproc) processors, load before: $(cut -d' ' -f1-3 /proc/loadavg); medians of $RUNS runs in turn"
case ${1:-all} in
  import | disk) imports ;;
  get) gets ;;
  add) adds ;;
  memory) memory ;;
  recon) reconciliations ;;
  peers) shift; peers "$@" ;;
  all) imports; gets; adds; memory; reconciliations ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
