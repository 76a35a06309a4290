import { concatBytes, toBigInt, toHex } from '@menglian/base/bytes';
import { decodeAbi, encodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { MESSAGES_ADDRESS, readSentMessage } from '@menglian/interchain/sentMessage';
import { systemAddress } from '@menglian/precompiled/addresses';
import { OtherChain } from '@menglian/precompiled/testing/interchainFixture';
import type { Address } from '@menglian/types/address';
import type { Log, Receipt } from '@menglian/types/receipt';
import { TransactionStatus } from '@menglian/types/status';
import type { SignedTransaction } from '@menglian/types/transaction';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockResult } from './ports.js';
import { ENDLESS, REVERT_WITH_WORD } from './testing/contracts.js';
import { Interleaving } from './testing/interleaving.js';
import { shown } from './testing/randomBlocks.js';
import { deploying, TEST_IDENTITY, TestChain } from './testing/testChain.js';

/** Messages on the real executor: receivers are contracts of all kinds, and every block is also executed in parallel. */

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };

const MESSAGES = `PUSH20 0x${MESSAGES_ADDRESS}`;
const MESSAGE_GAS = 20_000_000n;
/** Of `onMessage`: where its payload begins in the call data. */
const PAYLOAD = 4 + 5 * 32;

/** Logs CALLER, ORIGIN and the whole call data. */
const WITNESS = assemble('CALLDATASIZE 0 64 CALLDATACOPY CALLER 0 MSTORE ORIGIN 32 MSTORE CALLDATASIZE 64 ADD 0 LOG0');
/** Calls Messages with the payload, and logs whether that succeeded and what it answered. */
const REENTERING = assemble(
  `${PAYLOAD} CALLDATASIZE SUB ${PAYLOAD} 0 CALLDATACOPY
   32 32 ${PAYLOAD} CALLDATASIZE SUB 0 0 ${MESSAGES} GAS CALL 0 MSTORE 64 0 LOG0`,
);
/** One log that is too long for a message. */
const NOISY = assemble('0x10000 0 LOG0');
/** Checks signatures that cost little gas and much time, for ever. */
const CRYPTOGRAPHER = assemble(`:next 32 0 256 0 0 PUSH20 0x${systemAddress(0x5006)} GAS CALL POP @next JUMP`);

describe.each(Object.entries(suites))('on an %s chain', (_, suite) => {
  let chain: TestChain;
  let other: OtherChain;
  let parallel: Interleaving;
  const alice = new TestChain(suite, suites.ecdsa).account(1);

  /** Executes a block in both ways, compares, and keeps it. */
  function run(...transactions: readonly SignedTransaction[]): BlockResult {
    const input = chain.input(transactions);
    const expected = chain.execute(transactions);
    expect(shown(parallel.execute(input, () => true))).toEqual(shown(expected));
    chain.keep(expected);
    return expected;
  }

  function calling(number: number, data: Uint8Array): SignedTransaction {
    return chain.sign(alice, { to: systemAddress(number), data });
  }

  function receiver(code: Uint8Array): Address {
    return run(chain.sign(alice, { data: deploying(code) })).receipts[0]!.contractAddress;
  }

  function message(to: Address, payload: Uint8Array = Uint8Array.of(1)): Log {
    return other.message(TEST_IDENTITY, to, payload);
  }

  function delivering(bundle: Uint8Array): SignedTransaction {
    return calling(0x2002, chain.data('deliver(bytes32,bytes)', other.identity, bundle));
  }

  /** The receipt of the delivery of one block with these messages. */
  function deliver(...logs: readonly Log[]): Receipt {
    return run(delivering(other.bundle([logs, []]))).receipts[0]!;
  }

  function successes({ logs }: Receipt): readonly boolean[] {
    return logs.filter(({ address }) => address === MESSAGES_ADDRESS).map(({ data }) => data.at(-1) === 1);
  }

  beforeEach(() => {
    chain = new TestChain(suite, suites.ecdsa);
    other = new OtherChain(suite);
    parallel = new Interleaving(suite, suites.ecdsa, 7, 2);
    run(calling(0x1000, chain.data('setValueByKey(string,string)', 'enable_interchain', 'on')));
    const register = 'register(bytes32,string,string,uint256,string)';
    const data = chain.data(register, other.identity, 'other', 'pbft', 0n, other.sealerList);
    expect(run(calling(0x2001, data)).receipts[0]!.output.at(-1)).toBe(1);
  });

  it('a contract takes a message from 0x2002, which is the origin too', () => {
    const witness = receiver(WITNESS);
    const receipt = deliver(message(witness, Uint8Array.of(9, 8)));
    expect([receipt.status, toBigInt(receipt.output)]).toEqual([0, 1n]);
    const [seen] = receipt.logs;
    const messages = MESSAGES_ADDRESS.padStart(64, '0');
    expect([toHex(seen!.data.subarray(0, 32)), toHex(seen!.data.subarray(32, 64))]).toEqual([messages, messages]);
    const given = decodeAbi(['bytes32', 'address', 'uint256', 'bytes'], seen!.data.subarray(68));
    expect(given).toEqual({ ok: true, value: [other.identity, 'a0'.repeat(20), 1n, Uint8Array.of(9, 8)] });
    expect(successes(receipt)).toEqual([true]);
  });

  it('receivers that fail take nothing from those after them', () => {
    const witness = receiver(WITNESS);
    const bad = [REVERT_WITH_WORD, ENDLESS, NOISY, CRYPTOGRAPHER].map(receiver);
    const nobody = 'dd'.repeat(20);
    const receipt = deliver(...[...bad, nobody].map((to) => message(to)), message(witness));
    expect([receipt.status, toBigInt(receipt.output)]).toEqual([0, 6n]);
    expect(successes(receipt)).toEqual([false, false, false, false, false, true]);
    expect(receipt.logs.filter(({ address }) => bad.includes(address))).toEqual([]);
    expect(receipt.gasUsed).toBeGreaterThan(2n * MESSAGE_GAS);
    const { output } = chain.call(alice.address, {
      to: MESSAGES_ADDRESS,
      data: chain.data('inbox(bytes32)', other.identity),
    });
    expect(output).toEqual(encodeAbi(['uint256', 'uint256'], [6n, 5n]));
  });

  it('more receivers that burn their gas than a transaction pays for are called by several', () => {
    const endless = receiver(ENDLESS);
    const bundle = other.bundle([Array.from({ length: 20 }, () => message(endless))]);
    const counts = [1, 2, 3].map(() => toBigInt(run(delivering(bundle)).receipts[0]!.output));
    expect(counts).toEqual([14n, 6n, 0n]);
  });

  it('a receiver sends on, but delivers nothing and tries nothing again', () => {
    const reentering = receiver(REENTERING);
    const inner = other.bundle([[message('dd'.repeat(20))]], { number: 1 });
    other = new OtherChain(suite);
    const payloads = [
      chain.data('deliver(bytes32,bytes)', other.identity, inner),
      chain.data('retry(bytes32,uint256,bytes)', other.identity, 1n, inner),
      chain.data('send(bytes32,address,bytes)', other.identity, alice.address, Uint8Array.of(7)),
    ];
    const receipt = deliver(...payloads.map((payload) => message(reentering, payload)));
    const answers = receipt.logs.filter(({ address }) => address === reentering).map(({ data }) => data);
    expect(answers).toEqual([-60_305n, -60_305n, 1n].map((code) => encodeAbi(['uint256', 'int256'], [1n, code])));
    const sent = receipt.logs.map((log) => readSentMessage(suite, log)).filter((one) => one !== undefined);
    expect(sent).toMatchObject([
      { source: TEST_IDENTITY, sequence: 1n, sender: reentering, payload: Uint8Array.of(7) },
    ]);
    expect(toBigInt(receipt.output)).toBe(3n);
  });

  it('relayers that race in one block book each message once', () => {
    const witness = receiver(WITNESS);
    const [first, second] = [other.bundle([[message(witness)]]), other.bundle([[message(witness), message(witness)]])];
    const results = run(...[second, first, first, second, second, first].map(delivering)).receipts;
    expect(results.map(({ output }) => BigInt.asIntN(256, toBigInt(output)))).toEqual([-60_301n, 1n, 0n, 2n, 0n, 0n]);
    expect(results.flatMap(successes)).toEqual([true, true, true]);
  });
});

describe('signatures', () => {
  it('that are checked for ever end the transaction, however much gas it has', () => {
    const suite = suites.ecdsa;
    const chain = new TestChain(suite, suite, { gasLimit: 100_000_000n });
    const other = new OtherChain(suite);
    const alice = chain.account(1);
    const setting = chain.data('setValueByKey(string,string)', 'enable_interchain', 'on');
    chain.run(chain.sign(alice, { to: systemAddress(0x1000), data: setting }));
    const register = 'register(bytes32,string,string,uint256,string)';
    const data = chain.data(register, other.identity, 'other', 'pbft', 0n, other.sealerList);
    chain.run(chain.sign(alice, { to: systemAddress(0x2001), data }));
    const call = chain.data('checkReceipt(bytes32,bytes)', other.identity, other.bundle([[other.mark()]]));
    const loop = assemble(
      `${call.length} @call 1 ADD 0 CODECOPY
       :again 0 0 ${call.length} 0 0 PUSH20 0x${systemAddress(0x2001)} GAS CALL POP @again JUMP :call`,
    );
    const transaction = chain.sign(alice, { data: concatBytes(loop, call) });
    const [receipt] = chain.execute([transaction]).receipts;
    expect(receipt!.status).toBe(TransactionStatus.OutOfGas);
    // Work ends it before its gas does.
    expect(receipt!.gasUsed).toBeLessThan(60_000_000n);
  });
});
