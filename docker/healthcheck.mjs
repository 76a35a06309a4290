// Healthy: the node answers getBlockNumber for its first group. Usage: healthcheck.mjs /data/config.ini
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TIMEOUT_MS = 4000;

const configPath = process.argv[2] ?? '/data/config.ini';
const port = /^\s*jsonrpc_listen_port\s*=\s*(\d+)/m.exec(readFileSync(configPath, 'utf8'))?.[1] ?? '8545';
const groups = readdirSync(join(dirname(configPath), 'conf'))
  .map((name) => /^group\.(\d+)\.genesis$/.exec(name)?.[1])
  .filter((group) => group !== undefined)
  .map(Number);
const body = { jsonrpc: '2.0', method: 'getBlockNumber', params: [Math.min(...groups)], id: 1 };
try {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = await response.json();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = typeof answer.result === 'string' ? 0 : 1;
} catch (error) {
  process.stdout.write(`the node does not answer on port ${port}: ${error.message}\n`);
  process.exitCode = 1;
}
