import type { MessagePort } from 'node:worker_threads';
import type { EventFilterOptions } from '@menglian/channel/events/eventFilters';
import type { SuiteName } from '@menglian/crypto/suite';
import type { DataKey } from '@menglian/storage/encryption/dataKey';
import type { NodeId } from '@menglian/types/address';
import type { LogLevel } from '../config/nodeConfig.js';
import type { GroupOptions } from './createGroup.js';

/** The plane a message between nodes belongs to; planes have their own queues and priorities. */
export type Plane = 'consensus' | 'sync' | 'transactions';

/** Handed to the group's thread when it starts. */
export interface GroupThreadData extends GroupOptions {
  readonly suite: SuiteName;
  readonly eventFilter: EventFilterOptions;
  /** folder of the group's database */
  readonly dataPath: string;
  /** that the database is encrypted with; none: it is in clear */
  readonly storageKeys: readonly DataKey[];
}

/** What the main thread tells a group. */
export type ToGroup =
  | { readonly kind: 'message'; readonly from: NodeId; readonly plane: Plane; readonly payload: Uint8Array }
  | { readonly kind: 'peerUp' | 'peerDown'; readonly nodeId: NodeId }
  /** Where clients ask (`clients/clientsProtocol.ts`). */
  | { readonly kind: 'clients'; readonly port: MessagePort }
  /** Encrypt with the last of these from now on, and bring older values under it. */
  | { readonly kind: 'storageKeys'; readonly keys: readonly DataKey[] }
  /** Finish what is being written and answer `stopped`. */
  | { readonly kind: 'stop' };

/** What a group tells the main thread. */
export type FromGroup =
  /** The ledger is open and the group works. */
  | { readonly kind: 'ready'; readonly height: number }
  /** The group could not start or must stop: the sentence says why and what to do. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' }
  /** To each node named that is connected. */
  | { readonly kind: 'send'; readonly to: readonly NodeId[]; readonly plane: Plane; readonly payload: Uint8Array }
  /** Network messages of so many charged bytes were read. */
  | { readonly kind: 'consumed'; readonly bytes: number }
  /** A new head, and who belongs to the group from the next block on. */
  | { readonly kind: 'head'; readonly height: number; readonly isMember: boolean }
  /** Its files are so much more than its quota that it must be stopped. */
  | { readonly kind: 'overQuota' }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly text: string };
