import type { HandshakeRefusal } from './admission.js';
import type { LinkEnd } from './peerLink.js';
import type { PeerInfo } from './ports.js';

/** What an operator may want to read in the log. */
export type NetworkEvent =
  | { readonly kind: 'listening'; readonly address: string }
  /** A connection came in and was refused, or failed, in the handshake. `suppressed`: refusals not reported before it. */
  | {
      readonly kind: 'refused';
      readonly address: string;
      readonly reason: HandshakeRefusal;
      readonly detail: string;
      readonly suppressed: number;
    }
  /** A configured peer could not be reached; `reason` names a refusal, or says what failed. */
  | { readonly kind: 'dialFailed'; readonly address: string; readonly reason: string; readonly retryMs: number }
  | { readonly kind: 'linkEnded'; readonly peer: PeerInfo; readonly reason: LinkEnd };

export type NetworkLogLevel = 'debug' | 'info' | 'warning';

/** The event as a line of the log, `text,key=value…` as 2.x writes them. */
export function describeEvent(event: NetworkEvent): { readonly level: NetworkLogLevel; readonly text: string } {
  switch (event.kind) {
    case 'listening':
      return { level: 'info', text: `listening,address=${event.address}` };
    case 'refused': {
      const { address, reason, detail, suppressed } = event;
      const more = suppressed === 0 ? '' : `,notReported=${suppressed}`;
      return {
        level: 'warning',
        text: `connection refused,address=${address},reason=${reason},detail=${detail}${more}`,
      };
    }
    case 'dialFailed':
      return {
        level: 'info',
        text: `peer not reached,address=${event.address},reason=${event.reason},retryMs=${event.retryMs}`,
      };
    case 'linkEnded': {
      const { peer, reason } = event;
      const level = QUIET_ENDS.has(reason) ? 'debug' : 'warning';
      const node = `node=${peer.nodeId.slice(0, 8)},name=${peer.name},address=${peer.remoteAddress}`;
      return { level, text: `link ended,${node},reason=${reason}` };
    }
  }
}

/** Part of ordinary work. */
const QUIET_ENDS: ReadonlySet<LinkEnd> = new Set(['ClosedByPeer', 'Duplicate', 'Stopped']);
