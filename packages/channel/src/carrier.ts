import type { Server } from 'node:net';
import type { CarrierListener } from './clientStream.js';
import { createTlcpCarrier, type SmChannelCertificates } from './tlcpCarrier.js';
import { createTlsCarrier, type ChannelCertificates } from './tlsCarrier.js';

/** What carries frames: TLS, or TLCP where the certificates are SM ones. Not listening yet. */
export function createCarrier(
  certificates: ChannelCertificates | SmChannelCertificates,
  listener: CarrierListener,
): Server {
  return 'pair' in certificates ? createTlcpCarrier(certificates, listener) : createTlsCarrier(certificates, listener);
}
