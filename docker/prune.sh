#!/usr/bin/env bash
# Leaves in a built tree what a node needs to run: run-time packages, compiled code, manifests.
# Usage: docker/prune.sh <folder of the built tree>
set -euo pipefail
cd "$1"
npm prune --omit=dev
find packages benchmarks -type d -name src -not -path '*/node_modules/*' -prune -exec rm -rf {} +
find packages benchmarks -type d -name testing -path '*/dist/*' -prune -exec rm -rf {} +
find packages benchmarks \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' \) -not -path '*/node_modules/*' -delete
find packages/crypto/native -mindepth 1 -maxdepth 1 -not -name build -not -name load.cjs -exec rm -rf {} +
rm -rf packages/compliance packages/sim packages/crypto/bench benchmarks scripts tsconfig.json tsconfig.base.json
