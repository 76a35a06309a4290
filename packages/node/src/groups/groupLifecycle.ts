import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { failure, type Result } from '@menglian/base/result';
import type { GroupOperation, GroupOperationResult, GroupStatus } from '@menglian/rpc/ports';
import type { NodeId } from '@menglian/types/address';
import { groupGenesisText, groupTuningText } from '../config/groupConfigText.js';
import { replaceFile } from '../replaceFile.js';
import { GROUPS_MAX, listGroups, readGroupFiles, type GroupFiles } from './groupFiles.js';
import { groupStatusOf, readGroupStatus, writeGroupStatus, type GroupPaths } from './groupStatusFile.js';

export interface GroupLifecycleComponents {
  readonly nodeId: NodeId;
  readonly paths: (groupId: number) => GroupPaths;
  /** nodes linked with this one now */
  readonly peers: () => readonly NodeId[];
  readonly open: (group: GroupFiles) => Promise<Result<void>>;
  readonly close: (groupId: number) => Promise<void>;
  readonly log: (text: string) => void;
}

/**
 * Makes, starts, stops and removes groups while the node runs, with the states and answers of 2.x (docs/operations.md,
 * "Groups"). Nothing is deleted: a removed group is only marked. What it answers is on disk.
 */
export class GroupLifecycle {
  readonly #components: GroupLifecycleComponents;
  /** groups whose thread comes up or goes down right now */
  readonly #moving = new Map<number, 'RUNNING' | 'STOPPING'>();
  /** groups that stand still though their files say RUNNING: they could not go on, or the file could not be written */
  readonly #failed = new Set<number>();

  constructor(components: GroupLifecycleComponents) {
    this.#components = components;
  }

  /** Opens a group with the node, whatever its file says. @returns a sentence for the operator when it cannot be */
  async openWithNode(files: GroupFiles): Promise<Result<void>> {
    try {
      return await this.#open(files);
    } catch (error) {
      return failure(reasonOf(error, files.genesis.groupId));
    }
  }

  /** Closes a group that cannot go on; others are not touched. It can be started again. */
  async onFailed(groupId: number): Promise<void> {
    await this.#move(groupId, 'STOPPING', async () => this.#components.close(groupId));
    this.#failed.add(groupId);
  }

  status(groupId: number): GroupStatus {
    const moving = this.#moving.get(groupId);
    if (moving !== undefined) return moving;
    return this.#failed.has(groupId) ? 'STOPPED' : groupStatusOf(this.#components.paths(groupId));
  }

  async change(groupId: number, operation: GroupOperation): Promise<GroupOperationResult> {
    const result = await this.#run(groupId, operation).catch((error: unknown): GroupOperationResult => ({
      kind: 'failed',
      reason: reasonOf(error, groupId),
    }));
    const reason = result.kind === 'failed' ? `,reason=${result.reason}` : '';
    this.#components.log(`${operation.kind},group=${groupId},result=${result.kind}${reason}`);
    return result;
  }

  async #run(groupId: number, operation: GroupOperation): Promise<GroupOperationResult> {
    const paths = this.#components.paths(groupId);
    switch (operation.kind) {
      case 'generate':
        return this.#generate(groupId, paths, operation);
      case 'start':
        return this.#start(groupId, paths);
      case 'stop':
        return this.#stop(groupId, paths);
      case 'remove':
        return this.#mark(groupId, paths, 'DELETED', refusalUnless('STOPPED', this.status(groupId)));
      case 'recover':
        return this.#mark(groupId, paths, 'STOPPED', recoverRefusal(this.status(groupId)));
    }
  }

  #generate(
    groupId: number,
    paths: GroupPaths,
    { timestampMs, sealers, freeStorage }: Extract<GroupOperation, { kind: 'generate' }>,
  ): GroupOperationResult {
    const linked = new Set([...this.#components.peers(), this.#components.nodeId]);
    const nodeIds = sealers.filter((nodeId) => !linked.has(nodeId));
    if (nodeIds.length > 0) return { kind: 'peersMissing', nodeIds };
    if (this.status(groupId) !== 'INEXISTENT') return { kind: 'exists' };
    if (existsSync(paths.genesis)) return { kind: 'genesisExists' };
    if (existsSync(paths.tuning)) return { kind: 'tuningExists' };
    const folder = dirname(paths.genesis);
    mkdirSync(folder, { recursive: true });
    const listed = listGroups(folder);
    if (!listed.ok) return { kind: 'failed', reason: listed.reason };
    if (listed.value.length >= GROUPS_MAX) {
      const reason = `${GROUPS_MAX} groups are in ${folder}, no more are served: take away files of removed ones`;
      return { kind: 'failed', reason };
    }
    // The genesis comes last: a group exists from there on.
    replaceFile(paths.tuning, groupTuningText());
    writeGroupStatus(paths.data, 'STOPPED');
    const group = { groupId, timestampMs, consensus: 'pbft', nodeIds: sealers, freeStorage };
    replaceFile(paths.genesis, groupGenesisText(group));
    return { kind: 'done' };
  }

  async #start(groupId: number, paths: GroupPaths): Promise<GroupOperationResult> {
    if (!existsSync(paths.genesis)) return { kind: 'genesisMissing' };
    if (!existsSync(paths.tuning)) return { kind: 'tuningMissing' };
    const refusal = refusalUnless('STOPPED', this.status(groupId));
    if (refusal !== undefined) return refusal;
    const files = readGroupFiles(paths, groupId);
    if (!files.ok) return { kind: 'failed', reason: files.reason };
    const opened = await this.#open(files.value);
    return opened.ok ? { kind: 'done' } : { kind: 'failed', reason: opened.reason };
  }

  async #open(files: GroupFiles): Promise<Result<void>> {
    const { groupId } = files.genesis;
    const { data } = this.#components.paths(groupId);
    return this.#move(groupId, 'RUNNING', async () => {
      const opened = await this.#components.open(files);
      if (!opened.ok) return opened;
      try {
        if (readGroupStatus(data) !== 'RUNNING') writeGroupStatus(data, 'RUNNING');
        this.#failed.delete(groupId);
      } catch (error) {
        // The file says that it does not run, so it may not.
        await this.#components.close(groupId);
        throw error;
      }
      return opened;
    });
  }

  async #stop(groupId: number, paths: GroupPaths): Promise<GroupOperationResult> {
    const refusal = stopRefusal(this.status(groupId), this.#moving.has(groupId));
    // One that failed stands still, and from now on stays so when the node starts.
    if (this.#failed.has(groupId) && refusal?.kind === 'isStopped')
      return this.#mark(groupId, paths, 'STOPPED', undefined);
    if (refusal !== undefined) return refusal;
    return this.#move(groupId, 'STOPPING', async () => {
      await this.#components.close(groupId);
      // Until the file says it.
      this.#failed.add(groupId);
      return this.#mark(groupId, paths, 'STOPPED', undefined);
    });
  }

  #mark(
    groupId: number,
    { data }: GroupPaths,
    status: 'DELETED' | 'STOPPED',
    refusal: GroupOperationResult | undefined,
  ): GroupOperationResult {
    if (refusal !== undefined) return refusal;
    writeGroupStatus(data, status);
    this.#failed.delete(groupId);
    return { kind: 'done' };
  }

  /** Nobody else touches the group meanwhile. */
  async #move<Outcome>(
    groupId: number,
    status: 'RUNNING' | 'STOPPING',
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    this.#moving.set(groupId, status);
    try {
      return await work();
    } finally {
      this.#moving.delete(groupId);
    }
  }
}

/** What the file system refused, for the operator. @throws all else: it is an error of this program */
function reasonOf(error: unknown, groupId: number): string {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  return `the files of group ${groupId} cannot be written: ${error.message}`;
}

/** What a group in this state is told that should be in another one. */
const REFUSALS: Readonly<Record<GroupStatus, GroupOperationResult>> = {
  INEXISTENT: { kind: 'notFound' },
  RUNNING: { kind: 'isRunning' },
  STOPPING: { kind: 'isStopping' },
  STOPPED: { kind: 'isStopped' },
  DELETED: { kind: 'isDeleted' },
  UNKNOWN: {
    kind: 'failed',
    reason: 'the file .group_status of the group cannot be read; write RUNNING, STOPPED or DELETED into it',
  },
};

/** @param wanted the state that the operation begins from */
function refusalUnless(wanted: GroupStatus, status: GroupStatus): GroupOperationResult | undefined {
  return status === wanted ? undefined : REFUSALS[status];
}

/** @param isMoving a group that is being started cannot be stopped yet */
function stopRefusal(status: GroupStatus, isMoving: boolean): GroupOperationResult | undefined {
  if (status === 'RUNNING' && isMoving) {
    return { kind: 'failed', reason: 'the group is being started; ask again when it runs' };
  }
  return refusalUnless('RUNNING', status);
}

function recoverRefusal(status: GroupStatus): GroupOperationResult | undefined {
  if (status === 'DELETED') return undefined;
  return status === 'INEXISTENT' ? { kind: 'notFound' } : { kind: 'isNotDeleted' };
}
