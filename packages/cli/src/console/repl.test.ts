import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { complete } from './completion.js';
import { ConsoleHome } from './home.js';
import { Printer } from './printer.js';
import { isKept, Repl } from './repl.js';
import { Session } from './session.js';

const root = mkdtempSync(join(tmpdir(), 'menglian-repl-'));
let count = 0;
let current: Conversation | undefined;
afterEach(() => current?.input.end());
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A console whose terminal is made of streams, and whose node knows one height. */
class Conversation {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  readonly answers: string[] = [];
  readonly home = new ConsoleHome(join(root, String(count++)));
  readonly repl: Repl;
  readonly ended: Promise<0 | 1>;
  screen = '';
  asked = 0;

  constructor(isTTY: boolean, isJson = false) {
    this.output.on('data', (chunk: Buffer) => (this.screen += chunk.toString()));
    const paper = { write: (text: string) => this.answers.push(text.trimEnd()) };
    this.repl = new Repl({
      input: Object.assign(this.input, { isTTY }) as unknown as NodeJS.ReadStream,
      output: Object.assign(this.output, { isTTY, columns: 80 }) as unknown as NodeJS.WriteStream,
      home: this.home,
      words: async (source) => (source === 'groups' ? ['1', '12'] : []),
      printer: new Printer({ out: paper, error: paper, language: 'en', isJson, environment: {} }),
      language: 'en',
    });
    const session = new Session({
      transport: {
        request: async ({ method }) => {
          this.asked++;
          return method === 'getBlockNumber' ? '0x2a' : null;
        },
        close: () => {},
      },
      groupId: 1,
      language: 'en',
      home: this.home,
      folder: root,
      terminal: { progress: () => {}, say: () => {}, askSecret: async () => undefined, interrupt: this.repl.interrupt },
    });
    this.ended = this.repl.run(session);
  }

  async type(text: string, isThere: () => boolean): Promise<void> {
    this.input.write(text);
    for (let tries = 0; !isThere() && tries < 500; tries++) await sleep(5);
    expect(isThere()).toBe(true);
  }
}

function talkWith(isTTY: boolean, isJson = false): Conversation {
  current = new Conversation(isTTY, isJson);
  return current;
}

describe('a conversation by script', () => {
  it('runs line after line, and ends with its input', async () => {
    const talk = talkWith(false);
    talk.input.end('getBlockNumber\n\n  \nGETBLOCKNUMBER\n');
    expect(await talk.ended).toBe(0);
    expect(talk.answers).toEqual(['42', '42']);
    expect([talk.screen, talk.home.history()]).toEqual(['', []]);
  });

  it('goes on after a line that failed, and tells so at the end', async () => {
    const talk = talkWith(false, true);
    talk.input.end('nonsense\ngetTransactionByHash 0x12\ngetBlockNumber');
    expect(await talk.ended).toBe(1);
    const [first, second, third] = talk.answers.map((line) => JSON.parse(line) as { error?: { code: string } });
    expect([first?.error?.code, second?.error?.code, third]).toEqual(['C01', 'C03', 42]);
  });

  it('ends at quit', async () => {
    const talk = talkWith(false);
    talk.input.end('quit\ngetBlockNumber\n');
    expect(await talk.ended).toBe(0);
    expect([talk.answers, talk.asked]).toEqual([['Bye.'], 0]);
  });
});

describe('a conversation with a person', () => {
  it('has a prompt, completes, and keeps commands but nothing else', async () => {
    const talk = talkWith(true);
    await talk.type('', () => talk.screen.includes('[group:1]> '));
    await talk.type('getBlockNum\t', () => talk.screen.includes('getBlockNumber '));
    await talk.type('\r', () => talk.answers.length === 1);
    await talk.type('my secret password\r', () => talk.answers.length === 2);
    await talk.type('\x1b[A\r', () => talk.answers.length === 3);
    expect([talk.answers[0], talk.answers[2]]).toEqual(['42', '42']);
    expect(talk.answers[1]).not.toContain('secret');
    await talk.type('quit\r', () => talk.answers.length === 4);
    expect(await talk.ended).toBe(0);
    expect(talk.home.history()).toEqual(['quit', 'getBlockNumber', 'getBlockNumber']);
  });

  it('asks for passwords without showing or keeping them', async () => {
    const talk = talkWith(true);
    await talk.type('', () => talk.screen.includes('> '));
    const secret = talk.repl.askSecret('password: ');
    await talk.type('getBlockNumber\r', () => talk.screen.endsWith('password: \n'));
    expect(await secret).toBe('getBlockNumber');
    expect(talk.home.history()).toEqual([]);
    await talk.type('\x1b[A\r', () => true);
    expect(talk.answers).toEqual([]);
  });

  it('drops a line that was begun at Ctrl-C, and says how to leave', async () => {
    const talk = talkWith(true);
    await talk.type('getBlock\x03', () => talk.screen.includes('getBlock\n'));
    await talk.type('\x03', () => talk.screen.includes('quit ends the console'));
    await talk.type('getBlockNumber\r', () => talk.answers.length === 1);
    expect(talk.answers).toEqual(['42']);
  });
});

describe('completion', () => {
  const words = async (source: string) => (source === 'groups' ? ['1', '12', '2'] : []);

  it.each([
    ['getBlockNum', ['getBlockNumber '], 'getBlockNum'],
    ['GETPBFT', ['getPbftView '], 'GETPBFT'],
    ['switch 1', ['1 ', '12 '], '1'],
    ['help deployB', ['deployByCNS '], 'deployB'],
    ['getSystemConfigByKey tx_c', ['tx_count_limit '], 'tx_c'],
    ['nonsense x', [], 'x'],
    ['getBlockNumber x', [], 'x'],
    ['zzz', [], 'zzz'],
  ])('%j', async (line, hits, part) => {
    expect(await complete(line, words)).toEqual([hits, part]);
  });
});

it.each([
  ['getBlockNumber', true],
  ['  call A latest set "x"', true],
  ['hunter2', false],
  ['', false],
  [`loadAccount ${'ab'.repeat(32)}`, false],
  [`loadAccount 0x${'ab'.repeat(32)}`, false],
  ['loadAccount account.pem', true],
  [`getTransactionByHash 0x${'ab'.repeat(32)}`, true],
])('%j is kept: %s', (line, expected) => {
  expect(isKept(line)).toBe(expected);
});
