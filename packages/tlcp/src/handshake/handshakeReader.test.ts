import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHandshake, HandshakeReader } from './handshakeReader.js';

describe('messages of the handshake', () => {
  it('are the same however records cut or join them', () => {
    const message = fc.record({ type: fc.nat(255), body: fc.uint8Array({ maxLength: 3000 }) });
    const sizes = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), sizes, (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(({ type, body }) => encodeHandshake(type, body)));
        const reader = new HandshakeReader();
        const read: { type: number; body: Uint8Array }[] = [];
        for (let offset = 0, i = 0; offset < bytes.length; i++) {
          const size = cuts[i % cuts.length]!;
          reader.push(bytes.subarray(offset, offset + size));
          offset += size;
          for (let next = reader.next(); next !== undefined && next !== 'too long'; next = reader.next()) {
            read.push({ type: next.type, body: next.body });
          }
        }
        expect(read).toEqual(messages);
        expect(reader.isEmpty).toBe(true);
      }),
    );
  });
});
