/** What ends a connection, or warns (GB/T 38636-2020, 6.4.3; the numbers are those of RFC 5246, 7.2). */
export const Alert = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateExpired: 45,
  certificateUnknown: 46,
  illegalParameter: 47,
  unknownAuthority: 48,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
  noRenegotiation: 100,
} as const;
export type Alert = (typeof Alert)[keyof typeof Alert];

export const AlertLevel = { warning: 1, fatal: 2 } as const;

/** Why we end a connection: the number for the other side, the sentence for the operator's log. */
export interface Fault {
  readonly alert: Alert;
  readonly reason: string;
}

/** "bad certificate (42)", for what the other side says. Numbers unknown here stand alone. */
export function describeAlert(code: number): string {
  const name = Object.entries(Alert).find(([, value]) => value === code)?.[0];
  return name === undefined ? `alert ${code}` : `${name.replaceAll(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)} (${code})`;
}
