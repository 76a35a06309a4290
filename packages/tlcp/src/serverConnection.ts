/**
 * One connection of a server, without a socket: bytes in, what to do with them out. Nothing that a client sends makes
 * it throw, wait or grow beyond limits.ts; whatever is wrong ends it with one alert.
 */
import { concatBytes, EMPTY_BYTES } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { Alert, AlertLevel, describeAlert, type Fault } from './alert.js';
import type { VerifiedClient } from './identity.js';
import { HandshakeReader } from './handshake/handshakeReader.js';
import { ServerHandshake, type HandshakeOptions, type Step } from './handshake/serverHandshake.js';
import { EMPTY_RECORDS_MAX, RECORD_CONTENT_BYTES_MAX, WARNINGS_MAX } from './limits.js';
import type { RecordProtection } from './recordProtection.js';
import { ContentType, encodeRecord, RecordReader, type RawRecord, type RecordFault } from './records.js';

export type ConnectionEvent =
  /** for the socket */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** the handshake is done: from now on `seal` may be called */
  | { readonly kind: 'open'; readonly client: VerifiedClient | undefined; readonly suite: string }
  /** from the client; one record's content */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** the last event; the socket is to be closed. Without a reason the client said goodbye */
  | { readonly kind: 'end'; readonly reason: string | undefined };

export class ServerConnection {
  readonly #handshake: ServerHandshake;
  readonly #options: HandshakeOptions;
  readonly #records = new RecordReader();
  readonly #messages = new HandshakeReader();
  #reading: RecordProtection | undefined;
  #writing: RecordProtection | undefined;
  #events: ConnectionEvent[] = [];
  #emptyRecords = 0;
  #warnings = 0;
  #hasEnded = false;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#handshake = new ServerHandshake(options);
  }

  get isOpen(): boolean {
    return this.#handshake.isDone && !this.#hasEnded;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** @param bytes from the socket, as they come. Ignored after the end */
  receive(bytes: Uint8Array): readonly ConnectionEvent[] {
    this.#events = [];
    if (this.#hasEnded) return this.#events;
    for (const record of this.#records.read(bytes)) {
      const fault = typeof record === 'string' ? this.#recordFault(record) : this.#onRecord(record);
      if (fault !== undefined) this.#fail(fault);
      if (this.#hasEnded) break;
    }
    return mergeSends(this.#events);
  }

  /**
   * Content as records, for the socket: one, or several for more than 16 KiB. No record holds parts of two calls.
   * @returns nothing when the connection is used up: it has to be closed
   */
  seal(content: Uint8Array): Uint8Array | undefined {
    invariant(this.isOpen, 'tlcp/not-open');
    const records: Uint8Array[] = [];
    for (let offset = 0; offset < content.length; offset += RECORD_CONTENT_BYTES_MAX) {
      if (this.#writing!.isUsedUp) return undefined;
      records.push(
        this.#encode(ContentType.applicationData, content.subarray(offset, offset + RECORD_CONTENT_BYTES_MAX)),
      );
    }
    return records.length === 1 ? records[0] : concatBytes(...records);
  }

  /** Says goodbye. @returns bytes for the socket; none when nothing may be said any more */
  close(): Uint8Array {
    if (this.#hasEnded) return EMPTY_BYTES;
    this.#hasEnded = true;
    return this.#alert(AlertLevel.warning, Alert.closeNotify);
  }

  #onRecord({ type, version, fragment }: RawRecord): Fault | undefined {
    if (this.#handshake.hasVersion && version !== this.#handshake.version) {
      return { alert: Alert.protocolVersion, reason: 'the client changed the version' };
    }
    if (this.#reading?.isUsedUp === true) return { alert: Alert.internalError, reason: 'the keys are used up' };
    const content = this.#reading === undefined ? fragment : this.#reading.open(type, fragment);
    if (content === undefined) return { alert: Alert.badRecordMac, reason: 'a record was changed on its way' };
    if (content.length > RECORD_CONTENT_BYTES_MAX)
      return { alert: Alert.recordOverflow, reason: 'a record is too long' };
    this.#emptyRecords = content.length === 0 ? this.#emptyRecords + 1 : 0;
    if (this.#emptyRecords > EMPTY_RECORDS_MAX) {
      return { alert: Alert.unexpectedMessage, reason: 'too many records without content' };
    }
    switch (type) {
      case ContentType.handshake:
        return this.#onHandshake(content);
      case ContentType.changeCipherSpec:
        return this.#onChangeCipherSpec(content);
      case ContentType.alert:
        return this.#onAlert(content);
      default:
        return this.#onData(content);
    }
  }

  #onHandshake(content: Uint8Array): Fault | undefined {
    if (this.#handshake.isDone) return { alert: Alert.noRenegotiation, reason: 'the client wants another handshake' };
    if (content.length === 0) return { alert: Alert.unexpectedMessage, reason: 'an empty record of the handshake' };
    this.#messages.push(content);
    for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
      if (message === 'too long') return { alert: Alert.illegalParameter, reason: 'a message is too long' };
      const steps = this.#handshake.receive(message);
      if (!('length' in steps)) return steps;
      for (const step of steps) this.#perform(step);
      if (this.#handshake.isDone && !this.#messages.isEmpty) {
        return { alert: Alert.unexpectedMessage, reason: 'more came with the end of the handshake' };
      }
    }
    return undefined;
  }

  #perform(step: Step): void {
    switch (step.kind) {
      case 'send':
        for (let offset = 0; offset < step.message.length; offset += RECORD_CONTENT_BYTES_MAX) {
          const part = step.message.subarray(offset, offset + RECORD_CONTENT_BYTES_MAX);
          this.#send(this.#encode(ContentType.handshake, part));
        }
        break;
      case 'protect':
        this.#send(this.#encode(ContentType.changeCipherSpec, Uint8Array.of(1)));
        this.#writing = step.protection;
        break;
      case 'done':
        this.#events.push({ kind: 'open', client: step.session.client, suite: step.session.suite.name });
        break;
    }
  }

  #onChangeCipherSpec(content: Uint8Array): Fault | undefined {
    if (content.length !== 1 || content[0] !== 1) return { alert: Alert.decodeError, reason: 'malformed change' };
    // A message half of which is not encrypted would be nobody's.
    if (!this.#messages.isEmpty) return { alert: Alert.unexpectedMessage, reason: 'a message was interrupted' };
    const reading = this.#handshake.receiveChangeCipherSpec();
    if ('alert' in reading) return reading;
    this.#reading = reading;
    return undefined;
  }

  #onAlert(content: Uint8Array): Fault | undefined {
    const [level, code] = content;
    if (content.length !== 2 || (level !== AlertLevel.warning && level !== AlertLevel.fatal)) {
      return { alert: Alert.decodeError, reason: 'malformed alert' };
    }
    if (code === Alert.closeNotify) {
      if (!this.#handshake.isDone) return this.#end('the client left before the handshake was done');
      this.#send(this.#alert(AlertLevel.warning, Alert.closeNotify));
      return this.#end(undefined);
    }
    if (level === AlertLevel.fatal) {
      this.#options.sessions.delete(this.#handshake.sessionId);
      return this.#end(`the client ended it: ${describeAlert(code!)}`);
    }
    this.#warnings += 1;
    return this.#warnings > WARNINGS_MAX
      ? { alert: Alert.unexpectedMessage, reason: 'the client warns too often' }
      : undefined;
  }

  #onData(content: Uint8Array): Fault | undefined {
    if (!this.#handshake.isDone) return { alert: Alert.unexpectedMessage, reason: 'data came before the handshake' };
    if (content.length > 0) this.#events.push({ kind: 'data', bytes: content });
    return undefined;
  }

  #recordFault(fault: RecordFault): Fault {
    if (fault === 'too long') return { alert: Alert.recordOverflow, reason: 'a record is too long' };
    return { alert: Alert.unexpectedMessage, reason: 'the client speaks neither TLCP nor TLS' };
  }

  #fail({ alert, reason }: Fault): void {
    this.#options.sessions.delete(this.#handshake.sessionId);
    this.#send(this.#alert(AlertLevel.fatal, alert));
    this.#end(reason);
  }

  #end(reason: string | undefined): undefined {
    this.#hasEnded = true;
    this.#events.push({ kind: 'end', reason });
  }

  #alert(level: number, alert: Alert): Uint8Array {
    return this.#encode(ContentType.alert, Uint8Array.of(level, alert));
  }

  #encode(type: ContentType, content: Uint8Array): Uint8Array {
    const fragment = this.#writing === undefined ? content : this.#writing.seal(type, content);
    return encodeRecord(type, this.#handshake.version, fragment);
  }

  #send(bytes: Uint8Array): void {
    this.#events.push({ kind: 'send', bytes });
  }
}

/** What leaves one after another leaves with one write: a flight of the handshake in one packet. */
function mergeSends(events: readonly ConnectionEvent[]): readonly ConnectionEvent[] {
  const merged: ConnectionEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (event.kind === 'send' && last?.kind === 'send') {
      merged[merged.length - 1] = { kind: 'send', bytes: concatBytes(last.bytes, event.bytes) };
    } else {
      merged.push(event);
    }
  }
  return merged;
}
