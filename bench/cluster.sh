#!/usr/bin/env bash
# Ten servers in a random graph, 10,000 certificates submitted all over it, three servers killed and restarted meanwhile: all are equal in
# the end, nothing acknowledged is lost, and every store is sound. The tests have a smaller one.
#
#   bench/cluster.sh [NODES,CERTIFICATES,KILLS]      (default: 10,10000,3)
#
# Takes a few minutes, and about 250 MB of memory for each server. Ends with the result of the test.
set -euo pipefail

cd "$(dirname "$0")/.."
dotnet build -c Release --verbosity quiet tests/Sks.EndToEnd.Tests
SKS_CLUSTER=${1:-10,10000,3} dotnet artifacts/bin/Sks.EndToEnd.Tests/release/Sks.EndToEnd.Tests.dll -class '*.PeerClusterTests'
