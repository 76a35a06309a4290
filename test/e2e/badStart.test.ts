import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { NodeProcess } from '@menglian/cli/start/clusterProcesses';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, freePorts, until } from './cluster.js';
import { configuredPort, copyNode, editFile, runNodeToEnd } from './nodeRuns.js';
import { RpcClient } from './rpcClient.js';
import { clientOf, DAG_TRANSFER } from './sdkClient.js';
import { gm, IS_SM, SUITE } from './suite.js';

/**
 * Goal: a node that cannot run says why and what to do, ends with exit code 1, and harms nothing. Method: copies of a real
 * node with a block in its database, each with one fault in its files, ports or disk; afterwards the node itself goes on.
 */

const suite = await loadSuite(SUITE);
const account = await randomAccount(SUITE);

/** Nobody waits longer for a node that has gone. */
const COMMIT_TIMEOUT_MS = 10_000;

/** Of 512 or 1024 bytes each, as the shell has it: 1 or 2 MB. */
const FULL_DISK_BLOCKS = 2000;

/** A chain of one node, and one with certificates of other people. */
let chain: Cluster;
let strangers: Cluster;
let node: NodeProcess;

beforeAll(async () => {
  [chain, strangers] = await Promise.all([Cluster.build(1), Cluster.build(1)]);
  node = chain.start(0);
  await answers(chain.clients[0]!);
  await commit(chain.clients[0]!);
  await node.stop();
});

afterAll(async () => {
  await Promise.all([chain?.stop(), strangers?.stop()]);
});

/** Waits until a node serves clients. */
async function answers(rpc: RpcClient): Promise<void> {
  await until(async () => rpc.call('getBlockNumber', 1).then(Boolean, () => false), 'the node answers');
}

/** Sends a transaction and waits until it is in a block. @returns the block's number */
async function commit(rpc: RpcClient, payloadBytes = 0): Promise<number> {
  const data = encodeCall(suite, functionOf('userSave(string,uint256)'), [`user${Math.random()}`, 1n]);
  const padded = `${data}${'00'.repeat(payloadBytes)}` as const;
  const { blockNumber } = await clientOf(rpc, account).execute(
    { to: DAG_TRANSFER, data: padded },
    { timeoutMs: COMMIT_TIMEOUT_MS },
  );
  return blockNumber;
}

interface Fault {
  readonly name: string;
  /** Spoils the files of a node that is not running. */
  readonly spoil: (folder: string) => void;
  readonly wanted: RegExp;
}

const conf = (folder: string, name: string) => join(folder, 'conf', name);
const database = (folder: string, name = '') => join(folder, 'data', 'group1', 'block', name);
const strangersFolder = () => dirname(strangers.configPath(0));
const manifest = (folder: string) =>
  database(
    folder,
    readdirSync(database(folder)).find((name) => name.startsWith('MANIFEST'))!,
  );
const inConfig = (from: RegExp, to: string) => (folder: string) =>
  editFile(join(folder, 'config.ini'), (text) => text.replace(from, to));

const FAULTS: readonly Fault[] = [
  {
    name: 'no configuration',
    spoil: (f) => rmSync(join(f, 'config.ini')),
    wanted: /config\.ini, .* no such file; name the right file/,
  },
  {
    name: 'a line that is no line',
    spoil: inConfig(/^\[p2p\]/m, 'what\n[p2p]'),
    wanted: /config\.ini:8: found "what"; a line is/,
  },
  {
    name: 'a port that is no number',
    spoil: inConfig(/jsonrpc_listen_port=\d+/, 'jsonrpc_listen_port=x'),
    wanted: /config\.ini:5: .*="x" must be a whole number of 1025 to 65535/,
  },
  {
    name: 'a misspelt key',
    spoil: inConfig(/log_path=/, 'log_paht='),
    wanted: /config\.ini:\d+: unknown key "log_paht"; known in \[log\]/,
  },
  {
    name: 'a genesis out of range',
    spoil: (f) =>
      editFile(conf(f, 'group.1.genesis'), (text) => text.replace('consensus_timeout=3', 'consensus_timeout=1')),
    wanted: /group\.1\.genesis:\d+: .*consensus_timeout="1" must be/,
  },
  {
    name: 'settings out of range',
    spoil: (f) => editFile(conf(f, 'group.1.ini'), (text) => text.replace(/\blimit=\d+/, 'limit=many')),
    wanted: /group\.1\.ini:\d+: \[tx_pool\] limit="many" must be/,
  },
  {
    name: 'no group',
    spoil: (f) => rmSync(conf(f, 'group.1.genesis')),
    wanted: /no group\.<id>\.genesis in .*; copy it from another node/,
  },
  {
    name: 'another genesis than the data',
    spoil: (f) => editFile(conf(f, 'group.1.genesis'), (text) => text.replace(/timestamp=\d+/, 'timestamp=1')),
    wanted: /holds a chain with genesis .*; restore the genesis file or use an empty folder/,
  },
  {
    name: 'no key',
    spoil: (f) => rmSync(conf(f, gm('node.key'))),
    wanted: /node\.key, the private key of the node .* no such file; restore it/,
  },
  {
    name: 'no certificate',
    spoil: (f) => rmSync(conf(f, gm('node.crt'))),
    wanted: /node\.crt, the certificate of the node .* no such file; restore it/,
  },
  {
    name: 'a key that is none',
    spoil: (f) => writeFileSync(conf(f, gm('node.key')), 'key'),
    wanted: /node\.key is not one private key in PEM; put back the files of this chain/,
  },
  {
    name: 'a certificate that does not fit the key',
    spoil: (f) => copyFileSync(conf(strangersFolder(), gm('node.key')), conf(f, gm('node.key'))),
    wanted: /node\.crt does not belong to the key .*node\.key; put back the files of this chain/,
  },
  {
    name: 'a certificate of another consortium',
    spoil: (f) => copyFileSync(conf(strangersFolder(), gm('ca.crt')), conf(f, gm('ca.crt'))),
    // Authorities of two SM chains have the same name and nothing else that tells them apart without their keys.
    wanted: IS_SM
      ? /gmnode\.crt: .* names a trusted authority, but was not signed with .*; put back the files of this chain/
      : /node\.crt: .* leads to no authority that is trusted here; put back the files of this chain/,
  },
  {
    name: 'data in place of a folder',
    spoil: (f) => {
      rmSync(join(f, 'data'), { recursive: true });
      writeFileSync(join(f, 'data'), '');
    },
    wanted: /data\/group1\/block: the path is not a folder.*; choose another one/,
  },
  {
    name: 'data where nothing can be written',
    spoil: inConfig(/group_data_path=.*/, 'group_data_path=/proc/menglian'),
    wanted: /\/proc\/menglian\/group1\/block: .*; choose another one/,
  },
  {
    name: 'a log where none can be written',
    spoil: (f) => {
      rmSync(join(f, 'log'), { recursive: true, force: true });
      writeFileSync(join(f, 'log'), '');
    },
    wanted: /folder of the log, .* cannot be made .*; set \[log\] log_path/,
  },
  {
    name: 'a database whose list of files is overwritten',
    spoil: (f) => writeFileSync(manifest(f), Buffer.alloc(100, 0x5a)),
    wanted: /files of the database are damaged; restore the folder from a copy, or move it away/,
  },
  {
    name: 'a database that names files it has not',
    spoil: (f) => writeFileSync(database(f, 'CURRENT'), 'MANIFEST-999999\n'),
    wanted: /files of the database are damaged; restore/,
  },
  {
    name: 'a database without its first file',
    spoil: (f) => rmSync(database(f, 'CURRENT')),
    wanted: /holds database files but not CURRENT.*; restore the folder/,
  },
];

describe('a node that cannot run ends with exit code 1 and a sentence', () => {
  it.concurrent.each(FAULTS)('$name', async ({ name, spoil, wanted }) => {
    const folder = join(chain.folder, name.replaceAll(' ', '-'));
    copyNode(dirname(chain.configPath(0)), folder, await freePorts(3));
    spoil(folder);
    const { exitCode, complaint } = await runNodeToEnd(folder);
    expect(complaint).toMatch(wanted);
    expect(complaint).toMatch(/^the node cannot start:\n/);
    expect(complaint).not.toMatch(/\n {4}at /);
    expect(exitCode).toBe(1);
  });
});

describe('a port that another program has', () => {
  it.concurrent.each([
    ['jsonrpc_listen_port', /JSON-RPC cannot listen on 127\.0\.0\.1:\d+: another program has the port; stop it or set/],
    ['listen_port', /The port for other nodes, 0\.0\.0\.0:\d+, is in use by another process; stop it or change/],
  ] as const)('%s', async (key, wanted) => {
    const folder = join(chain.folder, `busy-${key}`);
    copyNode(dirname(chain.configPath(0)), folder, await freePorts(3));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(configuredPort(folder, key), resolve));
    const { exitCode, complaint } = await runNodeToEnd(folder);
    server.close();
    expect(complaint).toMatch(wanted);
    expect(exitCode).toBe(1);
  });
});

/**
 * A limit on the size of files stands for the full disk: writing fails in the same place of the same call. The log of
 * LevelDB grows by each block until it meets the limit.
 */
it('a disk that fills up stops the node, which goes on where it was when there is room again', async () => {
  const folder = join(chain.folder, 'full-disk');
  copyNode(dirname(chain.configPath(0)), folder, await freePorts(3));
  const rpc = new RpcClient(`http://127.0.0.1:${configuredPort(folder, 'jsonrpc_listen_port')}`);
  const run = runNodeToEnd(folder, `ulimit -f ${FULL_DISK_BLOCKS}`);
  await answers(rpc);
  let acknowledged = 0;
  try {
    for (let count = 0; count < 200; count++) acknowledged = await commit(rpc, 100_000);
  } catch {
    // The node has gone, as it must.
  }
  const { exitCode, complaint } = await run;
  expect(acknowledged).toBeGreaterThan(1);
  expect(complaint).toMatch(
    /^the node stopped:\ngroup 1: .*group1\/block: the disk is full; make room and start the node again/,
  );
  expect(exitCode).toBe(1);

  const again = new NodeProcess(join(folder, 'config.ini'));
  try {
    await answers(rpc);
    expect(Number(await rpc.call('getBlockNumber', 1))).toBeGreaterThanOrEqual(acknowledged);
    expect(await commit(rpc)).toBeGreaterThan(acknowledged);
  } finally {
    await again.stop();
  }
});

it('after all of this the node itself makes blocks', async () => {
  node = chain.start(0);
  await answers(chain.clients[0]!);
  expect(await commit(chain.clients[0]!)).toBe(2);
});
