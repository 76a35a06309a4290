import { describe, expect, it } from 'vitest';
import { DYNAMIC_GROUP_FORBIDDEN, RpcFailure } from '../errors.js';
import type { GroupOperation, GroupOperationResult, GroupStatus, NodeView } from '../ports.js';
import { changeGroup, generateGroup, NEW_SEALERS_MAX, queryGroupStatus } from './groupManagement.js';

const KINDS = ['generate', 'start', 'stop', 'remove', 'recover'] as const;
const SEALERS = ['b', 'a'].map((digit) => digit.repeat(128));
const SETTINGS = { timestamp: '1700000000000', sealers: SEALERS };
const WRONG_GROUP = { code: '0x7', message: 'GroupID should be between 1 and 32767' };

/** A node whose groups answer every change with one result. */
function node(result: GroupOperationResult = { kind: 'done' }, status: GroupStatus = 'RUNNING') {
  const asked: (readonly [number, GroupOperation])[] = [];
  const view = {
    groupStatus: async () => status,
    changeGroup: async (groupId: number, operation: GroupOperation) => {
      asked.push([groupId, operation]);
      return result;
    },
  } as unknown as NodeView;
  return { view, asked };
}

const run = async (view: NodeView, kind: (typeof KINDS)[number], groupId: number, settings: unknown = SETTINGS) =>
  kind === 'generate' ? generateGroup(view, groupId, settings) : changeGroup(view, kind, groupId);

describe('methods that change groups', () => {
  it.each<[GroupOperationResult, (typeof KINDS)[number], string, string]>([
    [{ kind: 'done' }, 'generate', '0x0', 'Group 2 generated successfully'],
    [{ kind: 'done' }, 'start', '0x0', 'Group 2 started successfully'],
    [{ kind: 'done' }, 'stop', '0x0', 'Group 2 stopped successfully'],
    [{ kind: 'done' }, 'remove', '0x0', 'Group 2 deleted successfully'],
    [{ kind: 'done' }, 'recover', '0x0', 'Group 2 recovered successfully'],
    [{ kind: 'failed', reason: 'why' }, 'start', '0x1', 'why'],
    [{ kind: 'exists' }, 'generate', '0x2', 'Group 2 already exists'],
    [{ kind: 'isRunning' }, 'start', '0x3', 'Group 2 is already running'],
    [{ kind: 'isRunning' }, 'remove', '0x3', 'Group 2 is running'],
    [{ kind: 'isStopped' }, 'stop', '0x4', 'Group 2 has already been stopped'],
    [{ kind: 'isDeleted' }, 'start', '0x5', 'Group 2 has been deleted'],
    [{ kind: 'isDeleted' }, 'stop', '0x5', 'Group 2 has already been deleted'],
    [{ kind: 'isDeleted' }, 'remove', '0x5', 'Group 2 has already been deleted'],
    [{ kind: 'notFound' }, 'recover', '0x6', 'Group 2 not found'],
    [{ kind: 'peersMissing', nodeIds: ['a', 'b'] }, 'generate', '0x8', 'Peer(s) not connected: a, b'],
    [{ kind: 'genesisExists' }, 'generate', '0x9', 'Genesis config file for group 2 already exists'],
    [{ kind: 'tuningExists' }, 'generate', '0xa', 'Group config file for group 2 already exists'],
    [{ kind: 'genesisMissing' }, 'start', '0xb', 'Genesis config file for group 2 not found'],
    [{ kind: 'tuningMissing' }, 'start', '0xc', 'Group config file for group 2 not found'],
    [{ kind: 'isStopping' }, 'stop', '0xd', 'Group 2 is stopping'],
    [{ kind: 'isNotDeleted' }, 'recover', '0xe', 'Group 2 has not been deleted'],
  ])('answer %j of %s', async (result, kind, code, message) => {
    expect(await run(node(result).view, kind, 2)).toEqual({ code, message });
  });

  it.each(KINDS)('%s refuses ids of no group without asking the node', async (kind) => {
    for (const groupId of [0, -1, 32_768, 2 ** 53 - 1, -(2 ** 53)]) {
      const { view, asked } = node();
      expect(await run(view, kind, groupId)).toEqual(WRONG_GROUP);
      expect(asked).toEqual([]);
    }
    for (const groupId of [1, 32_767]) expect(await run(node().view, kind, groupId)).toMatchObject({ code: '0x0' });
  });

  it.each(KINDS)('%s is forbidden where groups are fixed, before anything else is looked at', async (kind) => {
    const view = { ...node().view, changeGroup: undefined };
    for (const groupId of [0, 2]) {
      await expect(run(view, kind, groupId, {})).rejects.toEqual(new RpcFailure(DYNAMIC_GROUP_FORBIDDEN));
    }
  });
});

describe('generateGroup', () => {
  it('orders sealers, in lower case and each once', async () => {
    const { view, asked } = node();
    const sealers = [...SEALERS, SEALERS[0]!.toUpperCase()];
    await generateGroup(view, 2, { timestamp: '0', sealers, enable_free_storage: true, more: 1 });
    const operation = { kind: 'generate', timestampMs: 0, sealers: SEALERS.toSorted(), freeStorage: true };
    expect(asked).toEqual([[2, operation]]);
  });

  const noTimestamp = 'invalid `timestamp` field';
  const noSealers = 'invalid `sealers` field';
  const wrongAt = (position: number) => `invalid sealer ID at position ${position}`;
  /** A thousand levels deep. */
  const nested = JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown;

  it.each<[string, unknown, string]>([
    ['nothing', {}, noTimestamp],
    ['a number for the timestamp', { ...SETTINGS, timestamp: 1_700_000_000_000 }, noTimestamp],
    ['null for the timestamp', { ...SETTINGS, timestamp: null }, noTimestamp],
    ['settings under the name of the prototype', JSON.parse('{"__proto__":{"timestamp":"1"}}'), noTimestamp],
    ['an empty timestamp', { ...SETTINGS, timestamp: '' }, 'invalid timestamp: '],
    ['a negative timestamp', { ...SETTINGS, timestamp: '-1' }, 'invalid timestamp: -1'],
    ['zeros before the timestamp', { ...SETTINGS, timestamp: '01' }, 'invalid timestamp: 01'],
    ['a hexadecimal timestamp', { ...SETTINGS, timestamp: '0x1' }, 'invalid timestamp: 0x1'],
    ['a blank after the timestamp', { ...SETTINGS, timestamp: '1 ' }, 'invalid timestamp: 1 '],
    ['a line feed after the timestamp', { ...SETTINGS, timestamp: '1\n' }, 'invalid timestamp: 1\n'],
    ['2^53 as timestamp', { ...SETTINGS, timestamp: String(2 ** 53) }, `invalid timestamp: ${2 ** 53}`],
    ['a timestamp without end', { ...SETTINGS, timestamp: '9'.repeat(1e6) }, `invalid timestamp: ${'9'.repeat(64)}`],
    ['no sealers', { timestamp: '1' }, noSealers],
    ['an object for sealers', { ...SETTINGS, sealers: { length: 1, 0: SEALERS[0] } }, noSealers],
    [
      'an empty list',
      { ...SETTINGS, sealers: [] },
      'GenerateGroup failed for empty sealer list, expect at least one sealer',
    ],
    ['a sealer that is too short', { ...SETTINGS, sealers: [SEALERS[0], 'a'.repeat(127)] }, wrongAt(2)],
    ['a sealer with 0x', { ...SETTINGS, sealers: [`0x${'a'.repeat(126)}`] }, wrongAt(1)],
    ['a sealer that would end its line', { ...SETTINGS, sealers: [`${SEALERS[0]}\n`] }, wrongAt(1)],
    ['a sealer that is a list', { ...SETTINGS, sealers: [[SEALERS[0]]] }, wrongAt(1)],
    ['lists without end', { ...SETTINGS, sealers: [nested] }, wrongAt(1)],
    ['10,000 sealers', { ...SETTINGS, sealers: Array(10_000).fill(SEALERS[0]) }, 'too many sealers: at most 1000'],
    ['a word for a truth value', { ...SETTINGS, enable_free_storage: 'true' }, 'invalid `enable_free_storage` field'],
    ['null for a truth value', { ...SETTINGS, enable_free_storage: null }, 'invalid `enable_free_storage` field'],
  ])('refuses %s', async (_, settings, message) => {
    const { view, asked } = node();
    expect(await generateGroup(view, 2, settings)).toEqual({ code: '0x7', message });
    expect(asked).toEqual([]);
  });

  it('takes as many sealers as a genesis file may name', async () => {
    const sealers = Array.from({ length: NEW_SEALERS_MAX }, (_, index) => index.toString(16).padStart(128, '0'));
    expect(await generateGroup(node().view, 2, { timestamp: '1', sealers })).toMatchObject({ code: '0x0' });
  });
});

describe('queryGroupStatus', () => {
  it.each(['INEXISTENT', 'RUNNING', 'STOPPING', 'STOPPED', 'DELETED'] as const)('tells %s', async (status) => {
    expect(await queryGroupStatus(node({ kind: 'done' }, status).view, 2)).toEqual({
      code: '0x0',
      message: '',
      status,
    });
  });

  it('says so when the file cannot be read', async () => {
    const message = 'Please check `.group_status` file of the group';
    const answer = { code: '0x1', message, status: 'UNKNOWN' };
    expect(await queryGroupStatus(node({ kind: 'done' }, 'UNKNOWN').view, 2)).toEqual(answer);
  });

  it('refuses ids of no group, and needs no right to change groups', async () => {
    const view = { ...node().view, changeGroup: undefined };
    for (const groupId of [0, -1, 32_768, 2 ** 53 - 1]) {
      expect(await queryGroupStatus(view, groupId)).toEqual({ ...WRONG_GROUP, status: '' });
    }
    expect(await queryGroupStatus(view, 1)).toMatchObject({ status: 'RUNNING' });
  });
});
