import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';

/** The console over the channel of real nodes: chains as over HTTP, and messages from console to console. */

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/menglian.js', import.meta.url));
const NODES = 2;
const REACH_TIMEOUT_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'menglian-console-'));
const running = new Set<ChildProcess>();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.build(NODES);
  cluster.startAll();
  await cluster.linked(NODES - 1);
});

afterAll(async () => {
  for (const child of running) child.kill();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A console at the channel port of a node. */
class Console {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out = '';
  error = '';

  constructor(node: number, ...args: readonly string[]) {
    const channel = ['--channel', `127.0.0.1:${cluster.rpcPort - NODES + node}`];
    const certificates = ['--sdk', join(cluster.folder, 'nodes', '127.0.0.1', 'sdk')];
    const env = { ...process.env, MENGLIAN_HOME: join(folder, 'home'), LANG: 'C', LC_ALL: 'C' };
    this.child = spawn(process.execPath, [COMMAND, 'console', ...args, ...channel, ...certificates], {
      cwd: folder,
      env,
    });
    running.add(this.child);
    this.child.stdout!.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.error += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        running.delete(this.child);
        resolve(code);
      });
    });
  }

  /** Until nodes know of a subscriber there is nobody to send to. */
  async repeat(line: string, isThere: () => boolean): Promise<void> {
    await expect
      .poll(
        () => {
          if (isThere()) return true;
          this.child.stdin!.write(`${line}\n`);
          return false;
        },
        { timeout: REACH_TIMEOUT_MS, interval: 500 },
      )
      .toBe(true);
  }
}

describe('the console over the channel', { timeout: 60_000 }, () => {
  it('reads and changes the chain', async () => {
    const script = new Console(0, '--json');
    script.child.stdin!.end(
      'getBlockNumber\nsetSystemConfigByKey tx_count_limit 900\ngetBlockNumber\nqueryVotes 0x' + '11'.repeat(20),
    );
    expect([await script.ended, script.error]).toEqual([0, '']);
    const answers = script.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(answers).toEqual([0, expect.objectContaining({ code: 1 }), 1, []]);
  });

  it('carries messages to a subscriber at another node, and its answer back', async () => {
    const buyer = new Console(0, '--json');
    const shop = new Console(1, 'subscribeTopic', 'prices', '1', '12 a box');
    await buyer.repeat('sendAmopMsg prices "tea?"', () => buyer.out.includes('12 a box'));
    expect([await shop.ended, shop.out, shop.error]).toEqual([0, 'prices: tea?\n1 message\n', '']);
    buyer.child.stdin!.end();
    await buyer.ended;
  });

  it('ends a subscription at Ctrl-C with what came', async () => {
    const shop = new Console(1, 'subscribeTopic', 'all', '--json');
    const buyer = new Console(0, '--json');
    await buyer.repeat('sendAmopMsg all first', () => buyer.out.includes('"answer"'));
    shop.child.kill('SIGINT');
    expect(await shop.ended).toBe(0);
    expect(JSON.parse(shop.out)).toContainEqual({ topic: 'all', content: 'first', isBroadcast: false });
    buyer.child.stdin!.end();
    await buyer.ended;
  });

  it('carries messages of a private topic to the account whose key the publisher knows', async () => {
    const friend = new Console(1, 'subscribePrivateTopic', 'offers', '1', 'taken');
    await expect.poll(() => friend.out, { timeout: REACH_TIMEOUT_MS }).toMatch(/public key 0x[0-9a-f]{128}\n/);
    const publicKey = /0x[0-9a-f]{128}/.exec(friend.out)![0];
    const publisher = new Console(0, '--json');
    publisher.child.stdin!.write(`publishPrivateTopic offers ${publicKey}\n`);
    await publisher.repeat('sendAmopMsg offers tea', () => publisher.out.includes('taken'));
    expect(await friend.ended).toBe(0);
    expect(friend.out).toContain('offers: tea\n1 message\n');
    publisher.child.stdin!.end();
    await publisher.ended;
  });
});
