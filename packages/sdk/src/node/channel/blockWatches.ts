import { utf8Text } from '@menglian/base/bytes';
import { callBack } from '../../callBack.js';
import type { Unsubscribe } from '../../transport.js';
import { type Frame, readJson, readTopicBody } from './frame.js';

/** Groups whose heights one client follows. */
const GROUPS_MAX = 1000;

const TOPIC = '_block_notify_';

interface Watch {
  height: number;
  readonly listeners: Set<(blockNumber: number) => void>;
}

/** Heights of groups as nodes tell them, rising only: another node may be behind the one before. */
export class BlockWatches {
  readonly #watches = new Map<number, Watch>();
  readonly #onBlock: (groupId: number) => void;

  /** @param onBlock hears of each new height before all others */
  constructor(onBlock: (groupId: number) => void) {
    this.#onBlock = onBlock;
  }

  get groups(): readonly number[] {
    return [...this.#watches.keys()];
  }

  get topics(): readonly string[] {
    return this.groups.map((groupId) => `${TOPIC}${groupId}`);
  }

  /** @returns whether it is new: the node must be told */
  follow(groupId: number): boolean {
    if (this.#watches.has(groupId) || this.#watches.size >= GROUPS_MAX) return false;
    this.#watches.set(groupId, { height: -1, listeners: new Set() });
    return true;
  }

  /** `follow` comes first. */
  listen(groupId: number, listener: (blockNumber: number) => void): Unsubscribe {
    const watch = this.#watches.get(groupId);
    if (watch === undefined) return () => {};
    watch.listeners.add(listener);
    if (watch.height >= 0) callBack(listener, watch.height);
    return () => watch.listeners.delete(listener);
  }

  /** Frame 0x1001. */
  onPush(frame: Frame): void {
    const body = readTopicBody(frame.data);
    if (body === undefined || !body.topic.startsWith(TOPIC)) return;
    const notice = readJson(body.content) as { blockNumber?: unknown; groupID?: unknown } | null | undefined;
    // Version 1 of the protocol writes `group,number`.
    const [group, number] =
      typeof notice === 'object' && notice !== null
        ? [notice.groupID, notice.blockNumber]
        : utf8Text(body.content).split(',').map(Number);
    if (Number.isSafeInteger(number)) this.saw(Number(group), number as number);
  }

  saw(groupId: number, blockNumber: number): void {
    const watch = this.#watches.get(groupId);
    if (watch === undefined || blockNumber <= watch.height) return;
    watch.height = blockNumber;
    this.#onBlock(groupId);
    for (const listener of watch.listeners) callBack(listener, blockNumber);
  }
}
