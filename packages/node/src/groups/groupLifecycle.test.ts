import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import type { GroupOperation } from '@menglian/rpc/ports';
import { GROUPS_MAX, readGroupFiles, type GroupFiles } from './groupFiles.js';
import { GroupLifecycle } from './groupLifecycle.js';
import { readGroupStatus, writeGroupStatus, type GroupPaths } from './groupStatusFile.js';

const SELF = 'a'.repeat(128);
const PEER = 'b'.repeat(128);
const STRANGER = 'c'.repeat(128);
const GENERATE = { kind: 'generate', timestampMs: 1, sealers: [SELF, PEER], freeStorage: true } as const;
const START = { kind: 'start' } as const;
const STOP = { kind: 'stop' } as const;

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A promise and who keeps it. */
function awaited<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((keep) => (resolve = keep));
  return { promise, resolve };
}

/** A lifecycle over files in a folder of its own, whose groups open and close as the test says. */
function createLifecycle() {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-groups-'));
  folders.push(folder);
  const paths = (groupId: number): GroupPaths => ({
    genesis: join(folder, 'conf', `group.${groupId}.genesis`),
    tuning: join(folder, 'conf', `group.${groupId}.ini`),
    data: join(folder, 'data', `group${groupId}`),
  });
  const open = new Set<number>();
  const logged: string[] = [];
  const behaviour = {
    opening: (): Promise<Result<void>> => Promise.resolve(success(undefined)),
    closing: (): Promise<void> => Promise.resolve(),
  };
  const lifecycle = new GroupLifecycle({
    nodeId: SELF,
    paths,
    peers: () => [PEER],
    open: async ({ genesis: { groupId } }) => {
      invariant(!open.has(groupId), 'test/open-once');
      const opened = await behaviour.opening();
      if (opened.ok) open.add(groupId);
      return opened;
    },
    close: async (groupId) => {
      await behaviour.closing();
      open.delete(groupId);
    },
    log: (text) => logged.push(text),
  });
  return { lifecycle, paths, open, behaviour, logged };
}

function filesOf(paths: GroupPaths): GroupFiles {
  const files = readGroupFiles(paths, 2);
  if (!files.ok) throw new Error(files.reason);
  return files.value;
}

/** Brings group 2 into a state, with what clients could have done. */
async function reach(state: string, { lifecycle, paths }: ReturnType<typeof createLifecycle>): Promise<void> {
  if (state === 'INEXISTENT') return;
  await lifecycle.change(2, GENERATE);
  if (state === 'RUNNING') await lifecycle.change(2, START);
  if (state === 'DELETED') await lifecycle.change(2, { kind: 'remove' });
  // A node of 2.x was killed while it stopped the group.
  if (state === 'STOPPING') writeGroupStatus(paths(2).data, 'STOPPING');
  if (state === 'UNKNOWN') writeFileSync(join(paths(2).data, '.group_status'), 'HALF');
  expect(lifecycle.status(2)).toBe(state);
}

describe('every operation in every state', () => {
  it.each([
    // state, what generate, start, stop, remove and recover answer, and the state after each where it changes
    ['INEXISTENT', ['done:STOPPED', 'genesisMissing', 'notFound', 'notFound', 'notFound']],
    ['STOPPED', ['exists', 'done:RUNNING', 'isStopped', 'done:DELETED', 'isNotDeleted']],
    ['RUNNING', ['exists', 'isRunning', 'done:STOPPED', 'isRunning', 'isNotDeleted']],
    ['STOPPING', ['exists', 'isStopping', 'isStopping', 'isStopping', 'isNotDeleted']],
    ['DELETED', ['exists', 'isDeleted', 'isDeleted', 'isDeleted', 'done:STOPPED']],
    ['UNKNOWN', ['exists', 'failed', 'failed', 'failed', 'isNotDeleted']],
  ])('%s', async (state, answers) => {
    const operations: GroupOperation[] = [GENERATE, START, STOP, { kind: 'remove' }, { kind: 'recover' }];
    for (const [index, operation] of operations.entries()) {
      const created = createLifecycle();
      await reach(state, created);
      const [kind, after = state] = answers[index]!.split(':');
      expect([operation.kind, await created.lifecycle.change(2, operation)]).toEqual([
        operation.kind,
        expect.objectContaining({ kind }),
      ]);
      expect(created.lifecycle.status(2)).toBe(after);
      expect(created.open.has(2)).toBe(after === 'RUNNING');
      if (existsSync(created.paths(2).genesis)) {
        const inFile = readGroupStatus(created.paths(2).data);
        expect(inFile).toBe(after);
      }
    }
  });
});

describe('generate', () => {
  it('writes files that read back, with the sealers in their order', async () => {
    const { lifecycle, paths } = createLifecycle();
    expect(await lifecycle.change(2, GENERATE)).toEqual({ kind: 'done' });
    const files = readGroupFiles(paths(2), 2);
    expect(files).toMatchObject({
      ok: true,
      value: { genesis: { groupId: 2, timestampMs: 1, sealers: [SELF, PEER] } },
    });
    expect(existsSync(`${paths(2).genesis}.new`)).toBe(false);
  });

  it('needs links to all sealers but itself, and may leave itself out', async () => {
    const { lifecycle, paths } = createLifecycle();
    const sealers = [SELF, STRANGER, PEER, 'd'.repeat(128)];
    const missing = { kind: 'peersMissing', nodeIds: [STRANGER, 'd'.repeat(128)] };
    expect(await lifecycle.change(2, { ...GENERATE, sealers })).toEqual(missing);
    expect([existsSync(dirname(paths(2).genesis)), existsSync(paths(2).data)]).toEqual([false, false]);
    expect(await lifecycle.change(2, { ...GENERATE, sealers: [PEER] })).toEqual({ kind: 'done' });
  });

  it('overwrites no file', async () => {
    const { lifecycle, paths } = createLifecycle();
    mkdirSync(dirname(paths(2).genesis));
    writeFileSync(paths(2).tuning, 'mine');
    expect(await lifecycle.change(2, GENERATE)).toEqual({ kind: 'tuningExists' });
    writeFileSync(paths(2).genesis, 'mine too');
    expect(await lifecycle.change(2, GENERATE)).toEqual({ kind: 'genesisExists' });
    expect(readFileSync(paths(2).tuning, 'utf8') + readFileSync(paths(2).genesis, 'utf8')).toBe('minemine too');
  });

  it('makes no more groups than the node would start with', async () => {
    const { lifecycle, paths } = createLifecycle();
    mkdirSync(dirname(paths(2).genesis));
    for (let groupId = 3; groupId < 3 + GROUPS_MAX; groupId++) writeFileSync(paths(groupId).genesis, '');
    expect(await lifecycle.change(2, GENERATE)).toMatchObject({ kind: 'failed', reason: expect.stringMatching('256') });
    rmSync(paths(3).genesis);
    expect(await lifecycle.change(2, GENERATE)).toEqual({ kind: 'done' });
    expect(await lifecycle.change(3, GENERATE)).toMatchObject({ kind: 'failed' });
  });
});

describe('a group that cannot be started', () => {
  it.each([
    ['damaged', (text: string) => text.slice(0, 20), /group\.2\.genesis/],
    ['of another number', (text: string) => text.replace('id=2', 'id=3'), /does not fit/],
    ['of nobody', (text: string) => text.replaceAll(/node\.\d=.*/g, ''), /node\.0 is missing/],
  ])('because its genesis is %s stays stopped, and starts when that is mended', async (_, damage, reason) => {
    const created = createLifecycle();
    const { lifecycle, paths } = created;
    await reach('STOPPED', created);
    const text = readFileSync(paths(2).genesis, 'utf8');
    writeFileSync(paths(2).genesis, damage(text));
    const failed = { kind: 'failed', reason: expect.stringMatching(reason) };
    expect(await lifecycle.change(2, START)).toEqual(failed);
    expect(lifecycle.status(2)).toBe('STOPPED');
    writeFileSync(paths(2).genesis, text);
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
  });

  it('because its thread refuses stays stopped', async () => {
    const created = createLifecycle();
    const { lifecycle, behaviour, open } = created;
    await reach('STOPPED', created);
    behaviour.opening = async () => failure('the data is of another chain');
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'failed', reason: 'the data is of another chain' });
    expect([lifecycle.status(2), open.size]).toEqual(['STOPPED', 0]);
    behaviour.opening = async () => success(undefined);
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
  });

  it('because a file is gone says which', async () => {
    const created = createLifecycle();
    await reach('STOPPED', created);
    rmSync(created.paths(2).tuning);
    expect(await created.lifecycle.change(2, START)).toEqual({ kind: 'tuningMissing' });
    rmSync(created.paths(2).genesis);
    expect(await created.lifecycle.change(2, START)).toEqual({ kind: 'genesisMissing' });
    expect(created.lifecycle.status(2)).toBe('INEXISTENT');
  });
});

describe('a disk that refuses', () => {
  const failed = { kind: 'failed', reason: expect.stringMatching(/^the files of group 2 cannot be written: E/) };

  it('makes no group by halves', async () => {
    const { lifecycle, paths } = createLifecycle();
    // A file in the place of the folder.
    writeFileSync(dirname(paths(2).data), '');
    expect(await lifecycle.change(2, GENERATE)).toEqual(failed);
    expect([lifecycle.status(2), existsSync(paths(2).genesis)]).toEqual(['INEXISTENT', false]);
  });

  it('leaves a group closed whose start cannot be noted, and it can be started later', async () => {
    const created = createLifecycle();
    const { lifecycle, paths, open } = created;
    await reach('STOPPED', created);
    const blocker = join(paths(2).data, '.group_status.new');
    mkdirSync(blocker);
    expect(await lifecycle.change(2, START)).toEqual(failed);
    expect([lifecycle.status(2), open.size]).toEqual(['STOPPED', 0]);
    rmSync(blocker, { recursive: true });
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
  });

  it('that cannot note a stop lets it be asked for again', async () => {
    const created = createLifecycle();
    const { lifecycle, paths } = created;
    await reach('RUNNING', created);
    const blocker = join(paths(2).data, '.group_status.new');
    mkdirSync(blocker);
    expect(await lifecycle.change(2, STOP)).toEqual(failed);
    rmSync(blocker, { recursive: true });
    expect(await lifecycle.change(2, STOP)).toEqual({ kind: 'done' });
    expect(lifecycle.status(2)).toBe('STOPPED');
  });

  it('that cannot note a stop does not make a closed group look like one that runs, and tells why', async () => {
    const created = createLifecycle();
    const { lifecycle, paths, open, logged } = created;
    await reach('RUNNING', created);
    const blocker = join(paths(2).data, '.group_status.new');
    mkdirSync(blocker);
    await lifecycle.change(2, STOP);
    expect([lifecycle.status(2), open.has(2)]).toEqual(['STOPPED', false]);
    expect(logged.at(-1)).toMatch(/^stop,group=2,result=failed,reason=the files of group 2 cannot be written: E/);
    rmSync(blocker, { recursive: true });
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
    expect([lifecycle.status(2), open.has(2)]).toEqual(['RUNNING', true]);
  });

  it('is not taken for an error of this program', async () => {
    const created = createLifecycle();
    await reach('STOPPED', created);
    created.behaviour.opening = async () => {
      invariant(false, 'test/broken');
    };
    await expect(created.lifecycle.change(2, START)).rejects.toThrow('test/broken');
  });
});

describe('operations at the same time', () => {
  it('start a group once; meanwhile it counts as running and cannot be stopped or removed', async () => {
    const created = createLifecycle();
    const { lifecycle, behaviour, open } = created;
    await reach('STOPPED', created);
    const opening = awaited<Result<void>>();
    behaviour.opening = () => opening.promise;
    const first = lifecycle.change(2, START);
    expect(lifecycle.status(2)).toBe('RUNNING');
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'isRunning' });
    expect(await lifecycle.change(2, { kind: 'remove' })).toEqual({ kind: 'isRunning' });
    expect(await lifecycle.change(2, STOP)).toMatchObject({ kind: 'failed', reason: /being started/ });
    opening.resolve(success(undefined));
    expect([await first, open.has(2)]).toEqual([{ kind: 'done' }, true]);
    expect(await lifecycle.change(2, STOP)).toEqual({ kind: 'done' });
  });

  it('stop a group once; meanwhile it is stopping and cannot be started', async () => {
    const created = createLifecycle();
    const { lifecycle, behaviour, open } = created;
    await reach('RUNNING', created);
    const closing = awaited<void>();
    behaviour.closing = () => closing.promise;
    const first = lifecycle.change(2, STOP);
    expect(lifecycle.status(2)).toBe('STOPPING');
    for (const operation of [START, STOP, { kind: 'remove' } as const]) {
      expect(await lifecycle.change(2, operation)).toEqual({ kind: 'isStopping' });
    }
    closing.resolve();
    expect([await first, open.has(2), lifecycle.status(2)]).toEqual([{ kind: 'done' }, false, 'STOPPED']);
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
  });

  it('of different groups do not wait for each other', async () => {
    const created = createLifecycle();
    const { lifecycle, behaviour } = created;
    await reach('STOPPED', created);
    await lifecycle.change(3, GENERATE);
    const opening = awaited<Result<void>>();
    behaviour.opening = () => opening.promise;
    const slow = lifecycle.change(2, START);
    behaviour.opening = async () => success(undefined);
    expect(await lifecycle.change(3, START)).toEqual({ kind: 'done' });
    opening.resolve(success(undefined));
    expect(await slow).toEqual({ kind: 'done' });
  });
});

describe('a group that was started with the node', () => {
  it('runs from then on, whatever the file said', async () => {
    const created = createLifecycle();
    const { lifecycle, paths } = created;
    await reach('UNKNOWN', created);
    expect(await lifecycle.openWithNode(filesOf(paths(2)))).toEqual({ ok: true });
    expect([lifecycle.status(2), readGroupStatus(paths(2).data)]).toEqual(['RUNNING', 'RUNNING']);
  });

  it('cannot be stopped before it is open', async () => {
    const created = createLifecycle();
    const { lifecycle, paths, behaviour, open } = created;
    await reach('RUNNING', created);
    open.clear();
    const opening = awaited<Result<void>>();
    behaviour.opening = () => opening.promise;
    const started = lifecycle.openWithNode(filesOf(paths(2)));
    expect(await lifecycle.change(2, STOP)).toMatchObject({ kind: 'failed', reason: /being started/ });
    opening.resolve(success(undefined));
    expect([await started, open.has(2), readGroupStatus(paths(2).data)]).toEqual([{ ok: true }, true, 'RUNNING']);
  });

  it('tells why it cannot be opened, or noted', async () => {
    const created = createLifecycle();
    const { lifecycle, paths, behaviour, open } = created;
    await reach('UNKNOWN', created);
    mkdirSync(join(paths(2).data, '.group_status.new'));
    const started = lifecycle.openWithNode(filesOf(paths(2)));
    expect(await started).toEqual({ ok: false, reason: expect.stringMatching(/cannot be written: E/) });
    expect(open.size).toBe(0);
    behaviour.opening = async () => failure('why');
    expect(await lifecycle.openWithNode(filesOf(paths(2)))).toEqual({ ok: false, reason: 'why' });
  });
});

describe('a group that cannot go on', () => {
  it('is closed, and runs when it is started again or with the node', async () => {
    const { lifecycle, paths, open } = createLifecycle();
    await lifecycle.change(2, GENERATE);
    await lifecycle.change(2, START);
    const failing = lifecycle.onFailed(2);
    expect(lifecycle.status(2)).toBe('STOPPING');
    await failing;
    expect([lifecycle.status(2), open.has(2)]).toEqual(['STOPPED', false]);
    expect(readGroupStatus(paths(2).data)).toBe('RUNNING');
    expect(await lifecycle.change(2, START)).toEqual({ kind: 'done' });
    expect([lifecycle.status(2), open.has(2)]).toEqual(['RUNNING', true]);
  });

  it('stays still with the node once it was told to stop', async () => {
    const { lifecycle, paths } = createLifecycle();
    await lifecycle.change(2, GENERATE);
    await lifecycle.change(2, START);
    await lifecycle.onFailed(2);
    expect(await lifecycle.change(2, STOP)).toEqual({ kind: 'done' });
    expect(readGroupStatus(paths(2).data)).toBe('STOPPED');
    expect(await lifecycle.change(2, STOP)).toEqual({ kind: 'isStopped' });
  });

  it('can be removed', async () => {
    const { lifecycle } = createLifecycle();
    await lifecycle.change(2, GENERATE);
    await lifecycle.change(2, START);
    await lifecycle.onFailed(2);
    expect(await lifecycle.change(2, { kind: 'remove' })).toEqual({ kind: 'done' });
    expect(lifecycle.status(2)).toBe('DELETED');
  });
});
