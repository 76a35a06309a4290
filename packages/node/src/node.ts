import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, success, type Result } from '@menglian/base/result';
import { createNodeNetwork } from '@menglian/network/libp2pNetwork';
import { NetworkError } from '@menglian/network/networkError';
import type { NodeNetwork, PeerInfo } from '@menglian/network/ports';
import type { PeersChange, PeerView } from '@menglian/rpc/ports';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import type { ChannelOptions, NodeFacts } from './clients/clientsProtocol.js';
import { ClientsSupervisor } from './clientsSupervisor.js';
import type { LogLevel } from './config/nodeConfig.js';
import { rewritePeers, sortedPeers } from './config/peerList.js';
import { openConfiguredKeyring, STORAGE_KEY_SIGNAL } from './config/storageSecurityKeys.js';
import { groupPaths } from './groups/groupFiles.js';
import { GroupLifecycle } from './groups/groupLifecycle.js';
import { NodeGroups } from './groups/nodeGroups.js';
import { Logger, stampOf } from './logger.js';
import { readNodeFiles, type NodeFiles } from './nodeFiles.js';
import { SignalFile } from './signalFile.js';

/** One node: its links on the main thread, its clients on a second one, and its groups, each on a thread of its own. */
export class Node {
  readonly #files: NodeFiles;
  readonly #onFatal: (message: string) => void;
  readonly #logger: Logger;
  readonly #network: NodeNetwork;
  readonly #clients: ClientsSupervisor;
  readonly #groups: NodeGroups;
  readonly #lifecycle: GroupLifecycle;
  readonly #allowListSignal: SignalFile;
  readonly #accessSignal: SignalFile;
  readonly #storageKeySignal: SignalFile;
  #configuredPeers: readonly string[];
  #storageKeys: readonly DataKey[] = [];
  #isStopping = false;

  /**
   * @throws NetworkError when key, certificate or addresses cannot be used
   * @param components.onFatal told once of what the node cannot go on with; the caller stops it
   */
  constructor(files: NodeFiles, components: { readonly onFatal: (message: string) => void }) {
    const { config, identity } = files;
    this.#files = files;
    this.#onFatal = components.onFatal;
    this.#logger = new Logger(config.log, this.#inFolder(config.log.path));
    this.#network = createNodeNetwork({
      privateKeyPem: identity.keyPem,
      certificatePem: identity.certificatePem,
      authorityPems: [identity.authorityPem],
      listenAddress: config.p2p.address,
      listenPort: config.p2p.port,
      peers: config.p2p.peers,
      denyList: config.denyList,
      allowList: config.allowList,
      log: (level, text) => this.#log(level, `[P2P] ${text}`),
    });
    this.#clients = new ClientsSupervisor(
      { rpc: config.rpc, channel: channelOptions(files), facts: nodeFacts(files) },
      {
        sendAmop: (to, payload) => void this.#network.send(to, AMOP, payload),
        changePeers: (change, peers) => this.#changePeers(change, peers),
        groupStatus: (groupId) => this.#lifecycle.status(groupId),
        changeGroup: async (groupId, operation) => this.#lifecycle.change(groupId, operation),
        log: (level, text) => this.#log(level, text),
        onFailed: (message) => this.#fatal(message),
      },
    );
    const peers = () => this.#network.peers().map(({ nodeId }) => nodeId);
    this.#groups = new NodeGroups(config, identity, {
      peers,
      send: (to, group, plane, payload) => this.#network.broadcast({ group, module: plane }, payload, to),
      onOpening: (group, port) => this.#clients.addGroup(group.genesis.groupId, port, group.tuning),
      onMember: (groupId, isMember) => this.#clients.onMember(groupId, isMember),
      onClosed: (groupId) => this.#clients.removeGroup(groupId),
      onOverQuota: (groupId) => void this.#lifecycle.change(groupId, { kind: 'stop' }),
      log: (level, text) => this.#log(level, text),
      onFailed: (groupId, message) => void this.#onGroupFailed(groupId, message),
    });
    this.#lifecycle = new GroupLifecycle({
      nodeId: identity.nodeId,
      paths: (groupId) => groupPaths(config, this.#inFolder, groupId),
      peers,
      open: async (group) => this.#groups.open(group, this.#storageKeys),
      close: async (groupId) => this.#groups.close(groupId),
      log: (text) => this.#log('info', `[GROUPS] ${text}`),
    });
    this.#configuredPeers = config.p2p.peers;
    this.#accessSignal = new SignalFile(`${files.configPath}.reset_certificate_whitelist`, () => this.#readAccess());
    this.#allowListSignal = new SignalFile(`${files.configPath}.reset_allowlist`, () => this.#readAllowLists());
    this.#storageKeySignal = new SignalFile(`${files.configPath}${STORAGE_KEY_SIGNAL}`, () => this.#readStorageKeys());
  }

  /** Paths in the configuration are relative to its folder. */
  readonly #inFolder = (path: string): string => (isAbsolute(path) ? path : join(this.#files.folder, path));

  #changePeers(change: 'add' | 'erase', peers: readonly string[]): PeersChange {
    const { peersPerCallMax, peersMax } = this.#files.config.p2p;
    const refused = (reason: string): PeersChange => ({ kind: 'refused', reason });
    if (peers.length > peersPerCallMax) {
      return refused(`refused for too many param peers. peers_param_limit: ${peersPerCallMax}`);
    }
    const changed = new Set(this.#configuredPeers);
    for (const peer of peers) {
      if (change === 'add') changed.add(peer);
      else changed.delete(peer);
    }
    if (changed.size === this.#configuredPeers.length) return { kind: 'unchanged' };
    if (changed.size > peersMax) return refused(`refused for too many peers. max_nodes_limit: ${peersMax}`);
    const sorted = sortedPeers(changed);
    const written = rewritePeers(this.#files.configPath, sorted);
    if (!written.ok) return refused(written.reason);
    this.#configuredPeers = sorted;
    this.#network.setPeers(sorted);
    this.#clients.onConfiguredPeers(sorted);
    this.#log('info', `[P2P] peers changed,${change}=${peers.join(' ')},count=${sorted.length}`);
    return { kind: 'changed' };
  }

  /** `[sdk_allowlist]` of the groups has changed. */
  #readAllowLists(): boolean {
    const files = readNodeFiles(this.#files.configPath);
    if (!files.ok) {
      this.#log('error', `[CHANNEL] the lists of SDKs stay as they were: ${files.reason}`);
      return false;
    }
    this.#clients.onAllowLists(allowLists(files.value));
    this.#log('info', '[CHANNEL] the lists of SDKs were read again');
    return true;
  }

  /** `[certificate_whitelist]` or `[certificate_blacklist]` has changed. */
  #readAccess(): boolean {
    const files = readNodeFiles(this.#files.configPath);
    if (!files.ok) {
      this.#log('error', `[P2P] the lists of nodes stay as they were: ${files.reason}`);
      return false;
    }
    const { denyList, allowList } = files.value.config;
    this.#network.setAccess({ denied: denyList, allowed: allowList });
    this.#log('info', '[P2P] the lists of nodes were read again');
    return true;
  }

  /** Opens ports and groups. @returns a sentence for the operator when one cannot be opened; then call `stop` */
  async start(): Promise<Result<void>> {
    const { config, groups } = this.#files;
    const storageKeys = await this.#openStorageKeys();
    if (!storageKeys.ok) return storageKeys;
    const listening = await this.#clients.listen();
    if (!listening.ok) return listening;
    this.#storageKeys = storageKeys.value;
    this.#network.onPeer(({ kind, peer }) => {
      this.#log(
        'info',
        `[P2P] peer ${kind},node=${peer.nodeId.slice(0, 8)},name=${peer.name},address=${peer.remoteAddress}`,
      );
      this.#clients.onPeers(this.#network.peers().map(peerView));
      this.#groups.onPeer(kind === 'up' ? 'peerUp' : 'peerDown', peer.nodeId);
    });
    this.#network.onMessage((from, channel, payload) => {
      if (channel.module === 'amop') this.#clients.onAmopMessage(from, payload);
      else this.#groups.onNetworkMessage(channel.group, from, channel.module, payload);
    });
    const opened = await Promise.all(groups.map(async (group) => this.#lifecycle.openWithNode(group)));
    for (const [index, one] of opened.entries()) {
      if (!one.ok) return failure(`group ${groups[index]!.genesis.groupId}: ${one.reason}`);
    }
    try {
      await this.#network.start();
    } catch (error) {
      if (error instanceof NetworkError) return failure(error.message);
      throw error;
    }
    this.#allowListSignal.start();
    this.#accessSignal.start();
    this.#storageKeySignal.start();
    this.#log(
      'info',
      `[INIT] node started,rpc=${config.rpc.address}:${config.rpc.port},channel=${config.channel.port},p2p=${config.p2p.port}`,
    );
    return success(undefined);
  }

  /** Stops in reverse order; afterwards nothing of the node is left. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#allowListSignal.stop();
    this.#accessSignal.stop();
    this.#storageKeySignal.stop();
    await this.#clients.stop();
    await this.#network.stop();
    await this.#groups.closeAll();
    this.#log('info', '[INIT] node stopped');
    await this.#logger.close();
  }

  /** The keyring has another key, to be used from now on. */
  async #readStorageKeys(): Promise<boolean> {
    const keys = await this.#openStorageKeys();
    if (!keys.ok) {
      this.#log('error', `[STORAGE] the keys of the storage stay as they were: ${keys.reason}`);
      return false;
    }
    this.#storageKeys = keys.value;
    if (keys.value.length > 0) this.#groups.useStorageKeys(keys.value);
    this.#log('info', `[STORAGE] the keys of the storage were read again,current=${keys.value.at(-1)?.id ?? 'none'}`);
    return true;
  }

  /** @returns no keys where the data is in clear */
  async #openStorageKeys(): Promise<Result<readonly DataKey[]>> {
    const { storageSecurity } = this.#files.config;
    if (!storageSecurity.isEnabled) return success([]);
    const opened = await openConfiguredKeyring(storageSecurity, this.#inFolder, process.env);
    return opened.ok ? success(opened.value.keys) : opened;
  }

  /** A group that broke ends alone, unless there is no other: then whoever watches the process shall see it. */
  async #onGroupFailed(groupId: number, message: string): Promise<void> {
    // All groups are closed then, this one too.
    if (this.#isStopping) return;
    if (this.#groups.size <= 1) return this.#fatal(`group ${groupId}: ${message}`);
    const advice = `see what it says, mend it and call startGroup(${groupId}), or restart the node`;
    this.#log('error', `[GROUPS] group ${groupId} has ended, other groups go on: ${message}; ${advice}`);
    await this.#lifecycle.onFailed(groupId);
    if (this.#groups.size === 0) this.#fatal('no group runs any more');
  }

  #fatal(message: string): void {
    if (this.#isStopping) return;
    this.#log('error', `[INIT] ${message}`);
    this.#onFatal(message);
  }

  #log(level: LogLevel, text: string): void {
    this.#logger.log(level, text);
  }
}

/** Messages of clients belong to no group; frames between nodes have a number of one all the same. */
const AMOP = { group: 1, module: 'amop' } as const;

function allowLists({ groups }: NodeFiles): ReadonlyMap<number, readonly string[]> {
  return new Map(groups.map(({ genesis, tuning }) => [genesis.groupId, tuning.sdkAllowList]));
}

function channelOptions({ config, channel }: NodeFiles): ChannelOptions {
  const { address, port, requestsPerSecond, amopMegabitsPerSecond } = config.channel;
  return { address, port, certificates: channel, requestsPerSecond, amopMegabitsPerSecond };
}

function nodeFacts({ config, identity }: NodeFiles): NodeFacts {
  return {
    chainId: config.chainId,
    supportedVersion: config.supportedVersion,
    isSm: config.suite === 'sm',
    hasFixedGroups: config.rpc.disableDynamicGroup,
    build: { time: buildTime(), branch: 'main', commit: 'unknown' },
    self: {
      nodeId: identity.nodeId,
      agency: identity.agency,
      name: identity.commonName,
      address: `${config.p2p.address}:${config.p2p.port}`,
      topics: [],
    },
    configuredPeers: config.p2p.peers,
  };
}

function peerView({ nodeId, agency, name, remoteAddress }: PeerInfo): PeerView {
  return { nodeId, agency, name, address: remoteAddress, topics: [] };
}

/** When this file was compiled, as 2.x writes it. */
function buildTime(): string {
  const stamp = stampOf(statSync(fileURLToPath(import.meta.url)).mtime);
  return `${stamp.slice(0, 8)} ${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}`;
}
