import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AmopRouter } from '@menglian/amop/router';
import { invariant } from '@menglian/base/invariant';
import { success, type Result } from '@menglian/base/result';
import { ChannelServer } from '@menglian/channel/channelServer';
import { RequestLimits } from '@menglian/channel/requestLimits';
import { Dispatcher } from '@menglian/rpc/dispatcher';
import { RpcHttpServer } from '@menglian/rpc/httpServer';
import type { GroupRequest } from '@menglian/rpc/ports';
import { Turns } from '@menglian/rpc/turns';
import type { NodeId } from '@menglian/types/address';
import { amopPorts } from './amopPorts.js';
import { AllowLists, channelBackend } from './channelBackend.js';
import type { LogLevel } from '../config/nodeConfig.js';
import type { ClientsThreadData, FromClients, ToClients } from './clientsProtocol.js';
import { GroupLink, type GroupListener } from './groupLink.js';
import { NodePicture } from './nodePicture.js';

/** Serves clients of the node until told to stop: takes requests apart and writes answers, so that no other thread must. */
class ClientsService {
  readonly #data: ClientsThreadData;
  readonly #post: (message: FromClients) => void;
  readonly #picture: NodePicture;
  readonly #amop: AmopRouter;
  readonly #allowLists = new AllowLists();
  readonly #limits: RequestLimits;
  readonly #http: RpcHttpServer;
  readonly #channel: ChannelServer;
  readonly #peers = new Set<NodeId>();
  #nextHttpSource = -1;

  constructor(data: ClientsThreadData, post: (message: FromClients) => void) {
    const { facts, channel } = data;
    this.#data = data;
    this.#post = post;
    this.#amop = new AmopRouter(
      amopPorts({
        session: (number) => this.#channel.session(number),
        sendToPeer: (to, payload) => this.#sendToPeer(to, payload),
        onAnswer: (delivery, result, body) => this.#amop.onAnswer(delivery, result, body),
        log: (level, text) => post({ kind: 'log', level, text }),
      }),
      {
        nodeId: facts.self.nodeId,
        ...(channel.amopMegabitsPerSecond > 0 ? { bandwidthMbits: channel.amopMegabitsPerSecond } : {}),
      },
    );
    this.#picture = new NodePicture(facts, {
      topicsOf: (nodeId) => this.#amop.topicsOf(nodeId),
      ask: (number, question) => post({ number, ...question }),
    });
    this.#limits = new RequestLimits(channel.requestsPerSecond, () => performance.now());
    const node = this.#picture.view();
    const turns = new Turns();
    const dispatcher = (source: () => number) => {
      const { groups } = this.#picture;
      const request = (groupId: number, requests: readonly GroupRequest[]) =>
        groups.get(groupId)?.request(source(), requests);
      return new Dispatcher({ node, groups: { request }, turns });
    };
    // A connection of HTTP has one request at a time: each is a source of its own, below the numbers of sessions.
    this.#http = new RpcHttpServer({ dispatcher: dispatcher(() => this.#nextHttpSource--) });
    this.#http.onBrokenAnswer((error) => this.#fail('JSON-RPC', error));
    this.#channel = new ChannelServer(channel.certificates, {
      backend: channelBackend({
        dispatcher: (session) => dispatcher(() => session),
        picture: this.#picture,
        amop: this.#amop,
        limits: this.#limits,
        allowLists: this.#allowLists,
        nodeVersion: facts.supportedVersion,
      }),
      log: (text) => post({ kind: 'log', level: 'info', text: `[CHANNEL] ${text}` }),
      onBroken: (error) => this.#fail('channel', error),
    });
  }

  onMessage(message: ToClients): void {
    switch (message.kind) {
      case 'listen':
        void this.#listen().then((listening) =>
          this.#post(listening.ok ? { kind: 'listening' } : { kind: 'failed', message: listening.reason }),
        );
        break;
      case 'group':
        this.#picture.groups.set(message.groupId, new GroupLink(message.port, this.#listener(message.groupId)));
        this.#limits.setGroup(message.groupId, message.requestsPerSecond);
        this.#allowLists.setGroup(message.groupId, message.allowList);
        break;
      case 'groupClosed':
        this.#picture.removeGroup(message.groupId);
        break;
      case 'member':
        this.#picture.setMember(message.groupId, message.isMember);
        break;
      case 'peers': {
        const { up, down } = this.#picture.setPeers(message.peers);
        for (const nodeId of down) this.#amop.onPeerDown(nodeId);
        for (const nodeId of down) this.#peers.delete(nodeId);
        for (const nodeId of up) this.#peers.add(nodeId);
        for (const nodeId of up) this.#amop.onPeerUp(nodeId);
        break;
      }
      case 'configuredPeers':
        this.#picture.setConfiguredPeers(message.peers);
        break;
      case 'nodeAnswer':
        this.#picture.onAnswer(message.number, message.answer);
        break;
      case 'amop':
        this.#amop.onPeerMessage(message.from, message.payload);
        break;
      case 'allowLists':
        this.#allowLists.set(message.allowLists);
        this.#channel.onAllowLists();
        break;
      case 'stop':
        void this.#stop();
        break;
    }
  }

  async #listen(): Promise<Result<void>> {
    const { rpc, channel } = this.#data;
    const http = await this.#http.listen(rpc.address, rpc.port);
    if (!http.ok) return http;
    const tls = await this.#channel.listen(channel.address, channel.port);
    return tls.ok ? success(undefined) : tls;
  }

  async #stop(): Promise<void> {
    await Promise.all([this.#http.close(), this.#channel.close()]);
    for (const group of this.#picture.groups.values()) group.fail();
    this.#post({ kind: 'stopped' });
  }

  #listener(groupId: number): GroupListener {
    return {
      onBlock: (number) => this.#channel.onBlock(groupId, number),
      onReceipts: (receipts) => {
        for (const { watchNumber, text } of receipts) this.#channel.onReceipt(watchNumber, text);
      },
      onEvents: (session, text) => this.#channel.onEvents(groupId, session, text),
      onSilence: (isSilent) => this.#post({ kind: 'log', ...silenceLog(groupId, isSilent) }),
    };
  }

  #sendToPeer(to: NodeId, payload: Uint8Array): boolean {
    if (!this.#peers.has(to)) return false;
    this.#post({ kind: 'amop', to, payload });
    return true;
  }

  #fail(what: string, error: unknown): void {
    this.#post({ kind: 'failed', message: `${what}: ${error instanceof Error ? error.stack : String(error)}` });
  }
}

function silenceLog(groupId: number, isSilent: boolean): { readonly level: LogLevel; readonly text: string } {
  if (!isSilent) return { level: 'info', text: `[RPC] [Silent] the thread of group ${groupId} answers again` };
  const advice = 'its clients get -40010 until it does; stop and start the group if that lasts';
  return { level: 'warning', text: `[RPC] [Silent] the thread of group ${groupId} does not answer: ${advice}` };
}

invariant(parentPort !== null, 'node/clients-thread', 'this file runs as a worker thread');
const port: MessagePort = parentPort;
const service = new ClientsService(workerData as ClientsThreadData, (message) => {
  port.postMessage(message);
  if (message.kind === 'stopped') port.close();
});
port.on('message', (message: ToClients) => service.onMessage(message));
