#!/usr/bin/env bash
# The long forms of the tests about streams and spellings: slow peers for five minutes beside 100 calls/s, and all
# 65 792 additions round each trusted name, by UDP, TCP and TLS. About an hour; as root.
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts/setup test
SIPID_LONG=1 SIPID_E2E=required go test -count=1 -v -timeout 120m -run '^(TestSlowPeers|TestTrustedNamesSweep|TestTrustedNamesSweepByStreams)$' ./e2e
