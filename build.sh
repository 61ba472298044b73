#!/usr/bin/env bash
# What CI does, one step at a time. Without an argument: everything that is quick.
set -euo pipefail
cd "$(dirname "$0")"

configuration=Release
slow_tests=(Sks.EndToEnd.Tests Sks.Interop.Tests)

usage() {
  cat <<'TEXT'
usage: ./build.sh [STEP...]

  (none)   restore, build, format, proto, test
  restore  fetch packages
  build    build everything, warnings as errors
  format   check the format of the code
  proto    buf lint, and buf breaking against protos/baseline.json
  test     the quick tests
  interop  tests against real peers: sks, gpg, nginx, buf
  e2e      tests of the built sksd from outside
  bench    benchmarks
TEXT
}

restore() { dotnet restore; }

build() { dotnet build --configuration "$configuration" --no-restore; }

format() { dotnet format --verify-no-changes --no-restore; }

proto() {
  PATH="$PWD/node_modules/.bin:$PATH"
  if ! command -v buf >/dev/null; then
    echo "build.sh: buf is missing, so the protocol files are not checked: run 'npm install'" >&2
    [[ "${SKS_REQUIRE_INTEROP:-}" != 1 ]] && return 0 || return 1
  fi
  buf lint
  buf breaking --against protos/baseline.json
}

run_tests() { dotnet test --configuration "$configuration" --no-build --project "tests/$1/$1.csproj"; }

quick_tests() {
  local folder name
  for folder in tests/*.Tests; do
    name=$(basename "$folder")
    [[ " ${slow_tests[*]} " == *" $name "* ]] || run_tests "$name"
  done
}

bench() {
  [[ -d bench/Sks.Benchmarks ]] || { echo "build.sh: there are no benchmarks yet" >&2; return 1; }
  dotnet run --configuration "$configuration" --project bench/Sks.Benchmarks -- --filter '*'
}

[[ $# -gt 0 ]] || set -- restore build format proto test
for step in "$@"; do
  case "$step" in
    restore | build | format | proto | bench) "$step" ;;
    test) quick_tests ;;
    interop) run_tests Sks.Interop.Tests ;;
    e2e) run_tests Sks.EndToEnd.Tests ;;
    -h | --help | help) usage ;;
    *) usage >&2; exit 2 ;;
  esac
done
