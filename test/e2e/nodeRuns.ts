import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/menglian.js', import.meta.url));

/** A node that should end by itself and does not, is ended after this. */
const RUN_TIMEOUT_MS = 40_000;

export interface NodeRun {
  /** undefined when it had to be ended */
  readonly exitCode: number | undefined;
  /** what it wrote to stderr */
  readonly complaint: string;
}

/** Runs a node until it ends by itself. @param beforehand shell command that sets limits for it */
export async function runNodeToEnd(folder: string, beforehand = ':'): Promise<NodeRun> {
  const config = join(folder, 'config.ini');
  const script = `${beforehand}; exec "$0" "$@"`;
  const args = ['-c', script, process.execPath, COMMAND, 'node', '--config', config];
  return new Promise((resolve) => {
    execFile('sh', args, { timeout: RUN_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, _output, complaint) => {
      const code = error === null ? 0 : error.code;
      resolve({ exitCode: typeof code === 'number' ? code : undefined, complaint });
    });
  });
}

/** A copy of a node's folder with other ports: P2P, channel and JSON-RPC count up from `firstPort`. */
export function copyNode(from: string, to: string, firstPort: number): void {
  cpSync(from, to, { recursive: true });
  editFile(join(to, 'config.ini'), (text) =>
    text
      .replace(/(\[p2p\][^[]*?\blisten_port=)\d+/, `$1${firstPort}`)
      .replace(/(\bchannel_listen_port=)\d+/, `$1${firstPort + 1}`)
      .replace(/(\bjsonrpc_listen_port=)\d+/, `$1${firstPort + 2}`),
  );
}

export function editFile(path: string, edit: (text: string) => string): void {
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}

/** The port that a configuration names. @param key `listen_port` of [p2p], or `jsonrpc_listen_port` */
export function configuredPort(folder: string, key: 'listen_port' | 'jsonrpc_listen_port'): number {
  const text = readFileSync(join(folder, 'config.ini'), 'utf8');
  const pattern = key === 'listen_port' ? /\[p2p\][^[]*?\blisten_port=(\d+)/ : /\bjsonrpc_listen_port=(\d+)/;
  return Number(pattern.exec(text)![1]);
}
