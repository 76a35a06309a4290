import type { NodeId } from '@menglian/types/address';

/** `certificate_blacklist` and `certificate_whitelist` of config.ini. */
export interface AccessLists {
  readonly denied: readonly NodeId[];
  /** Empty: every node with a valid certificate. */
  readonly allowed: readonly NodeId[];
}

export type AccessRefusal = 'OnDenyList' | 'NotOnAllowList';

export class AccessPolicy {
  readonly #denied: ReadonlySet<NodeId>;
  readonly #allowed: ReadonlySet<NodeId>;

  constructor(lists: AccessLists) {
    this.#denied = new Set(lists.denied);
    this.#allowed = new Set(lists.allowed);
  }

  /** The deny list wins, as in 2.x. @returns undefined when the node may connect */
  refusal(nodeId: NodeId): AccessRefusal | undefined {
    if (this.#denied.has(nodeId)) return 'OnDenyList';
    if (this.#allowed.size > 0 && !this.#allowed.has(nodeId)) return 'NotOnAllowList';
    return undefined;
  }
}
