import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';

/** How each SDK sets up TLS: versions, groups in order, and whether it checks the chain of the server. None checks names. */
export const TLS_PROFILES = {
  python: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ecdhCurve: 'secp256k1', rejectUnauthorized: true },
  // JDK 16 and newer have no secp256k1; 8 and 11 offer it behind their other groups.
  java: { maxVersion: 'TLSv1.3', ecdhCurve: 'X25519:P-256:P-384:P-521:X448', rejectUnauthorized: true },
  java8: { maxVersion: 'TLSv1.3', ecdhCurve: 'P-256:P-384:P-521:secp256k1', rejectUnauthorized: true },
  // Its own range ends at 1.3, where this group does not exist: on OpenSSL 3 it runs with --tls-max-v1.2.
  nodejs: { maxVersion: 'TLSv1.2', ecdhCurve: 'secp256k1', rejectUnauthorized: false },
  go: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ecdhCurve: 'secp256k1:P-256', rejectUnauthorized: false },
} as const satisfies Record<string, ConnectionOptions>;

/** Certificates of a client, as the folder that an application gets holds them. */
export function sdkFiles(folder: string): { readonly ca: string; readonly cert: string; readonly key: string } {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { ca: read('ca.crt'), cert: read('sdk.crt'), key: read('sdk.key') };
}

/** @param folder `sdk` folder with `ca.crt`, `sdk.crt` and `sdk.key` */
export function tlsOptions(port: number, folder: string, profile: keyof typeof TLS_PROFILES): ConnectionOptions {
  return { ...dial(port), ...sdkFiles(folder), ...TLS_PROFILES[profile] };
}

export function dial(port: number): ConnectionOptions {
  return { host: '127.0.0.1', port, checkServerIdentity: () => undefined };
}
