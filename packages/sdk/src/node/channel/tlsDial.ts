import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { sdkError } from '../../sdkError.js';

/** PEM texts of an SDK folder. */
export interface ChannelCredentials {
  /** Of the chain, which signed the certificates of nodes. */
  readonly ca: string;
  /** Of this client, with those of its agency behind it. */
  readonly cert: string;
  readonly key: string;
}

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** Opens a connection; the stream errors when that fails. `onReady` is called once, when it may be written to. */
export type Dial = (node: NodeAddress, onReady: () => void) => Duplex;

/** Nodes have certificates on secp256k1 or RSA; clients offer that curve, which defaults do not. */
const CURVES = 'secp256k1:prime256v1:X25519:secp384r1';

/** Reads `ca.crt`, `sdk.crt` and `sdk.key` of the folder that the chain builder makes. @throws SdkError `BadKey` */
export function readCredentials(folder: string): ChannelCredentials {
  try {
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    return { ca: read('ca.crt'), cert: read('sdk.crt'), key: read('sdk.key') };
  } catch (error) {
    const advice = existsSync(join(folder, 'gmsdk.crt'))
      ? 'these are for TLCP, which this client does not speak: give the folder above, with ca.crt, sdk.crt and sdk.key'
      : 'give the folder `sdk` of a chain: it holds ca.crt, sdk.crt and sdk.key';
    throw sdkError('BadKey', `the certificates in ${folder} cannot be read`, advice, error);
  }
}

/** TLS 1.2, as every 2.x node speaks it: 1.3 has no signatures on secp256k1. */
export function tlsDial({ ca, cert, key }: ChannelCredentials): Dial {
  return ({ host, port }, onReady) => {
    const socket = connect({
      host,
      port,
      ca,
      cert,
      key,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ecdhCurve: CURVES,
      // Certificates of nodes name no hosts: the chain's own authority is what counts.
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.once('secureConnect', onReady);
    return socket;
  };
}
