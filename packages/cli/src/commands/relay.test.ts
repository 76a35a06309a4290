import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomAccount } from '@menglian/sdk/account/account';
import { encryptedPemOfAccount, pemOfAccount } from '@menglian/sdk/account/pem';
import { SdkError } from '@menglian/sdk/sdkError';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Language } from '../language.js';
import { eventText, registrationText, retryText, statusText } from '../relay/relayTexts.js';
import { readRelayConfig } from '../relay/relayConfig.js';
import { relayCommand } from './relay.js';

const HASH = `0x${'ab'.repeat(32)}` as const;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'menglian-relay-command-'));
  path = join(folder, 'relay.ini');
  writeFileSync(join(folder, 'relay.pem'), pemOfAccount(await randomAccount()));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

const chain = (number: number, more = '') => `[chain.${number}]\ngroup_id=${number}\nurl.0=http://127.0.0.1:1\n${more}`;
const write = (text: string) => writeFileSync(path, text);
const WHOLE = `[relay]\nkey_file=relay.pem\n${chain(1, 'name=users\nurl.1=http://[::1]:2/\n')}${chain(2)}`;

async function run(args: readonly string[], language: Language = 'en') {
  const printed = { out: '', error: '' };
  process.exitCode = undefined;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.error += String(text)), true));
  const command = relayCommand(language).exitOverride();
  for (const below of command.commands) below.exitOverride();
  await command.parseAsync([...args], { from: 'user' }).catch(() => undefined);
  vi.restoreAllMocks();
  return { ...printed, code: process.exitCode ?? 0 };
}

describe('relay.ini', () => {
  it('names chains, their nodes, and who signs', async () => {
    write(WHOLE);
    const config = await readRelayConfig(path, undefined);
    if (!config.ok) throw new Error(config.reason);
    const { pollMs, clearSeconds, chains } = config.value;
    expect([pollMs, clearSeconds]).toEqual([500, 10]);
    expect(chains.map(({ name, client }) => [name, client.groupId, client.suite.name])).toEqual([
      ['users', 1, 'ecdsa'],
      ['chain.2', 2, 'ecdsa'],
    ]);
  });

  it('takes keys of SM chains, and encrypted ones, of each chain its own', async () => {
    const account = await randomAccount('sm');
    writeFileSync(join(folder, 'sm.pem'), pemOfAccount(account));
    writeFileSync(join(folder, 'locked.pem'), await encryptedPemOfAccount(account, 'secret'));
    write(`${chain(1, 'key_file=sm.pem\n')}${chain(2, 'key_file=locked.pem\n')}`);
    const config = await readRelayConfig(path, 'secret');
    expect(config.ok && config.value.chains.map(({ client }) => client.suite.name)).toEqual(['sm', 'sm']);
    const locked = await readRelayConfig(path, undefined);
    expect(!locked.ok && locked.reason).toMatch(/locked\.pem: .*MENGLIAN_RELAY_PASSWORD/);
    expect(JSON.stringify(locked)).not.toContain(Buffer.from(account.exportPrivateKey()).toString('hex'));
  });

  it.each([
    ['', '[chain.N] url.N must be there for 2 to 64 chains; found 0'],
    [
      `[relay]\npoll=1\n${chain(1)}${chain(2)}`,
      'unknown key "poll"; known in [relay]: clear_seconds, key_file, poll_ms',
    ],
    [`${chain(1)}${chain(2)}`, '[chain.1] key_file must name the PEM of who signs, here or in [relay]'],
    [WHOLE.replace('group_id=2', 'group_id=0'), '[chain.2] group_id="0" must be a whole number of 1 to 32767'],
    [WHOLE.replace('url.1=http', 'url.1=ftp'), 'must be like http://127.0.0.1:8545'],
    [WHOLE.replace('name=users', 'name=chain.2'), 'must be another for each chain; chain.2 is not'],
    [WHOLE.replace('name=users', 'name=a/b'), 'must be 1 to 64 letters'],
    [`${WHOLE}[chain.x]\nurl.0=http://127.0.0.1\n`, 'section [chain.x] is not known'],
    [WHOLE.replace('relay.pem', 'nowhere.pem'), 'nowhere.pem, the key of the relay, cannot be read'],
    [WHOLE.replace('relay.pem', 'relay.ini'), 'relay.ini: '],
  ])('with a mistake is refused: %#', async (text, sentence) => {
    write(text);
    const config = await readRelayConfig(path, undefined);
    expect(config.ok ? '' : config.reason).toContain(sentence);
  });

  it('that is not there is asked for, whatever stands before it', async () => {
    for (const args of [[], ['register'], ['register', '--money'], ['status', '--json']]) {
      const { code, error } = await run([...args, '--config', join(folder, 'other.ini')]);
      expect(code).toBe(1);
      expect(error).toContain('other.ini, the configuration of the relay, cannot be read');
    }
  });
});

describe('menglian relay', () => {
  it.each([
    ['en', 'carry messages between chains', 'menglian relay register --config relay.ini --money'],
    ['zh', '在多条链之间传递消息', 'menglian relay status --config relay.ini'],
  ] as const)('says how it is used: %s', async (language, ...sentences) => {
    const { out } = await run(['--help'], language);
    for (const sentence of sentences) expect(out.replaceAll(/\s+/g, ' ')).toContain(sentence);
  });

  it('tells of nodes that cannot be reached, and ends with 1', async () => {
    write(WHOLE);
    const words = await run(['--once', '--config', path]);
    expect(words.code).toBe(1);
    expect(words.out).toContain('[WARN] users → chain.2: ');
    expect(words.out).toContain('(NoConnection)');
    const lines = (await run(['--once', '--json', '--config', path])).out.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { kind: string; problem: { code: string } });
    expect(events.map(({ kind, problem }) => [kind, problem.code])).toEqual(
      Array.from({ length: 4 }, () => ['problem', 'NoConnection']),
    );
    expect(await run(['register', '--config', path])).toMatchObject({ code: 1, out: '' });
    expect((await run(['status', '--config', path], 'zh')).error).toMatch(/^\[ERROR\] .*（NoConnection）/);
  });

  it('stops when told to', async () => {
    const node: Server = createServer((_, answer) => void answer.end('{}'));
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    const { port } = node.address() as AddressInfo;
    write(WHOLE.replaceAll(':1\n', `:${port}\n`));
    node.on('request', () => process.emit('SIGTERM'));
    const { code, out } = await run(['--config', path]);
    node.close();
    expect(code).toBe(0);
    expect(out).toMatch(/^\[INFO\] carrying messages between 2 chains: users, chain\.2\n[^]*\[INFO\] stopped\n$/);
  });
});

describe('what happens', () => {
  const facts = { name: 'hot', identity: HASH, rule: 'pbft', anchor: { number: 7, sealers: ['a', 'b'] } } as const;
  const lane = 'users → hot';

  it.each([
    [
      eventText({ kind: 'step', lane, step: { kind: 'delivered', messages: 12, bundles: 2, last: 40n } }),
      '[INFO] users → hot: handed over 12 messages in 2 bundles, up to 40',
    ],
    [
      eventText({ kind: 'step', lane, step: { kind: 'anchored', blockNumber: 9 } }),
      '[INFO] users → hot: told of the sealers of block 9',
    ],
    [
      eventText({ kind: 'step', lane, step: { kind: 'fewer', receiptsMax: 8 } }),
      'receivers need much gas, the next bundles hold 8 receipts',
    ],
    [eventText({ kind: 'step', lane, step: { kind: 'overtaken' } }), 'another relay was first'],
    [
      eventText({ kind: 'closed', chain: 'users', accounts: ['a', 'b'] }),
      'closed the epochs of 2 shadow accounts: a, b',
    ],
    [eventText({ kind: 'recovered', place: lane }), 'works again'],
    [
      eventText({ kind: 'unregistered', lane, target: 'hot', source: HASH }),
      `hot does not know the other chain; who may change its settings runs: menglian relay register --config <file>, ` +
        `or calls 0x2001 register("${HASH}", name, pbft | rpbft | raft, height, sealers)`,
    ],
    [
      eventText({ kind: 'problem', place: lane, problem: new SdkError('Timeout', 'late', 'wait'), retryMs: 500 }),
      '[WARN] users → hot: late (Timeout); wait; again in 500 ms',
    ],
    [retryText({ lane, sequence: 3n, outcome: 'taken' }), 'users → hot: message 3 was taken'],
    [retryText({ lane, sequence: 3n, outcome: 'refused' }), 'message 3: its receiver refuses it still'],
    [
      retryText({ lane, sequence: 3n, outcome: new SdkError('Timeout', 'late', 'wait') }),
      'message 3: late (Timeout); wait',
    ],
    [registrationText({ kind: 'switchedOn', chain: 'users' }), 'users: switched enable_interchain on'],
    [
      registrationText({ kind: 'registered', chain: 'users', facts }),
      `users: registered hot (${HASH}, pbft, 2 sealers at height 7)`,
    ],
    [registrationText({ kind: 'known', chain: 'users', facts }), 'users: knows hot already'],
    [registrationText({ kind: 'moneyAllowed', chain: 'users', facts }), 'users: money of hot may come'],
    [
      statusText({ from: 'users', to: 'hot', sent: 5n, taken: 3n, failed: 1n }),
      'users → hot: 5 sent, 3 taken, 2 waiting, 1 refused by receivers',
    ],
  ])('is told with its counts, in both languages: %#', (text, sentence) => {
    expect(text.en).toContain(sentence);
    expect(text.zh).toMatch(/[一-鿿]/);
  });
});
