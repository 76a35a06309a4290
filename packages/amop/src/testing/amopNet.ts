import { concatBytes, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { NodeId } from '@menglian/types/address';
import { TOPICS_INTERVAL_MS } from '../limits.js';
import type { AmopPorts, CertificationRequest, SessionNumber } from '../ports.js';
import { AmopRouter } from '../router.js';
import { FakeClock } from './fakeClock.js';

/** How long a message is on its way between two nodes. */
export const LINK_DELAY_MS = 1;

export interface Pushed {
  readonly delivery: number;
  readonly seq: string;
  readonly text: string;
}

export interface Reply {
  readonly seq: string;
  readonly result: number;
  readonly text: string;
  readonly atMs: number;
}

/** A topic body. */
export function bodyOf(topic: string, content = ''): Uint8Array {
  const name = utf8Bytes(topic);
  return concatBytes(Uint8Array.of(name.length + 1), name, utf8Bytes(content));
}

export function seqOf(name: string): Uint8Array {
  return utf8Bytes(name.padEnd(32, '.'));
}

const nameOfSeq = (seq: Uint8Array) => utf8Text(seq).replace(/\.+$/, '');

/** Topic and content as `topic:content`; empty for an empty body. */
function textOfBody(body: Uint8Array): string {
  return body.length === 0 ? '' : `${utf8Text(body.subarray(1, body[0]))}:${utf8Text(body.subarray(body[0]!))}`;
}

/** A client on one node, as its node's channel server sees it. */
export class TestSession {
  readonly replies: Reply[] = [];
  readonly unicasts: Pushed[] = [];
  readonly multicasts: string[] = [];
  readonly certifications: CertificationRequest[] = [];
  /** What it answers to a unicast at once; undefined: nothing. */
  answer: ((pushed: Pushed) => { result: number; body: Uint8Array } | undefined) | undefined;
  isSlow = false;

  constructor(
    readonly node: TestNode,
    readonly number: SessionNumber,
  ) {}

  subscribe(...topics: string[]): this {
    this.node.router.onTopics(this.number, topics);
    return this;
  }

  publish(seq: string, topic: string, content = ''): void {
    this.node.router.publish(this.number, seqOf(seq), bodyOf(topic, content));
  }

  multicast(seq: string, topic: string, content = ''): void {
    this.node.router.multicast(this.number, seqOf(seq), bodyOf(topic, content));
  }

  /** Answers with `topic:<text>` and this result, to every unicast. */
  echo(text: string, result = 0): this {
    this.answer = (pushed) => ({ result, body: bodyOf(pushed.text.split(':')[0]!, text) });
    return this;
  }

  reply(delivery: number, result: number, body: Uint8Array): void {
    this.node.router.onAnswer(delivery, result, body);
  }

  close(): void {
    this.node.sessions.delete(this.number);
    this.node.router.onSessionClosed(this.number);
  }

  get results(): string[] {
    return this.replies.map(({ seq, result, text }) => `${seq} ${result} ${text}`.trimEnd());
  }
}

export class TestNode {
  readonly router: AmopRouter;
  readonly sessions = new Map<SessionNumber, TestSession>();
  readonly log: string[] = [];
  /** Peers whose queue is full. */
  readonly full = new Set<NodeId>();
  /** Called before a message leaves and before a unicast is pushed: what a port may do is call back. */
  onPort: ((port: 'send' | 'push') => void) | undefined;
  /** Messages that it handed to the network. */
  sent = 0;
  /** Replies for sessions that are closed. */
  repliesToNobody = 0;
  #lastSession = 0;

  constructor(
    readonly nodeId: NodeId,
    readonly net: AmopNet,
    bandwidthMbits?: number,
  ) {
    const options = bandwidthMbits === undefined ? { nodeId } : { nodeId, bandwidthMbits };
    this.router = new AmopRouter(this.#ports(), options);
  }

  session(): TestSession {
    const session = new TestSession(this, ++this.#lastSession);
    this.sessions.set(session.number, session);
    return session;
  }

  #ports(): AmopPorts {
    const { clock, random } = this.net;
    return {
      sendToPeer: (to, payload) => {
        this.onPort?.('send');
        if (this.full.has(to)) return false;
        const isSent = this.net.send(this.nodeId, to, payload);
        if (isSent) this.sent++;
        return isSent;
      },
      reply: (session, seq, result, body) => {
        const reply = { seq: nameOfSeq(seq), result, text: textOfBody(body), atMs: clock.nowMs };
        const publisher = this.sessions.get(session);
        if (publisher === undefined) this.repliesToNobody++;
        else publisher.replies.push(reply);
      },
      pushUnicast: (number, delivery, seq, body) => {
        this.onPort?.('push');
        const session = this.sessions.get(number);
        if (session === undefined || session.isSlow) return false;
        const pushed = { delivery, seq: nameOfSeq(seq), text: textOfBody(body) };
        session.unicasts.push(pushed);
        const answer = session.answer?.(pushed);
        if (answer !== undefined) clock.after(0, () => session.reply(delivery, answer.result, answer.body));
        return true;
      },
      pushMulticast: (session, seq, body) => {
        this.sessions.get(session)?.multicasts.push(`${nameOfSeq(seq)} ${textOfBody(body)}`);
      },
      pushCertification: (number, _delivery, request) => {
        const session = this.sessions.get(number);
        if (session === undefined || session.isSlow) return false;
        session.certifications.push(request);
        return true;
      },
      after: (delayMs, callback) => clock.after(delayMs, callback),
      nowMs: () => clock.nowMs,
      random: (below) => random.below(below),
      log: (level, text) => this.log.push(`${level} ${text}`),
    };
  }
}

/** Routers of several nodes in one process, linked as a test says, on a clock of their own. */
export class AmopNet {
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  readonly nodes: TestNode[];
  /** Sees each message before it arrives; false loses it. */
  filter: (from: NodeId, to: NodeId, payload: Uint8Array) => boolean = () => true;
  readonly #links = new Set<string>();

  /** `count` nodes, each linked with each. */
  constructor(count: number, options: { readonly seed?: number; readonly bandwidthMbits?: number } = {}) {
    this.random = new SeededRandom(options.seed ?? 1);
    this.nodes = Array.from(
      { length: count },
      (_, index) => new TestNode(nodeIdOf(index), this, options.bandwidthMbits),
    );
    for (const a of this.nodes) for (const b of this.nodes) if (a.nodeId < b.nodeId) this.link(a, b);
  }

  link(a: TestNode, b: TestNode): void {
    this.#links.add(a.nodeId + b.nodeId).add(b.nodeId + a.nodeId);
    a.router.onPeerUp(b.nodeId);
    b.router.onPeerUp(a.nodeId);
  }

  cut(a: TestNode, b: TestNode): void {
    this.#links.delete(a.nodeId + b.nodeId);
    this.#links.delete(b.nodeId + a.nodeId);
    a.router.onPeerDown(b.nodeId);
    b.router.onPeerDown(a.nodeId);
  }

  /** Lets what is on its way arrive, topics that wait to be told included. */
  settle(): void {
    this.clock.run(TOPICS_INTERVAL_MS + 10 * LINK_DELAY_MS);
  }

  send(from: NodeId, to: NodeId, payload: Uint8Array): boolean {
    if (!this.#links.has(from + to)) return false;
    this.clock.after(LINK_DELAY_MS, () => {
      if (!this.#links.has(from + to) || !this.filter(from, to, payload)) return;
      this.nodes.find(({ nodeId }) => nodeId === to)?.router.onPeerMessage(from, payload);
    });
    return true;
  }
}

export function nodeIdOf(index: number): NodeId {
  return (index + 1).toString(16).padStart(2, '0').repeat(64);
}
