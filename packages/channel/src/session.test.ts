import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeFrame, encodeFrame, HEADER_BYTES, type Frame } from './frame.js';
import {
  IDLE_TIMEOUT_MS,
  OUTGOING_BYTES_MAX,
  QUESTION_TIMEOUT_MS,
  QUESTIONS_MAX,
  WRITE_BYTES_MAX,
  WRITE_TIMEOUT_MS,
} from './limits.js';
import { ChannelSession, endSlowest, SharedBytes, type EndReason } from './session.js';

const frame = (number: number, bytes = 0): Frame => ({
  type: 0x12,
  sequence: Buffer.from(String(number).padStart(32, '0')),
  result: 0,
  data: Buffer.alloc(bytes),
});

function open(shared = new SharedBytes(2 * OUTGOING_BYTES_MAX)) {
  const written: { bytes: Uint8Array; done: () => void }[] = [];
  const ends: EndReason[] = [];
  let destroyed = 0;
  const session = new ChannelSession(1, undefined, {
    socket: { write: (bytes, done) => void written.push({ bytes, done }), destroy: () => (destroyed += 1) },
    outgoing: shared,
    onEnd: (reason) => ends.push(reason),
  });
  const sequences = () => written.map(({ bytes }) => Number(Buffer.from(bytes.subarray(6, 38)).toString()));
  return { session, written, sequences, ends, shared, destroyed: () => destroyed };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a session of the channel', () => {
  it('writes one frame at a time, the next when the one before has left', () => {
    const { session, written, sequences, shared } = open();
    const sent: number[] = [];
    for (const number of [1, 2, 3]) session.send(frame(number), () => sent.push(number));
    expect(sequences()).toEqual([1]);
    written[0]!.done();
    expect([sequences(), sent]).toEqual([[1, 2], [1]]);
    written[1]!.done();
    written[2]!.done();
    expect([sequences(), sent, session.outgoingBytes, shared.held]).toEqual([[1, 2, 3], [1, 2, 3], 0, 0]);
    session.send(frame(4));
    expect(sequences()).toEqual([1, 2, 3, 4]);
  });

  it('writes a long frame piece by piece, so that other sessions have their turns', () => {
    const { session, written, sequences } = open();
    const sent: number[] = [];
    session.send(frame(1, 2 * WRITE_BYTES_MAX), () => sent.push(1));
    session.send(frame(2), () => sent.push(2));
    const lengths = () => written.map(({ bytes }) => bytes.length);
    expect(lengths()).toEqual([WRITE_BYTES_MAX]);
    for (let i = 0; i < 2; i++) written[i]!.done();
    expect([lengths(), sent]).toEqual([[WRITE_BYTES_MAX, WRITE_BYTES_MAX, HEADER_BYTES], []]);
    written[2]!.done();
    expect([sequences().at(-1), sent]).toEqual([2, [1]]);
    const whole = Buffer.concat(written.slice(0, 3).map(({ bytes }) => bytes));
    expect(whole.equals(encodeFrame(frame(1, 2 * WRITE_BYTES_MAX)))).toBe(true);
  });

  it('gives a long frame no more time than a short one', () => {
    const { session, written, ends } = open();
    session.send(frame(1, 2 * WRITE_BYTES_MAX));
    vi.advanceTimersByTime(WRITE_TIMEOUT_MS - 1);
    written[0]!.done();
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(['reads too slowly']);
  });

  it('keeps the order when a frame is sent because another has left', () => {
    const { session, written, sequences } = open();
    session.send(frame(1), () => session.send(frame(3)));
    session.send(frame(2));
    for (let i = 0; i < 3; i++) written[i]!.done();
    expect(sequences()).toEqual([1, 2, 3]);
  });

  it('ends when the other side does not read', () => {
    const { session, ends, shared } = open();
    session.send(frame(1, OUTGOING_BYTES_MAX));
    expect(ends).toEqual([]);
    session.send(frame(2, 1));
    expect([ends, session.outgoingBytes, shared.held]).toEqual([['reads too slowly'], 0, 0]);
  });

  it('ends when all sessions together hold too much and it holds the most', () => {
    const sessions: ChannelSession[] = [];
    const shared = new SharedBytes(1000, () => endSlowest(sessions));
    const [first, second, third] = [open(shared), open(shared), open(shared)];
    sessions.push(first.session, second.session, third.session);
    first.session.send(frame(1, 500));
    second.session.send(frame(1, 200));
    // Not the one that happens to be sent something now.
    third.session.send(frame(1, 300));
    expect([first.ends, second.ends, third.ends]).toEqual([['reads too slowly'], [], []]);
    third.session.send(frame(2, 400));
    expect([second.ends, third.ends]).toEqual([[], ['reads too slowly']]);
    expect(shared.held).toBe(second.session.outgoingBytes);
  });

  it('ends when its own bytes are more than all sessions together may hold', () => {
    const { session, ends, shared } = open(new SharedBytes(1000, () => false));
    session.send(frame(1, 1000));
    expect([ends, shared.held]).toEqual([['reads too slowly'], 0]);
  });

  it('ends when one frame does not leave, or nothing happens at all', () => {
    const stuck = open();
    stuck.session.send(frame(1));
    vi.advanceTimersByTime(WRITE_TIMEOUT_MS);
    expect(stuck.ends).toEqual(['reads too slowly']);
    const idle = open();
    vi.advanceTimersByTime(IDLE_TIMEOUT_MS - 1);
    idle.session.noteRead();
    vi.advanceTimersByTime(IDLE_TIMEOUT_MS - 1);
    expect(idle.ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([idle.ends, idle.destroyed()]).toEqual([['idle'], 1]);
  });

  it('takes any frame with the sequence of a question for its answer, once', () => {
    const { session } = open();
    const answers: (Frame | undefined)[] = [];
    expect(session.ask(frame(7), (answer) => answers.push(answer))).toBe(true);
    expect(session.ask(frame(7), () => {})).toBe(false);
    expect(session.takeAnswer(frame(8))).toBe(false);
    expect(session.takeAnswer({ ...frame(7), type: 0x31 })).toBe(true);
    expect(session.takeAnswer(frame(7))).toBe(false);
    expect(answers.map((answer) => answer?.type)).toEqual([0x31]);
  });

  it('tells who asked that the session has ended, and sends nothing any more', () => {
    const { session, written } = open();
    const answers: (Frame | undefined)[] = [];
    session.ask(frame(7), (answer) => answers.push(answer));
    session.end('closed');
    session.end('idle');
    expect(answers).toEqual([undefined]);
    expect(session.ask(frame(8), () => {})).toBe(false);
    session.send(frame(9));
    written[0]!.done();
    expect(written).toHaveLength(1);
  });

  it('forgets questions that were never answered', () => {
    const { session, written } = open();
    for (let i = 0; i < QUESTIONS_MAX; i++) {
      expect(session.ask(frame(i), () => {})).toBe(true);
      written[i]!.done();
    }
    expect(session.ask(frame(QUESTIONS_MAX), () => {})).toBe(false);
    vi.advanceTimersByTime(QUESTION_TIMEOUT_MS);
    expect(session.ask(frame(QUESTIONS_MAX), () => {})).toBe(true);
    expect(session.takeAnswer(frame(0))).toBe(false);
  });

  it('has the bytes of its frames', () => {
    const { session, written } = open();
    session.send({ ...frame(5, 3), result: -7 });
    expect(decodeFrame(Buffer.from(written[0]!.bytes))).toMatchObject({ type: 0x12, result: -7 });
  });
});
