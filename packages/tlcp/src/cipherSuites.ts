/** How the secret comes about: encrypted to the server's certificate, or by the key exchange of SM2 between both sides. */
export type KeyExchange = 'encrypted' | 'agreed';

export interface CipherSuite {
  readonly code: number;
  readonly name: string;
  readonly keyExchange: KeyExchange;
  readonly mode: 'gcm' | 'cbc';
}

/**
 * In the order of our preference. Those with the secret encrypted are first, because every stack has them; TASSL as
 * python-sdk uses it offers nothing but the last one.
 */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  { code: 0xe053, name: 'ECC_SM4_GCM_SM3', keyExchange: 'encrypted', mode: 'gcm' },
  { code: 0xe013, name: 'ECC_SM4_CBC_SM3', keyExchange: 'encrypted', mode: 'cbc' },
  { code: 0xe051, name: 'ECDHE_SM4_GCM_SM3', keyExchange: 'agreed', mode: 'gcm' },
  { code: 0xe011, name: 'ECDHE_SM4_CBC_SM3', keyExchange: 'agreed', mode: 'cbc' },
];

/** TLCP's own number, and that of TLS 1.2, under which TASSL 1.0.2 offers the same suites (docs/tlcp.md). */
export const Version = { tlcp: 0x0101, tls12: 0x0303 } as const;
export type Version = (typeof Version)[keyof typeof Version];
