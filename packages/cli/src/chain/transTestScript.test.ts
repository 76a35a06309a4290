import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeTransaction, verifyTransaction } from '@menglian/types/transaction';
import { afterAll, describe, expect, it } from 'vitest';
import { planChain } from './chainPlan.js';
import { transTestScript } from './transTestScript.js';

const scratch = mkdtempSync(join(tmpdir(), 'menglian-trans-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const hasPrograms = ['bash', 'curl', 'openssl'].every((program) => spawnSync(program, ['--help']).error === undefined);
const hasOpenssl3 = /^OpenSSL [3-9]/.test(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '');

/** A node that takes everything. @returns what the script printed, and the transactions that it sent */
async function runScript(sm: boolean): Promise<{ printed: string; raws: string[] }> {
  const raws: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, params } = JSON.parse(body) as { method: string; params: string[] };
    if (method === 'sendRawTransaction') raws.push(params[1]!);
    const results: Record<string, unknown> = {
      getClientVersion: { 'FISCO-BCOS Version': '2.11.0' },
      getBlockNumber: '0x10',
    };
    response.end(JSON.stringify({ id: 1, jsonrpc: '2.0', result: results[method] ?? '0xabcd' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const planned = planChain({ hosts: '127.0.0.1:1', chainId: '77', sm }, undefined);
    if (!planned.ok) throw new Error(planned.reason.message.en);
    const node = {
      ...planned.value.nodes[0]!,
      ports: { p2p: 1, channel: 2, rpc: (server.address() as AddressInfo).port },
    };
    const script = join(scratch, 'trans.sh');
    writeFileSync(script, transTestScript(planned.value, node));
    const { stdout } = await promisify(execFile)('bash', [script, '3', '5']);
    return { printed: stdout, raws };
  } finally {
    server.close();
  }
}

describe.each(['ecdsa', 'sm'] as const)('.transTest.sh of a chain with the suite %s', (name) => {
  it('sends transactions that nodes take, of nobody that is known', async () => {
    if (!hasPrograms || !hasOpenssl3) return;
    const suite = await loadSuite(name);
    const { printed, raws } = await runScript(name === 'sm');
    expect(printed.split('\n').filter((line) => line.includes('"result":"0xabcd"'))).toHaveLength(3);
    const selector = toHex(suite.hash(utf8Bytes('selectByName(string)')).subarray(0, 4));
    for (const raw of raws) {
      const decoded = decodeTransaction(suite, fromHex(raw.slice(2)));
      if (!decoded.ok) throw new Error(decoded.reason);
      expect(decoded.value).toMatchObject({ blockLimit: 272n, chainId: 77n, groupId: 5n });
      expect(toHex(decoded.value.data)).toMatch(new RegExp(`^${selector}`));
      expect(verifyTransaction(suite, decoded.value)).toBeDefined();
    }
    expect(new Set(raws).size).toBe(3);
  });
});
