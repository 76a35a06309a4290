import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { Dispatcher } from '@menglian/rpc/dispatcher';
import { RpcHttpServer } from '@menglian/rpc/httpServer';
import type { NodeView, PeerView } from '@menglian/rpc/ports';
import type { ClientsThreadData, FromClients, NodeFacts, ToClients } from './clientsProtocol.js';
import { GroupLink } from './groupLink.js';

/** What clients see of the node, kept up to date by the main thread. */
class NodePicture {
  readonly groups = new Map<number, GroupLink>();
  readonly #facts: NodeFacts;
  readonly #memberOf = new Set<number>();
  #peers: readonly PeerView[] = [];

  constructor(facts: NodeFacts) {
    this.#facts = facts;
  }

  setMember(groupId: number, isMember: boolean): void {
    if (isMember) this.#memberOf.add(groupId);
    else this.#memberOf.delete(groupId);
  }

  setPeers(peers: readonly PeerView[]): void {
    this.#peers = peers;
  }

  view(): NodeView {
    const { chainId, supportedVersion, isSm, build, self, configuredPeers } = this.#facts;
    return {
      chainId,
      supportedVersion,
      isSm,
      build,
      self: () => self,
      peers: () => this.#peers,
      configuredPeers: () => configuredPeers,
      groupList: () => [...this.groups.keys()].filter((groupId) => this.#memberOf.has(groupId)),
      groupStatus: (groupId) => (this.groups.has(groupId) ? 'RUNNING' : 'INEXISTENT'),
    };
  }
}

/** Serves clients of the node, until told to stop: takes requests apart and writes answers, so that no other thread must. */
function main(port: MessagePort, { rpc, facts }: ClientsThreadData): void {
  const post = (message: FromClients) => port.postMessage(message);
  const picture = new NodePicture(facts);
  const dispatcher = new Dispatcher({
    node: picture.view(),
    groups: {
      request: (groupId, requests) => picture.groups.get(groupId)?.request(requests),
    },
  });
  const server = new RpcHttpServer({ dispatcher });
  server.onBrokenAnswer((error) => {
    post({ kind: 'failed', message: `JSON-RPC: ${error instanceof Error ? error.stack : String(error)}` });
  });
  port.on('message', (message: ToClients) => {
    switch (message.kind) {
      case 'listen':
        void server.listen(rpc.address, rpc.port).then((listening) => {
          post(listening.ok ? { kind: 'listening' } : { kind: 'failed', message: listening.reason });
        });
        break;
      case 'group':
        picture.groups.set(message.groupId, new GroupLink(message.port));
        break;
      case 'groupFailed':
        picture.groups.get(message.groupId)?.fail();
        break;
      case 'member':
        picture.setMember(message.groupId, message.isMember);
        break;
      case 'peers':
        picture.setPeers(message.peers);
        break;
      case 'stop':
        void server.close().then(() => {
          for (const group of picture.groups.values()) group.fail();
          post({ kind: 'stopped' });
          port.close();
        });
        break;
    }
  });
}

invariant(parentPort !== null, 'node/clients-thread', 'this file runs as a worker thread');
main(parentPort, workerData as ClientsThreadData);
