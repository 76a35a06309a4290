import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeMessageBundle } from '@menglian/interchain/messageBundle';
import { nodeIdsOf, signedBy, signersOf } from '@menglian/interchain/testing/signedHeaders';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHAIN_UNPROVEN,
  CLIENT_ARGUMENT_INVALID,
  CLIENT_EXISTS,
  CLIENT_FROZEN,
  CLIENT_MISSING,
  CLIENT_NOT_COMMITTEE,
  CLIENTS_FULL,
  HEADER_TOO_OLD,
  NO_CONFLICT,
  PROOF_MALFORMED,
  QUORUM_MISSING,
  RECEIPT_UNPROVEN,
  SEALERS_UNTRUSTED,
  SIGNATURE_WRONG,
} from './codes.js';
import { GAS_PER_SIGNATURE, WORK_PER_SIGNATURE } from './framework/signatureWork.js';
import { OtherChain } from './testing/interchainFixture.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const suite = suites.ecdsa;

const CLIENTS = 0x2001;
const REGISTER = 'register(bytes32,string,string,uint256,string)';
const RESET = 'reset(bytes32,uint256,string)';
const UPDATE = 'update(bytes32,bytes)';
const REPORT = 'report(bytes32,bytes,bytes)';
const CHECK = 'checkReceipt(bytes32,bytes)';

/** A chain that knows another one from its block 0. */
class Knowing extends SystemTester {
  readonly other: OtherChain;

  constructor(of: CryptoSuite = suite, engine = 'pbft', sealers = 4) {
    super(of);
    this.other = new OtherChain(of, 1, sealers);
    expect(this.register(this.other, engine)).toBe(1);
  }

  register({ identity, sealerList }: OtherChain, engine = 'pbft', name = 'other'): number {
    return this.code(CLIENTS, REGISTER, identity, name, engine, 0n, sealerList);
  }

  update(bundle: Uint8Array): number {
    return this.code(CLIENTS, UPDATE, this.other.identity, bundle);
  }

  client(): unknown {
    const types = ['string', 'string', 'uint256', 'uint256', 'bool'];
    return this.values(types, CLIENTS, 'client(bytes32)', this.other.identity);
  }

  sealersAt(number: bigint): string {
    return this.text(CLIENTS, 'sealersAt(bytes32,uint256)', this.other.identity, number);
  }
}

/** A block that only says which chain it is of. */
function marked(chain: OtherChain, options: Parameters<OtherChain['bundle']>[1] = {}): Uint8Array {
  return chain.bundle([[chain.mark()]], options);
}

describe('a client', () => {
  it('is registered once, by who may decide', () => {
    const tester = new Knowing();
    const { other } = tester;
    expect(tester.register(other)).toBe(CLIENT_EXISTS);
    expect(tester.client()).toEqual(['other', 'pbft', 0n, 0n, false]);
    expect(tester.sealersAt(5n)).toBe(other.sealerList);
    tester.send(0x1008, 'grantCommitteeMember(address)', ALICE);
    tester.host.nextBlock();
    expect(tester.as(BOB).register(new OtherChain(suite, 2))).toBe(CLIENT_NOT_COMMITTEE);
    expect(tester.code(CLIENTS, RESET, other.identity, 0n, other.sealerList)).toBe(CLIENT_NOT_COMMITTEE);
    expect(tester.as(ALICE).register(new OtherChain(suite, 2))).toBe(1);
    expect(JSON.parse(tester.text(CLIENTS, 'clients()'))).toMatchObject([{ name: 'other' }, { name: 'other' }]);
  });

  it('has a name, an engine, a height and sealers that can be', () => {
    const tester = new SystemTester(suite);
    const { identity, sealers, sealerList } = new OtherChain(suite);
    const [first] = nodeIdsOf(sealers);
    const wrong = [
      [identity, '', 'pbft', 0n, sealerList],
      [identity, 'a"b', 'pbft', 0n, sealerList],
      [identity, 'n'.repeat(65), 'pbft', 0n, sealerList],
      [identity, 'n', 'PBFT', 0n, sealerList],
      [identity, 'n', 'constructor', 0n, sealerList],
      [identity, 'n', 'pbft', 2n ** 53n, sealerList],
      [identity, 'n', 'pbft', 0n, ''],
      [identity, 'n', 'pbft', 0n, first!.toUpperCase()],
      [identity, 'n', 'pbft', 0n, `${first},${first}`],
      [identity, 'n', 'pbft', 0n, `${first},`],
      [tester.host.identity, 'n', 'pbft', 0n, sealerList],
    ] as const;
    for (const values of wrong) expect(tester.code(CLIENTS, REGISTER, ...values)).toBe(CLIENT_ARGUMENT_INVALID);
    expect(tester.code(CLIENTS, RESET, identity, 0n, '')).toBe(CLIENT_ARGUMENT_INVALID);
    expect(tester.code(CLIENTS, RESET, identity, 0n, sealerList)).toBe(CLIENT_MISSING);
    expect(tester.code(CLIENTS, UPDATE, identity, new Uint8Array(0))).toBe(CLIENT_MISSING);
  });

  it('is one of so many', () => {
    const tester = new SystemTester(suite);
    const { sealerList } = new OtherChain(suite);
    const register = (number: number): number => {
      const identity = new Uint8Array(32).fill(200);
      new DataView(identity.buffer).setUint32(0, number);
      return tester.code(CLIENTS, REGISTER, identity, 'n', 'raft', 0n, sealerList);
    };
    for (let number = 0; number < 256; number++) expect(register(number)).toBe(1);
    expect(register(256)).toBe(CLIENTS_FULL);
  });
});

describe.each(Object.entries(suites))('a header of an %s chain', (_, of) => {
  it('is believed with a quorum of the known sealers', () => {
    const tester = new Knowing(of);
    const { other } = tester;
    const three = other.sealers.slice(1);
    expect(tester.update(marked(other, { signers: three }))).toBe(1);
    expect(tester.update(marked(other, { signers: three.slice(1) }))).toBe(QUORUM_MISSING);
    expect(tester.client()).toEqual(['other', 'pbft', 0n, 1n, false]);
  });

  it('is not with a signature that is of nobody, of another, counted twice, or not of it', () => {
    const tester = new Knowing(of);
    const { other } = tester;
    const { header, receipts } = other.block([[other.mark()]]);
    const [a, b, c, d] = header.signatures;
    const withSignatures = (signatures: typeof header.signatures, of = header.header) =>
      tester.update(encodeMessageBundle({ header: { header: of, signatures }, receipts }));
    expect(withSignatures([a!, b!, c!, d!])).toBe(1);
    expect(withSignatures([a!, b!, { ...c!, index: 4 }])).toBe(SIGNATURE_WRONG);
    expect(withSignatures([a!, b!, { ...c!, index: 3 }])).toBe(SIGNATURE_WRONG);
    expect(withSignatures([a!, b!, { ...c!, signature: c!.signature.slice(1) }])).toBe(SIGNATURE_WRONG);
    expect(withSignatures([a!, b!, b!])).toBe(QUORUM_MISSING);
    expect(withSignatures([a!, b!, c!, c!])).toBe(SIGNATURE_WRONG);
    expect(withSignatures([a!, b!, c!], { ...header.header, timestampMs: 5 })).toBe(SIGNATURE_WRONG);
    const forged = { ...header.header, number: 900 };
    const strangers = new OtherChain(of, 7);
    expect(withSignatures(signedBy(of, forged, strangers.sealers).signatures, forged)).not.toBe(1);
    expect(withSignatures([], { ...header.header, number: 0 })).toBe(PROOF_MALFORMED);
  });
});

describe('sealers', () => {
  it('repeated in the list of a header do not count twice', () => {
    const tester = new Knowing();
    const { other } = tester;
    const [a, b, c] = other.sealers;
    other.sealers = [a!, a!, b!, c!];
    expect(tester.update(marked(other, { signers: [a!, b!, c!] }))).toBe(QUORUM_MISSING);
  });

  it('that were removed sign no later block', () => {
    const tester = new Knowing();
    const { other } = tester;
    const [first, old] = [other.sealers, other.sealers.slice(0, 3)];
    // One block with new sealers that two old ones signed, and one that only new ones did.
    other.sealers = signersOf(suite, 1000, 1001, 2000, 2001);
    expect(tester.update(marked(other, { number: 10 }))).toBe(1);
    other.sealers = signersOf(suite, 2000, 2001, 2002, 2003);
    expect(tester.update(marked(other, { number: 20 }))).toBe(1);
    expect(tester.client()).toEqual(['other', 'pbft', 20n, 20n, false]);
    other.sealers = first;
    expect(tester.update(marked(other, { number: 21, signers: old }))).toBe(SEALERS_UNTRUSTED);
    // Up to the block in which they went they can be believed, for they were sealers then.
    expect(tester.update(marked(other, { number: 9, signers: old }))).toBe(1);
  });

  it('that are new need more than one of the old ones', () => {
    const tester = new Knowing();
    const { other } = tester;
    const [one, ...rest] = other.sealers;
    other.sealers = [one!, ...signersOf(suite, 3000, 3001, 3002)];
    expect(tester.update(marked(other))).toBe(SEALERS_UNTRUSTED);
    other.sealers = [one!, rest[0]!, ...signersOf(suite, 3000, 3001)];
    // Both are in its list, but only one signed.
    expect(tester.update(marked(other, { signers: other.sealers.filter((sealer) => sealer !== one) }))).toBe(
      SEALERS_UNTRUSTED,
    );
    expect(tester.update(marked(other))).toBe(1);
  });

  it('change ten times, and blocks of each time stay provable', () => {
    const tester = new Knowing();
    const { other } = tester;
    const blocks = [marked(other, { number: 5 })];
    for (let change = 1; change <= 10; change++) {
      other.sealers = signersOf(suite, ...Array.from({ length: 4 }, (_, index) => 1000 + change + index));
      const block = marked(other, { number: 10 * change });
      expect(tester.update(block)).toBe(1);
      blocks.push(block, marked(other, { number: 10 * change + 5 }));
    }
    for (const block of blocks) expect(tester.code(CLIENTS, CHECK, other.identity, block)).toBe(1);
    expect(tester.host.logs.filter(({ topics }) => topics.length === 2)).toHaveLength(11);
    // Who missed nine changes is not led by the tenth alone.
    const late = new Knowing();
    expect(late.update(blocks.at(-1)!)).toBe(SEALERS_UNTRUSTED);
    for (const block of blocks) expect(late.update(block)).toBe(1);
    expect(tester.update(blocks.at(-1)!)).toBe(1);
    expect(late.client()).toEqual(tester.client());
  });

  it('of a Raft chain are a majority', () => {
    const tester = new Knowing(suite, 'raft', 5);
    const { other } = tester;
    expect(tester.update(marked(other, { signers: other.sealers.slice(0, 2) }))).toBe(QUORUM_MISSING);
    expect(tester.update(marked(other, { signers: other.sealers.slice(0, 3) }))).toBe(1);
  });
});

describe('a block', () => {
  it('below the first anchor is not proven', () => {
    const tester = new Knowing();
    const { other } = tester;
    expect(tester.code(CLIENTS, RESET, other.identity, 50n, other.sealerList)).toBe(1);
    expect(tester.update(marked(other, { number: 49 }))).toBe(HEADER_TOO_OLD);
    expect(tester.update(marked(other, { number: 50 }))).toBe(1);
    expect(tester.sealersAt(49n)).toBe('');
  });

  it('of another chain with the same sealers is not taken for one of this', () => {
    const tester = new Knowing();
    const twin = new OtherChain(suite, 2);
    twin.sealers = tester.other.sealers;
    expect(tester.update(marked(twin))).toBe(CHAIN_UNPROVEN);
    expect(tester.update(tester.other.bundle([]))).toBe(CHAIN_UNPROVEN);
    expect(tester.update(tester.other.bundle([[]]))).toBe(CHAIN_UNPROVEN);
    const elsewhere = { ...tester.other.mark(), address: BOB };
    expect(tester.update(tester.other.bundle([[elsewhere]]))).toBe(CHAIN_UNPROVEN);
    expect(tester.client()).toEqual(['other', 'pbft', 0n, 0n, false]);
  });

  it('proves its own receipts only', () => {
    const tester = new Knowing();
    const { other } = tester;
    const check = (bundle: Parameters<typeof encodeMessageBundle>[0]) =>
      tester.code(CLIENTS, CHECK, other.identity, encodeMessageBundle(bundle));
    const one = other.block([[other.mark()], [], [other.mark()]]);
    const two = other.block([[other.mark()], [other.mark(), other.mark()]]);
    expect(check(one)).toBe(1);
    expect(check({ ...one, receipts: two.receipts })).toBe(RECEIPT_UNPROVEN);
    const [first, second] = one.receipts;
    expect(check({ ...one, receipts: [first!, { ...second!, index: 2 }] })).toBe(RECEIPT_UNPROVEN);
    expect(check({ ...one, receipts: [first!, { ...second!, levels: [] }] })).toBe(RECEIPT_UNPROVEN);
    const changed = { ...second!, receipt: { ...second!.receipt, gasUsed: 1n } };
    expect(check({ ...one, receipts: [first!, changed] })).toBe(RECEIPT_UNPROVEN);
  });
});

describe('two blocks at one height', () => {
  it('freeze the client until the committee begins anew', () => {
    const tester = new Knowing();
    const { other } = tester;
    const report = (one: Uint8Array, two: Uint8Array) => tester.code(CLIENTS, REPORT, other.identity, one, two);
    const block = marked(other, { number: 7 });
    const fork = other.bundle([[other.mark()], []], { number: 7 });
    expect(report(block, block)).toBe(NO_CONFLICT);
    expect(report(block, marked(other, { number: 8 }))).toBe(NO_CONFLICT);
    const twin = new OtherChain(suite, 2);
    twin.sealers = other.sealers;
    expect(report(block, marked(twin, { number: 7 }))).toBe(CHAIN_UNPROVEN);
    expect(report(block, other.bundle([[other.mark()], []], { number: 7, signers: [] }))).toBe(QUORUM_MISSING);
    expect(report(block, fork)).toBe(1);
    expect(tester.client()).toEqual(['other', 'pbft', 0n, 0n, true]);
    expect(tester.update(block)).toBe(CLIENT_FROZEN);
    expect(report(block, fork)).toBe(CLIENT_FROZEN);
    expect(tester.code(CLIENTS, RESET, other.identity, 8n, other.sealerList)).toBe(1);
    expect(tester.update(marked(other, { number: 9 }))).toBe(1);
  });
});

describe('signatures', () => {
  it('are paid for before they are checked', () => {
    const tester = new Knowing();
    const { other } = tester;
    const block = marked(other);
    const wrong = marked(other, { signers: [other.sealers[0]!, ...new OtherChain(suite, 9).sealers] });
    for (const bundle of [block, wrong])
      expect(tester.gas(CLIENTS, CHECK, other.identity, bundle)).toBeGreaterThan(4 * GAS_PER_SIGNATURE);
    tester.gasLimit = 4 * GAS_PER_SIGNATURE;
    expect(tester.error(CLIENTS, CHECK, other.identity, block)).toContain('OutOfGas');
    tester.gasLimit = 1e9;
    tester.host.workLeft = 4 * WORK_PER_SIGNATURE - 1;
    expect(tester.error(CLIENTS, CHECK, other.identity, block)).toContain('work');
    expect(tester.host.workLeft).toBeLessThan(0);
  });
});

describe('any bytes', () => {
  it('are refused with a code, and change nothing', () => {
    const tester = new Knowing();
    const { other } = tester;
    const real = marked(other);
    const before = tester.client();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.tuple(fc.nat(real.length - 1), fc.nat(255)).map(([at, byte]) => real.with(at, byte)),
      fc.nat(real.length - 1).map((length) => real.slice(0, length)),
    );
    fc.assert(
      fc.property(bytes, (bundle) => {
        fc.pre(!bundle.every((byte, at) => byte === real[at]) || bundle.length !== real.length);
        expect(tester.update(bundle)).toBeLessThan(CLIENT_MISSING);
      }),
      { numRuns: 300 },
    );
    expect(tester.client()).toEqual(before);
  });
});
