import type { Transport } from '../transport.js';
import { list, bareHex, integer, type Reader, record, text } from './reader.js';
import {
  clientVersion,
  type ClientVersion,
  groupStatus,
  type GroupStatus,
  managementResult,
  type ManagementResult,
  peer,
  type Peer,
} from './shapes.js';

export interface GroupPlan {
  /** Milliseconds since 1970; all members must be given the same. */
  readonly timestampMs: number;
  /** Node ids, 128 digits each. */
  readonly sealers: readonly string[];
  readonly enableFreeStorage?: boolean;
}

/** The methods that no group answers. Each throws `SdkError`. */
export class NodeMethods {
  readonly transport: Transport;
  readonly groupId: number;

  constructor(transport: Transport, groupId: number) {
    this.transport = transport;
    this.groupId = groupId;
  }

  getClientVersion(): Promise<ClientVersion> {
    return this.ask('getClientVersion', [], clientVersion);
  }

  getNodeInfo(): Promise<Peer> {
    return this.ask('getNodeInfo', [], peer);
  }

  /** Nodes with which this one is linked. */
  getPeers(): Promise<readonly Peer[]> {
    return this.ask('getPeers', [this.groupId], list(peer));
  }

  /** Node ids: its own first, then those it is linked with. */
  getNodeIdList(): Promise<readonly string[]> {
    return this.ask('getNodeIDList', [this.groupId], list(bareHex));
  }

  getGroupList(): Promise<readonly number[]> {
    return this.ask('getGroupList', [], list(integer));
  }

  /** Configured peers as `host:port`. */
  queryPeers(): Promise<readonly string[]> {
    return this.ask('queryPeers', [], list(text));
  }

  /** @param peers `host:port` */
  addPeers(peers: readonly string[]): Promise<ManagementResult> {
    return this.ask('addPeers', [peers], managementResult);
  }

  /** @param peers `host:port` */
  erasePeers(peers: readonly string[]): Promise<ManagementResult> {
    return this.ask('erasePeers', [peers], managementResult);
  }

  generateGroup(groupId: number, plan: GroupPlan): Promise<ManagementResult> {
    const { timestampMs, sealers, enableFreeStorage } = plan;
    const storage = enableFreeStorage === undefined ? {} : { enable_free_storage: enableFreeStorage };
    return this.ask(
      'generateGroup',
      [groupId, { timestamp: String(timestampMs), sealers, ...storage }],
      managementResult,
    );
  }

  startGroup(groupId: number): Promise<ManagementResult> {
    return this.ask('startGroup', [groupId], managementResult);
  }

  stopGroup(groupId: number): Promise<ManagementResult> {
    return this.ask('stopGroup', [groupId], managementResult);
  }

  removeGroup(groupId: number): Promise<ManagementResult> {
    return this.ask('removeGroup', [groupId], managementResult);
  }

  recoverGroup(groupId: number): Promise<ManagementResult> {
    return this.ask('recoverGroup', [groupId], managementResult);
  }

  /** `INEXISTENT`, `RUNNING`, `STOPPING`, `STOPPED` or `DELETED` */
  queryGroupStatus(groupId: number): Promise<GroupStatus> {
    return this.ask('queryGroupStatus', [groupId], groupStatus);
  }

  /** `{ 'FISCO BCOS': '2.0' }` */
  rpcModules(): Promise<{ readonly 'FISCO BCOS': string }> {
    return this.ask('rpc_modules', [], record({ 'FISCO BCOS': text }));
  }

  protected async ask<T>(method: string, params: readonly unknown[], reader: Reader<T>): Promise<T> {
    return reader(await this.transport.request({ method, params }), `result of ${method}`);
  }
}
