#!/usr/bin/env bash
# Moves a real SKS with COUNT (100000) certificates and two peers to sksd, as docs/moving.md says, and fails unless the first round with each peer finds
# no difference. Prints the seconds of each step. WORK is a folder for the data (a temporary one by default). All on loopback.
# Needs: sks, jq, dotnet. Build first: dotnet build -c Release
set -euo pipefail

cd "$(dirname "$0")/.."
COUNT=${COUNT:-100000}
HARNESS="dotnet artifacts/bin/Sks.LoadHarness/release/Sks.LoadHarness.dll"
SKSD="dotnet artifacts/bin/Sks.Server/release/sksd.dll"
RECON_PORT=31470
HKP_PORT=31471
if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d)
  REMOVE=$WORK
fi
mkdir -p "$WORK"
PIDS=()
cleanup() {
  for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ -z "${REMOVE:-}" ] || rm -rf "$REMOVE"
}
trap cleanup EXIT

step() {
  local name=$1 start=$SECONDS
  shift
  "$@" >>"$WORK/log" 2>&1
  echo "$name: $((SECONDS - start)) s"
}

# Base folder of the SKS at an address, whose members are the other addresses.
configure() {
  local address=$1 base=$WORK/$1
  shift
  mkdir -p "$base"/etc/sks "$base"/var/lib/sks/dump "$base"/var/lib/sks/www "$base"/var/log/sks "$base"/var/run/sks "$base"/var/spool/sks/messages
  cat >"$base/etc/sks/sksconf" <<CONF
hostname: 127.0.0.99
hkp_address: $address
hkp_port: $HKP_PORT
recon_address: $address
recon_port: $RECON_PORT
gossip_interval: 0.05
disable_mailsync:
CONF
  for member in "$@"; do echo "$member $RECON_PORT"; done >"$base/etc/sks/membership"
  : >"$base/etc/sks/mailsync"
}

build() {
  (cd "$WORK/$1" && sks build "$WORK/keys.pgp" -basedir . && { sks cleandb -basedir . || sks cleandb -basedir .; } && sks pbuild -basedir .)
}

start() {
  (cd "$WORK/$1" && exec sks "$2" -basedir .) >>"$WORK/log" 2>&1 &
  PIDS+=($!)
}

MOVED=127.0.0.71
PEERS=(127.0.0.72 127.0.0.73)
step "make $COUNT certificates" $HARNESS generate "$COUNT" "$WORK/keys.pgp"
configure "$MOVED" "${PEERS[@]}"
for peer in "${PEERS[@]}"; do configure "$peer" "$MOVED"; done
for address in "$MOVED" "${PEERS[@]}"; do step "build the SKS at $address" build "$address"; done

step "dump" sh -c "cd '$WORK/$MOVED' && sks dump 15000 '$WORK/dump' sks-dump -basedir ."
step "import" $SKSD import --data "$WORK/data" "$WORK/dump"
for peer in "${PEERS[@]}"; do start "$peer" db; done
sleep 5
for peer in "${PEERS[@]}"; do start "$peer" recon; done
$SKSD run --data "$WORK/data" --grpc off --sks-config "$WORK/$MOVED" >>"$WORK/log" 2>&1 &
PIDS+=($!)

for _ in $(seq 60); do
  sleep 2
  rows=$($SKSD peers --data "$WORK/data" --json 2>>"$WORK/log" || true)
  met=$(jq -s '[.[] | select(.sessionCount > 0)] | length' <<<"$rows")
  [ "$met" -lt 2 ] || break
done
differences=$(jq -s '[.[].differenceCount] | add' <<<"$rows")
echo "peers met: $met of 2; differences found: $differences"
[ "$met" = 2 ] && [ "$differences" = 0 ]
