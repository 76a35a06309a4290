import type { AmopRouter } from '@menglian/amop/router';
import { EventCode } from '@menglian/channel/events/eventRequest';
import type { ChannelBackend } from '@menglian/channel/ports';
import type { RequestLimits } from '@menglian/channel/requestLimits';
import type { Dispatcher } from '@menglian/rpc/dispatcher';
import type { NodePicture } from './nodePicture.js';

/** Which clients may use which group: everybody may use a group without a list. */
export class AllowLists {
  readonly #lists = new Map<number, ReadonlySet<string>>();

  set(lists: ReadonlyMap<number, readonly string[]>): void {
    for (const [groupId, keys] of lists) this.setGroup(groupId, keys);
  }

  /** A list outlives its group: what is withheld from a client must stay so until the list is read again. */
  setGroup(groupId: number, keys: readonly string[]): void {
    if (keys.length > 0) this.#lists.set(groupId, new Set(keys));
    else this.#lists.delete(groupId);
  }

  allows(groupId: number, publicKey: string | undefined): boolean {
    const list = this.#lists.get(groupId);
    return publicKey === undefined || list === undefined || list.has(publicKey);
  }
}

/** What stands behind the channel: dispatcher, groups, AMOP, and who may do how much. */
export function channelBackend(components: {
  /** of a session, whose requests take turns with those of others */
  readonly dispatcher: (session: number) => Dispatcher;
  readonly picture: NodePicture;
  readonly amop: AmopRouter;
  readonly limits: RequestLimits;
  readonly allowLists: AllowLists;
  readonly nodeVersion: string;
}): ChannelBackend {
  const { dispatcher, picture, amop, limits, allowLists, nodeVersion } = components;
  return {
    answer: async (session, body, caller) => dispatcher(session).answer(body, caller),
    amop,
    nodeVersion,
    isAllowed: (groupId, publicKey) => allowLists.allows(groupId, publicKey),
    takeRequest: (method, groupId) => limits.take(method, groupId),
    groups: {
      has: (groupId) => picture.groups.has(groupId),
      registerEvents: async (session, request) =>
        picture.groups.get(request.groupId)?.registerEvents(session, request) ?? EventCode.groupNotFound,
      unregisterEvents: async (groupId, filterId) =>
        picture.groups.get(groupId)?.unregisterEvents(filterId) ?? EventCode.groupNotFound,
      onEventsSent: (groupId, session) => picture.groups.get(groupId)?.onEventsSent(session),
      onSessionClosed: (session) => {
        for (const group of picture.groups.values()) group.onSessionClosed(session);
      },
    },
  };
}
