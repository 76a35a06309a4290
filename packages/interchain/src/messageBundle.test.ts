import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { BLOOM_BYTES } from '@menglian/types/bloom';
import { merkleProof, merkleRoot } from '@menglian/types/merkle';
import { type Log, type Receipt, receiptHash } from '@menglian/types/receipt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUNDLE_RECEIPTS_MAX, MESSAGE_BUNDLE_BYTES_MAX, MESSAGE_PAYLOAD_BYTES_MAX } from './limits.js';
import { decodeMessageBundle, encodeMessageBundle } from './messageBundle.js';
import { checkReceiptProof, type ReceiptProof } from './receiptProof.js';
import { chainOfReceipts, markLog, readSentMessage, type SentMessage, sentMessageLog } from './sentMessage.js';
import { headerSignedBy, signersOf } from './testing/signedHeaders.js';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const suite = suites.ecdsa;

const SOURCE = new Uint8Array(32).fill(1);
const MESSAGE: SentMessage = {
  source: SOURCE,
  chain: new Uint8Array(32).fill(2),
  sequence: 3n,
  sender: 'a1'.repeat(20),
  receiver: 'b2'.repeat(20),
  payload: Uint8Array.of(4, 5),
};
const HEADER = headerSignedBy(suite, signersOf(suite, 1, 2, 3, 4));

function receiptWith(logs: readonly Log[]): Receipt {
  return {
    stateRoot: new Uint8Array(32),
    gasUsed: 1n,
    contractAddress: ZERO_ADDRESS,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    status: 0,
    output: new Uint8Array(0),
    remainGas: 0n,
    logs,
  };
}

/** Receipts of a block with so many transactions, all proven, and its root. */
function provenReceipts(count: number, of = suite): { receipts: ReceiptProof[]; root: Uint8Array } {
  const all = Array.from({ length: count }, (_, index) =>
    receiptWith(index === 0 ? [sentMessageLog(of, MESSAGE)] : []),
  );
  const hashes = all.map((receipt) => receiptHash(of, receipt));
  const receipts = all.map((receipt, index) => ({ receipt, index, levels: merkleProof(of, hashes, index) }));
  return { receipts, root: merkleRoot(of, hashes) };
}

describe('a bundle', () => {
  it('is the same after it was bytes', () => {
    for (const count of [0, 1, 17, BUNDLE_RECEIPTS_MAX]) {
      const bundle = { header: HEADER, receipts: provenReceipts(count).receipts };
      expect(decodeMessageBundle(encodeMessageBundle(bundle))).toEqual({ ok: true, value: bundle });
    }
  });

  it('has a bound on receipts and bytes', () => {
    const { receipts } = provenReceipts(BUNDLE_RECEIPTS_MAX + 1);
    const bytes = encodeMessageBundle({ header: HEADER, receipts });
    expect(decodeMessageBundle(bytes)).toEqual({ ok: false, reason: 'TooManyItems' });
    expect(decodeMessageBundle(new Uint8Array(MESSAGE_BUNDLE_BYTES_MAX + 1))).toEqual({
      ok: false,
      reason: 'TooLarge',
    });
  });

  it('is any bytes: they are decoded or refused', () => {
    const real = encodeMessageBundle({ header: HEADER, receipts: provenReceipts(3).receipts });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(real.length - 1), fc.nat(255)).map(([at, byte]) => real.with(at, byte)),
      fc.nat(real.length - 1).map((length) => real.slice(0, length)),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        const decoded = decodeMessageBundle(some);
        if (decoded.ok) expect(encodeMessageBundle(decoded.value)).toEqual(some);
      }),
    );
  });
});

describe.each(Object.entries(suites))('a receipt of an %s chain', (_, of) => {
  it('is proven at its own index of its own block only', () => {
    const { receipts, root } = provenReceipts(20, of);
    expect(receipts.every((proof) => checkReceiptProof(of, proof, root))).toBe(true);
    const [first, second] = receipts;
    const wrong = [
      { ...first!, index: 1 },
      { ...first!, receipt: second!.receipt },
      { ...first!, levels: second!.levels },
      { ...first!, levels: first!.levels.slice(0, -1) },
      { ...first!, levels: [] },
    ];
    expect(wrong.some((proof) => checkReceiptProof(of, proof, root))).toBe(false);
    expect(checkReceiptProof(of, first!, provenReceipts(21, of).root)).toBe(false);
  });

  it('says which chain it is of, and what was sent', () => {
    const log = sentMessageLog(of, MESSAGE);
    expect(readSentMessage(of, log)).toEqual(MESSAGE);
    expect(chainOfReceipts(of, [receiptWith([]), receiptWith([log])])).toEqual(SOURCE);
    expect(chainOfReceipts(of, [receiptWith([markLog(of, SOURCE)])])).toEqual(SOURCE);
    expect(chainOfReceipts(of, [receiptWith([])])).toBeUndefined();
  });
});

describe('a log', () => {
  const log = sentMessageLog(suite, MESSAGE);

  it('of any other contract or form is no message', () => {
    const mark = markLog(suite, SOURCE);
    const others: readonly Log[] = [
      { ...log, address: 'a1'.repeat(20) },
      { ...log, topics: [] },
      { ...log, topics: log.topics.slice(0, 3) },
      { ...log, topics: log.topics.with(0, new Uint8Array(32)) },
      { ...log, data: log.data.slice(0, 63) },
      mark,
      sentMessageLog(suites.sm, MESSAGE),
      sentMessageLog(suite, { ...MESSAGE, payload: new Uint8Array(MESSAGE_PAYLOAD_BYTES_MAX + 1) }),
    ];
    expect(others.map((other) => readSentMessage(suite, other))).toEqual(others.map(() => undefined));
    const strange = [
      { ...mark, address: 'a1'.repeat(20) },
      { ...mark, topics: mark.topics.slice(0, 1) },
    ];
    expect(chainOfReceipts(suite, [receiptWith(strange)])).toBeUndefined();
  });

  it('with any data is a message or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const message = readSentMessage(suite, { ...log, data });
        if (message !== undefined) expect(message.payload.length).toBeLessThanOrEqual(data.length);
      }),
    );
  });
});
