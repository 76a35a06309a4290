import { TOPICS_PER_NODE_MAX, TOPICS_PER_SESSION_MAX } from './limits.js';
import type { SessionNumber } from './ports.js';
import { isNodeTopic, type Topic, topicOfText } from './topics.js';

export interface SubscriptionChange {
  /** The topics of the node are others than before. */
  readonly isNews: boolean;
  /** Entries above a limit, or names that no body can carry. */
  readonly ignored: number;
}

const NO_TOPICS: ReadonlySet<Topic> = new Set();
const NO_SESSIONS: ReadonlySet<SessionNumber> = new Set();

/** Which session of this node has which topics. */
export class Subscriptions {
  readonly #topics = new Map<SessionNumber, ReadonlySet<Topic>>();
  readonly #sessions = new Map<Topic, Set<SessionNumber>>();

  /** What a session reports replaces what it had. */
  replace(session: SessionNumber, names: readonly string[]): SubscriptionChange {
    const reported = new Set<Topic>();
    let ignored = Math.max(names.length - TOPICS_PER_SESSION_MAX, 0);
    for (const name of names.slice(0, TOPICS_PER_SESSION_MAX)) {
      const topic = topicOfText(name);
      if (topic === undefined) ignored++;
      else reported.add(topic);
    }
    const former = this.#topics.get(session) ?? NO_TOPICS;
    let isNews = false;
    for (const topic of former) if (!reported.has(topic) && this.#leave(session, topic)) isNews = true;
    for (const topic of reported) {
      if (!this.#sessions.has(topic) && this.#sessions.size >= TOPICS_PER_NODE_MAX) {
        reported.delete(topic);
        ignored++;
      } else if (this.#enter(session, topic)) {
        isNews = true;
      }
    }
    if (reported.size === 0) this.#topics.delete(session);
    else this.#topics.set(session, reported);
    return { isNews, ignored };
  }

  has(session: SessionNumber, topic: Topic): boolean {
    return this.#topics.get(session)?.has(topic) === true;
  }

  /** Sessions that messages to this topic go to, but for the one that sent it. */
  receivers(topic: Topic, publisher: SessionNumber | undefined): SessionNumber[] {
    if (isNodeTopic(topic)) return [];
    return [...(this.#sessions.get(topic) ?? NO_SESSIONS)].filter((session) => session !== publisher);
  }

  get isEmpty(): boolean {
    return this.#sessions.size === 0;
  }

  /** All topics of the node in ascending order. */
  all(): Topic[] {
    return [...this.#sessions.keys()].sort();
  }

  /** @returns true when it is the first one with this topic */
  #enter(session: SessionNumber, topic: Topic): boolean {
    const sessions = this.#sessions.get(topic);
    if (sessions === undefined) this.#sessions.set(topic, new Set([session]));
    else sessions.add(session);
    return sessions === undefined;
  }

  /** @returns true when it was the last one with this topic */
  #leave(session: SessionNumber, topic: Topic): boolean {
    const sessions = this.#sessions.get(topic);
    sessions?.delete(session);
    return sessions?.size === 0 && this.#sessions.delete(topic);
  }
}
