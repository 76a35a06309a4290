import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { FakeChain } from '@menglian/sdk/audit/testing/fakeChain';
import { ACCOUNT, HotScenario } from '@menglian/sdk/audit/testing/hotScenario';
import { hexOf } from '@menglian/sdk/hex';
import type { SdkError } from '@menglian/sdk/sdkError';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientVersion } from '../console/testing/testSession.js';
import type { Language } from '../language.js';
import { auditCommand } from './audit.js';

const suite = await loadSuite('ecdsa');

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

describe('menglian audit hot-account', () => {
  let scenario: HotScenario;
  let server: Server;
  let url: string;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-audit-'));
    scenario = new HotScenario(suite);
    scenario.pay(0, 10n, 20n);
    scenario.pay(1, 7n);
    scenario.close(0);
    scenario.settle(0, 1n);
    const transports = [scenario.hot, ...scenario.users].map((chain: FakeChain) => {
      chain.onCall = () => ({ currentBlockNumber: chain.height, output: '0x', status: '0x1a' });
      return chain.transport;
    });
    const answerTo = async ({ id, method, params }: Request) => {
      const answer =
        method === 'getClientVersion'
          ? { result: clientVersion() }
          : await transports[Number(params[0]) - 1]!.request({ method, params }).then(
              (result) => ({ result }),
              ({ code, message }: SdkError) => ({ error: { code, message } }),
            );
      return { jsonrpc: '2.0', id, ...answer };
    };
    server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const asked = JSON.parse(body) as Request | Request[];
        const answer = Array.isArray(asked) ? await Promise.all(asked.map(answerTo)) : await answerTo(asked);
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  async function run(args: readonly string[], language: Language = 'en') {
    const printed = { out: '', error: '' };
    process.exitCode = undefined;
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((printed.out += String(chunk)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => ((printed.error += String(chunk)), true));
    const command = auditCommand(language).exitOverride();
    for (const below of command.commands) below.exitOverride();
    await command.parseAsync(args, { from: 'user' }).catch(() => undefined);
    vi.restoreAllMocks();
    return { ...printed, code: process.exitCode ?? 0 };
  }

  const hotAccount = (language: Language, ...more: readonly string[]) =>
    run(['hot-account', ACCOUNT, '--hot', `${url},1`, '--user', `${url},2`, '--user', `${url},3`, ...more], language);

  it('shows each chain, its epochs and the verdict', async () => {
    const { out, error, code } = await hotAccount('en');
    expect([code, error]).toEqual([0, expect.stringContaining('no --trust file')]);
    const host = url.slice('http://'.length);
    const time = new Date(scenario.users[0]!.blocks[3]!.header.timestampMs).toISOString();
    const identity = hexOf(scenario.users[0]!.identity);
    expect(out).toContain(`group 2 at ${host}: block 0 is ${identity}, proven up to block 3 (${time})`);
    expect(out).toMatch(/^1 +1-3 +30 +0 +2 +4$/m);
    expect(out).toMatch(/^open +7 +0 +1$/m);
    expect(out).toContain('booked in 30 (out 0, 2 payments), granted 0, withdrawn 0, balance 30');
    expect(out).toMatch(/\[RIGHT] the hot account has booked 30 = 30 \+ 0: 1 epochs, .*; 7 more is on the way\n$/);
  });

  it('speaks Chinese', async () => {
    const { out, error } = await hotAccount('zh');
    expect(error).toContain('未给出 --trust 文件');
    expect(out).toContain('[RIGHT] 热点账户入账 30 = 30 + 0：1 期均按序入账一次；另有 7 待入账');
    scenario.settle(0, 1n);
    expect((await hotAccount('zh')).out).toMatch(
      /\[ERROR] group 1 at .*，区块 5，交易 0x[0-9a-f]{64}：group 2 at .* 入账的期号为 1，应为 2/,
    );
  });

  it('ends with 1 and says where what does not agree', async () => {
    const host = url.slice('http://'.length);
    scenario.settle(0, 1n);
    const twice = await hotAccount('en');
    expect(twice.code).toBe(1);
    expect(twice.out).toMatch(/\[ERROR] group 1 at \S+, block 5, transaction 0x[0-9a-f]{64}: the epoch of/);
    expect(twice.out).toContain(`the epoch of group 2 at ${host} that was booked is 1, where it must be 2`);
    scenario.users[0]!.blocks[2]!.receipts = scenario.users[0]!.blocks[2]!.receipts.slice(0, 1);
    const hidden = await hotAccount('en');
    expect(hidden.code).toBe(1);
    expect(hidden.out).toContain(
      `[ERROR] group 2 at ${host}, block 2: not proven: the receipts are not those that the header commits to;`,
    );
  });

  it('writes a report for programs', async () => {
    const { out, code } = await hotAccount('en', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      account: ACCOUNT,
      isRight: true,
      hot: { balance: '30', settled: { amountIn: '30', payments: '2' } },
      shadows: [{ epochs: [{ epoch: '1', amountIn: '30', settledBy: { blockNumber: 4 } }] }, { epochs: [] }],
      findings: [],
    });
  });

  it('believes the chains of a file only', async () => {
    const path = join(folder, 'chains.txt');
    const identities = [scenario.hot, ...scenario.users].map(({ identity }) => hexOf(identity));
    writeFileSync(path, `# ours\n${identities.join(' a chain\r\n')}\n\n`);
    expect(await hotAccount('en', '--trust', path)).toMatchObject({ code: 0, error: '' });
    writeFileSync(path, identities.slice(0, 2).join('\n'));
    const refused = await hotAccount('en', '--trust', path);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`its block 0 is ${identities[2]}, which the trust file does not name`);
    writeFileSync(path, 'group 1');
    expect(await hotAccount('en', '--trust', path)).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringMatching(/^\[ERROR] .*chains\.txt:1: begin each line/),
    });
    expect((await hotAccount('zh', '--trust', join(folder, 'none'))).error).toContain('无法读取信任文件');
  });

  it('says what is wrong with its arguments, or with a node', async () => {
    const place = await run(['hot-account', ACCOUNT, '--hot', 'localhost', '--user', url]);
    expect(place).toMatchObject({ code: 1, out: '' });
    expect(place.error).toContain('[ERROR] "localhost" is no place of a chain');
    const same = await run(['hot-account', ACCOUNT, '--hot', url, '--user', `${url},1`]);
    expect(same.error).toMatch(/\[ERROR] group 1 at \S+ and group 1 at \S+ are one chain/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await hotAccount('en')).error).toMatch(/\[ERROR] \S+ cannot be reached/);
    expect((await hotAccount('zh')).error).toContain('[ERROR] 无法连接节点');
    server.listen(0);
  });
});
