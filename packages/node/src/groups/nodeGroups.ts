import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import type { NodeId } from '@menglian/types/address';
import type { GroupThreadData, Plane } from '../group/threadProtocol.js';
import { GroupSupervisor, type GroupSupervisorComponents } from '../groupSupervisor.js';
import type { NodeConfig } from '../config/nodeConfig.js';
import type { NodeIdentity } from '../nodeIdentity.js';
import { GROUPS_MAX, type GroupFiles } from './groupFiles.js';

export interface NodeGroupsComponents extends Pick<
  GroupSupervisorComponents,
  'send' | 'log' | 'onMember' | 'onOverQuota'
> {
  /** nodes linked with this one now */
  readonly peers: () => readonly NodeId[];
  /** A group opens. @param port where clients ask it */
  readonly onOpening: (group: GroupFiles, port: MessagePort) => void;
  /** A group answers no more. */
  readonly onClosed: (groupId: number) => void;
  /** A group that was open cannot go on: it is to be closed. */
  readonly onFailed: (groupId: number, message: string) => void;
}

/** The groups of a node that run, each on a thread of its own. */
export class NodeGroups {
  readonly #config: NodeConfig;
  readonly #identity: NodeIdentity;
  readonly #components: NodeGroupsComponents;
  readonly #supervisors = new Map<number, GroupSupervisor>();

  constructor(config: NodeConfig, identity: NodeIdentity, components: NodeGroupsComponents) {
    this.#config = config;
    this.#identity = identity;
    this.#components = components;
  }

  /** Opens a group that is not open. @returns a sentence for the operator when it cannot be */
  async open(files: GroupFiles, storageKeys: readonly DataKey[]): Promise<Result<void>> {
    const { groupId } = files.genesis;
    invariant(!this.#supervisors.has(groupId), 'node/group-open');
    if (this.#supervisors.size >= GROUPS_MAX) return failure(`${GROUPS_MAX} groups run here; no more are served`);
    let isOpen = false;
    const supervisor = new GroupSupervisor(this.#threadData(files, storageKeys), {
      ...this.#components,
      onFailed: (_, message) => {
        this.#components.onClosed(groupId);
        if (isOpen) this.#components.onFailed(groupId, message);
      },
    });
    this.#supervisors.set(groupId, supervisor);
    const { port1, port2 } = new MessageChannel();
    supervisor.connectClients(port1);
    this.#components.onOpening(files, port2);
    const started = await supervisor.started();
    if (!started.ok) {
      await this.close(groupId);
      return started;
    }
    isOpen = true;
    for (const nodeId of this.#components.peers()) supervisor.onPeer('peerUp', nodeId);
    return success(undefined);
  }

  get size(): number {
    return this.#supervisors.size;
  }

  /** Ends a group; what it has stored stays. */
  async close(groupId: number): Promise<void> {
    const supervisor = this.#supervisors.get(groupId);
    if (supervisor === undefined) return;
    // Until its end it tells its clients what they wait for in vain.
    await supervisor.stop();
    this.#components.onClosed(groupId);
    this.#supervisors.delete(groupId);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#supervisors.keys()].map(async (groupId) => this.close(groupId)));
  }

  /** Other keys encrypt from now on. */
  useStorageKeys(keys: readonly DataKey[]): void {
    for (const supervisor of this.#supervisors.values()) supervisor.useStorageKeys(keys);
  }

  onPeer(kind: 'peerUp' | 'peerDown', nodeId: NodeId): void {
    for (const supervisor of this.#supervisors.values()) supervisor.onPeer(kind, nodeId);
  }

  /** What comes for a group that does not run here is dropped. */
  onNetworkMessage(groupId: number, from: NodeId, plane: Plane, payload: Uint8Array): void {
    this.#supervisors.get(groupId)?.onNetworkMessage(from, plane, payload);
  }

  #threadData(
    { genesis, electionTimeoutMs, eventFilter, tuning, dataPath }: GroupFiles,
    storageKeys: readonly DataKey[],
  ): GroupThreadData {
    const { chainId, suite, rpc } = this.#config;
    const { nodeId, privateKey } = this.#identity;
    const { actAsGroupMember } = rpc;
    const ofNode = { chainId, suite, nodeId, privateKey, actAsGroupMember, storageKeys };
    return { ...ofNode, genesis, electionTimeoutMs, eventFilter, tuning, dataPath };
  }
}
