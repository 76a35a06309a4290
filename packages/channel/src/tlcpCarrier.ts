import type { Server } from 'node:net';
import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { readSmCredentials, type SmPairTexts } from '@menglian/certificates/credentials';
import { clientsOf, identityOf } from '@menglian/tlcp/consortium';
import { createTlcpServer } from '@menglian/tlcp/tlcpServer';
import type { CarrierListener } from './clientStream.js';
import { TLS_HANDSHAKE_TIMEOUT_MS } from './limits.js';

/** Files of the port in SM chains. The node has judged them with `readSmCredentials`. */
export interface SmChannelCertificates {
  readonly pair: SmPairTexts;
  /** Clients' certificates must come from whom the node's own come from. */
  readonly isSameAgency: boolean;
}

/** What 2.x calls the GM channel: sm_crypto_channel=true (docs/tlcp.md). */
export function createTlcpCarrier({ pair, isSameAgency }: SmChannelCertificates, listener: CarrierListener): Server {
  const credentials = readSmCredentials(pair, Date.now());
  invariant(credentials.ok, 'channel/sm-certificates', credentials.ok ? undefined : credentials.reason);
  return createTlcpServer(
    {
      identity: identityOf(credentials.value),
      clients: clientsOf(credentials.value, isSameAgency, () => Date.now()),
      handshakeTimeoutMs: TLS_HANDSHAKE_TIMEOUT_MS,
      onRefused: (address, reason) => listener.onRefused(address, reason),
    },
    (stream) => listener.onClient(stream, stream.client === undefined ? undefined : toHex(stream.client.signingKey)),
  );
}
