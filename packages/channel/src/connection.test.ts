import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, IncomingBytes } from './connection.js';
import { encodeFrame, NO_SEQUENCE, type Frame } from './frame.js';
import { FRAME_TIMEOUT_MS, REQUESTS_MAX } from './limits.js';
import type { EndReason } from './session.js';

const bytesOf = (dataBytes: number) =>
  encodeFrame({ type: 0x12, sequence: NO_SEQUENCE, result: 0, data: new Uint8Array(dataBytes) });

/** Connections that may hold so many bytes together, each with what became of it. */
function node(max: number) {
  const incoming = new IncomingBytes(max);
  const open = () => {
    const ends: EndReason[] = [];
    let isReading = true;
    const connection: Connection = new Connection({
      socket: { pause: () => (isReading = false), resume: () => (isReading = true) },
      incoming,
      end: (reason) => {
        ends.push(reason);
        connection.close();
      },
    });
    /** Takes in bytes. @returns the requests that are under way now */
    const receive = (bytes: Buffer): Frame[] => {
      const frames = connection.read(bytes).filter((frame) => frame !== undefined);
      for (const frame of frames) connection.begin(frame);
      return frames;
    };
    return { connection, ends, receive, isReading: () => isReading };
  };
  return { incoming, open };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('connections that hold too much together', () => {
  it('lose the one that holds the most, not the one that happens to send something', () => {
    const { incoming, open } = node(1000);
    const [first, greedy, small] = [open(), open(), open()];
    first.receive(bytesOf(2000).subarray(0, 400));
    greedy.receive(bytesOf(2000).subarray(0, 550));
    expect(small.receive(bytesOf(60))).toHaveLength(1);
    expect([first.ends, greedy.ends, small.ends]).toEqual([[], ['too many bytes'], []]);
    expect([incoming.heldBytes, small.isReading()]).toEqual([460, true]);
  });

  it('lose the one that fills the last room, if it is the greatest', () => {
    const { incoming, open } = node(1000);
    const [greedy, small] = [open(), open()];
    const rest = bytesOf(5000);
    small.receive(rest.subarray(0, 100));
    for (let start = 0; start < 1000; start += 100) greedy.receive(rest.subarray(start, start + 100));
    expect([greedy.ends, small.ends, incoming.heldBytes]).toEqual([['too many bytes'], [], 100]);
    expect(greedy.receive(rest)).toEqual([]);
  });

  it('wait, and none of them is ended, while the requests of one that was ended are answered', () => {
    const { incoming, open } = node(1000);
    const [greedy, small, other] = [open(), open(), open()];
    const requests = [500, 480].flatMap((bytes) => greedy.receive(bytesOf(bytes)));
    small.receive(bytesOf(300).subarray(0, 50));
    other.receive(bytesOf(300).subarray(0, 50));
    expect([greedy.ends, small.ends, other.ends]).toEqual([['too many bytes'], [], []]);
    expect([incoming.heldBytes, small.isReading(), other.isReading()]).toEqual([1080, false, false]);
    greedy.connection.finish(requests[0]!);
    expect([incoming.heldBytes, small.isReading(), other.isReading()]).toEqual([580, true, true]);
    greedy.connection.finish(requests[1]!);
    expect(incoming.heldBytes).toBe(100);
  });
});

describe('a connection', () => {
  it('is not read while as many requests as may be are under way', () => {
    const { connection, receive, isReading } = node(1e6).open();
    const requests = receive(Buffer.concat(Array.from({ length: REQUESTS_MAX }, () => bytesOf(1))));
    expect(isReading()).toBe(false);
    connection.finish(requests[0]!);
    expect(isReading()).toBe(true);
  });

  it('holds nothing once all is answered, or it is closed', () => {
    const { incoming, open } = node(1000);
    const { connection, receive } = open();
    const requests = receive(Buffer.concat([bytesOf(10), bytesOf(20), bytesOf(30).subarray(0, 7)]));
    expect(incoming.heldBytes).toBe(37);
    for (const request of requests) connection.finish(request);
    expect(incoming.heldBytes).toBe(7);
    connection.close();
    expect(incoming.heldBytes).toBe(0);
  });

  it('is ended when a frame is not complete in time, however it trickles', () => {
    const { open } = node(1e6);
    const [trickle, quick, silent] = [open(), open(), open()];
    const bytes = bytesOf(100);
    silent.receive(bytes);
    for (const [index, byte] of [...bytes.subarray(0, 60)].entries()) {
      trickle.receive(Buffer.of(byte));
      // The end of one frame and the beginning of the next.
      quick.receive(index === 0 ? bytes.subarray(0, 50) : Buffer.concat([bytes.subarray(50), bytes.subarray(0, 50)]));
      vi.advanceTimersByTime(FRAME_TIMEOUT_MS / 50);
    }
    expect([trickle.ends, quick.ends, silent.ends]).toEqual([['sends too slowly'], [], []]);
  });

  it('has all the time it needs while the node does not read', () => {
    const { connection, receive, ends } = node(1e6).open();
    const frames = Array.from({ length: REQUESTS_MAX }, () => bytesOf(1));
    const requests = receive(Buffer.concat([...frames, bytesOf(9).subarray(0, 20)]));
    vi.advanceTimersByTime(2 * FRAME_TIMEOUT_MS);
    connection.finish(requests[0]!);
    vi.advanceTimersByTime(FRAME_TIMEOUT_MS - 1);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(['sends too slowly']);
  });
});
