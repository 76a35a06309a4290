import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { failure, success, type Result } from '@menglian/base/result';

/** Where a node listens or is dialled. `host` is an IPv4 or IPv6 address (without brackets) or a host name. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_NAME =
  /^(?=.{1,253}$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*\.?$/;

/** Reads `ip:port`, `host:port` or `[ipv6]:port`. @returns a reason that says what is wrong with it */
export function parseHostPort(text: string): Result<HostPort> {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) return failure('expected ip:port, host:port or [ipv6]:port');
  const [, bracketed, plain, portText] = match;
  const port = Number(portText);
  if (port < 1 || port > 65_535) return failure('the port must be 1 to 65535');
  if (bracketed !== undefined) {
    return isIP(bracketed) === 6
      ? success({ host: bracketed, port })
      : failure('what is in brackets is no IPv6 address');
  }
  const host = plain!;
  if (isIP(host) === 4) return success({ host, port });
  // Digits and dots are a mistyped address, never a name: RFC 1123, section 2.1.
  if (!HOST_NAME.test(host) || /^[\d.]+$/.test(host)) return failure('the host is neither an address nor a host name');
  return success({ host, port });
}

/** `ip:port` or `[ipv6]:port`. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Whether a configured peer is this node itself: build_chain lists every node, the own one included. A host name is
 * not looked up; then the handshake notices.
 */
export function isOwnAddress(peer: HostPort, listen: HostPort): boolean {
  if (peer.port !== listen.port) return false;
  if (peer.host === listen.host || peer.host === 'localhost') return true;
  const listensEverywhere = listen.host === '0.0.0.0' || listen.host === '::';
  if (!listensEverywhere) return false;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === peer.host),
  );
}
