import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answeredError } from '@menglian/sdk/rpc/rpcError';
import { afterAll, describe, expect, it } from 'vitest';
import { runLine } from '../run.js';
import { testSession } from '../testing/testSession.js';

const root = mkdtempSync(join(tmpdir(), 'menglian-groups-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SEALER = 'ab'.repeat(64);
/** A console before a node that gives each request about groups one answer. */
function startConsole(answer: () => unknown) {
  const asked: unknown[] = [];
  const session = testSession({
    folder: root,
    answer: ({ method, params }) => {
      asked.push([method, ...params]);
      return answer();
    },
  });
  const run = async (line: string) => {
    const outcome = await runLine(session, line);
    return outcome?.ok === true ? outcome.value.json : outcome?.reason;
  };
  return { run, asked };
}

describe('groups of the node', () => {
  it.each([
    [
      `generateGroup 2 1700000000000 ${SEALER}`,
      ['generateGroup', 2, { timestamp: '1700000000000', sealers: [SEALER] }],
    ],
    ['startGroup 2', ['startGroup', 2]],
    ['stopGroup 2', ['stopGroup', 2]],
    ['removeGroup 2', ['removeGroup', 2]],
    ['recoverGroup 2', ['recoverGroup', 2]],
  ])('are changed by %s', async (line, request) => {
    const done = { code: '0x0', message: 'Group 2 did it successfully' };
    const { run, asked } = startConsole(() => done);
    expect(await run(line)).toEqual(done);
    expect(asked).toEqual([request]);
  });

  it.each([
    ['0x1', 'mend what it says'],
    ['0x3', 'queryGroupStatus'],
    ['0x8', 'getNodeIDList'],
    ['0xb', 'generateGroup'],
  ])('are refused with %s and what to do about it', async (code, advice) => {
    const { run } = startConsole(() => ({ code, message: 'why' }));
    const problem = { code, message: { en: 'why' }, advice: { en: expect.stringContaining(advice) } };
    expect(await run('startGroup 2')).toMatchObject(problem);
  });

  it('are not changed where the operator forbids it', async () => {
    const { run } = startConsole(() => {
      throw answeredError({ code: -100_001, message: 'Dynamic group related interfaces are forbidden to access' });
    });
    const advice = { en: expect.stringContaining('disable_dynamic_group'), zh: expect.stringContaining('运维') };
    expect(await run('stopGroup 2')).toMatchObject({ code: -100_001, advice });
  });

  it('are not asked for with arguments that cannot be right', async () => {
    const { run, asked } = startConsole(() => undefined);
    for (const line of ['startGroup 0', 'startGroup 32768', 'generateGroup 2 -1 x', 'stopGroup']) {
      expect(await run(line)).toMatchObject({ code: expect.stringMatching(/^C0/) });
    }
    expect(await run('generateGroup 2 1 abc')).toMatchObject({ code: 'C03' });
    expect(asked).toEqual([]);
  });
});
