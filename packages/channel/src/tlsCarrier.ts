import { createServer, type Server } from 'node:tls';
import type { CarrierListener } from './clientStream.js';
import { readClientCertificate } from './clientCertificate.js';
import { TLS_HANDSHAKE_TIMEOUT_MS } from './limits.js';

/** Files of the TLS port, as PEM. `keyPem` is a secret. */
export interface ChannelCertificates {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly authorityPem: string;
  /** what the issuer of clients' certificates must be; undefined: any below the authority */
  readonly clientIssuer: string | undefined;
}

/**
 * secp256k1 first and always, for python-sdk offers nothing else; the rest for those that do not know it. SDKs of 2.x and
 * certificates on secp256k1 both end at TLS 1.2 (docs/channel.md, "TLS").
 */
const CURVES = 'secp256k1:prime256v1:secp384r1:X25519';

export function createTlsCarrier(certificates: ChannelCertificates, listener: CarrierListener): Server {
  const server = createServer(
    {
      key: certificates.keyPem,
      cert: certificates.certificatePem,
      ca: certificates.authorityPem,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ecdhCurve: CURVES,
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
    },
    (socket) => {
      const client = readClientCertificate(socket.getPeerCertificate().raw, certificates.clientIssuer);
      if (client === undefined) {
        const advice = "the client's certificate is of another agency; issue it there, or set check_cert_issuer=false";
        listener.onRefused(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`, advice);
        socket.destroy();
        return;
      }
      listener.onClient(socket, client.publicKey);
    },
  );
  server.on('tlsClientError', (error, socket) => {
    listener.onRefused(socket.remoteAddress ?? '', error.message);
    socket.destroy();
  });
  return server;
}
