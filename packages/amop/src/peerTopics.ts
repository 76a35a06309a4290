import { PRIVATE_TOPICS_PER_PEER_MAX } from './limits.js';
import { isNodeTopic, isPrivateTopic, privateTopicOfVerifyChannel, type Topic } from './topics.js';

export interface PrivateTopic {
  readonly topic: Topic;
  status: 'unknown' | 'verified' | 'refused';
  /** Where its subscriber answers challenges, if it said so. */
  channel: Topic | undefined;
  /** The channel that a publisher was last asked to try in this interval. */
  askedChannel: Topic | undefined;
}

/** What one peer says that its sessions have subscribed to, and what local publishers found out about it. */
export class PeerTopics {
  #topics: ReadonlySet<Topic> = new Set();
  #private = new Map<Topic, PrivateTopic>();

  /** A new list replaces the old one. A private topic that is in both keeps its status. */
  replace(topics: readonly Topic[]): void {
    this.#topics = new Set(topics);
    const channels = new Map<Topic, Topic>();
    for (const channel of topics) {
      const topic = privateTopicOfVerifyChannel(channel);
      if (topic !== undefined && !channels.has(topic)) channels.set(topic, channel);
    }
    for (const topic of this.#private.keys()) if (!this.#topics.has(topic)) this.#private.delete(topic);
    for (const topic of topics.filter(isPrivateTopic)) {
      const known = this.#private.get(topic);
      const channel = channels.get(topic);
      if (known !== undefined) known.channel = channel;
      else if (this.#private.size < PRIVATE_TOPICS_PER_PEER_MAX)
        this.#private.set(topic, { topic, status: 'unknown', channel, askedChannel: undefined });
    }
  }

  /** Whether messages to this topic may go to the peer. */
  receives(topic: Topic): boolean {
    if (!this.#topics.has(topic) || isNodeTopic(topic)) return false;
    return !isPrivateTopic(topic) || this.#private.get(topic)?.status === 'verified';
  }

  /** What the peer told, without private topics that are not verified. */
  usable(): Topic[] {
    return [...this.#topics].filter((topic) => isNodeTopic(topic) || this.receives(topic));
  }

  /** Private topics that nobody has judged yet, the one asked about longest ago first. */
  unverified(): PrivateTopic[] {
    return [...this.#private.values()].filter(({ status, channel }) => status === 'unknown' && channel !== undefined);
  }

  /** A publisher is asked: the others have their turn first next time. */
  moveBack(privateTopic: PrivateTopic): void {
    this.#private.delete(privateTopic.topic);
    this.#private.set(privateTopic.topic, privateTopic);
  }

  /** What a publisher says counts once. */
  judge(topic: Topic, isAccepted: boolean): void {
    const known = this.#private.get(topic);
    if (known?.status === 'unknown') known.status = isAccepted ? 'verified' : 'refused';
  }
}
