import { EMPTY_BYTES, fromHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { accountKey, codeKey, decodeAccount } from '@menglian/ledger/stateRecords';
import type { AccountRecord } from '@menglian/ledger/stateRecords';
import { contractAddress, create2Address, ZERO_ADDRESS } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CODE_BYTES_MAX } from '../limits.js';
import {
  answering,
  ENDLESS,
  FACTORY,
  FACTORY_WITH_SALT,
  hex,
  INVALID,
  MORTAL,
  word,
  wordOf,
} from '../testing/contracts.js';
import { deploying, TestChain } from '../testing/testChain.js';
import type { TestAccount } from '../testing/testChain.js';

let suite: CryptoSuite;
let chain: TestChain;
let alice: TestAccount;

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

beforeEach(() => {
  chain = new TestChain(suite, suite);
  alice = chain.account(1);
});

function create(data: Uint8Array) {
  return chain.run(chain.sign(alice, { data })).receipts[0]!;
}

function record(address: string): AccountRecord | undefined {
  const bytes = chain.state.get(accountKey(address));
  return bytes === undefined ? undefined : decodeAccount(bytes);
}

const CONTRACT = answering('NUMBER');

describe('creation by a transaction', () => {
  it('numbers contracts from 0 and counts failed creations too', () => {
    chain = new TestChain(suite, suite, { gasLimit: 2_000_000n });
    const statuses = [deploying(CONTRACT), INVALID, ENDLESS, assemble('0 0 REVERT'), deploying(CONTRACT)].map(
      (data) => {
        const receipt = create(data);
        return [receipt.status, receipt.contractAddress];
      },
    );
    const address = (n: bigint): string => contractAddress(suite, alice.address, n);
    expect(statuses).toStrictEqual([
      [TransactionStatus.None, address(0n)],
      [TransactionStatus.BadInstruction, ZERO_ADDRESS],
      [TransactionStatus.OutOfGas, ZERO_ADDRESS],
      [TransactionStatus.RevertInstruction, ZERO_ADDRESS],
      [TransactionStatus.None, address(4n)],
    ]);
    expect(record(alice.address)?.creationCount).toBe(5n);
    expect(record(address(1n))).toBeUndefined();
    expect(record(address(4n))?.managers).toStrictEqual([alice.address]);
  });

  it('takes 200 gas a byte of code, also of the data of a reverting constructor', () => {
    const base = 53_000n;
    const returning = create(assemble('32 0 RETURN'));
    expect(returning.status).toBe(0);
    expect(returning.gasUsed - base - BigInt(4 * 68 + 4)).toBe(3n + 3n + 3n + 32n * 200n);
    const reverting = create(assemble('32 0 REVERT'));
    expect(reverting.status).toBe(TransactionStatus.RevertInstruction);
    expect(reverting.gasUsed).toBe(returning.gasUsed);
    expect(reverting.output).toHaveLength(32);
  });

  it('stores up to 262,144 bytes of code, and beyond that ends with 12', () => {
    const size = (bytes: number): Uint8Array => assemble(`PUSH3 ${bytes} 0 RETURN`);
    const largest = create(size(CODE_BYTES_MAX));
    expect(largest.status).toBe(0);
    const larger = create(size(CODE_BYTES_MAX + 1));
    expect(larger).toMatchObject({ status: TransactionStatus.OutOfGas, contractAddress: ZERO_ADDRESS });
    expect(larger.gasUsed).toBeLessThan(300_000n);
  });

  it('is out of gas when the deposit cannot be paid, and 22 becomes 12', () => {
    const poor = new TestChain(suite, suite, { gasLimit: 100_000n });
    for (const end of ['RETURN', 'REVERT']) {
      const [receipt] = poor.run(poor.sign(poor.account(1), { data: assemble(`1000 0 ${end}`) })).receipts;
      expect(receipt).toMatchObject({ status: TransactionStatus.OutOfGas, contractAddress: ZERO_ADDRESS });
    }
  });

  it('costs no deposit with free storage, but the gas must be there', () => {
    const free = new TestChain(suite, suite, { freeStorage: true, gasLimit: 100_000n });
    const [paid, unpaid] = free.run(
      free.sign(free.account(1), { data: assemble('32 0 RETURN') }),
      free.sign(free.account(1), { data: assemble('1000 0 RETURN') }),
    ).receipts;
    expect(paid).toMatchObject({ status: 0, gasUsed: 20_009n });
    expect(unpaid!.status).toBe(TransactionStatus.OutOfGas);
  });

  it('with empty runtime code succeeds, and the address answers like one without code', () => {
    const receipt = create(assemble('STOP'));
    expect(receipt.status).toBe(0);
    expect(chain.call(alice.address, { to: receipt.contractAddress }).status).toBe(TransactionStatus.CallAddressError);
  });
});

describe('creation by a contract', () => {
  it('numbers from 0 as well, inherits managers, and hands revert data on', () => {
    const factory = create(deploying(FACTORY)).contractAddress;
    const bob = chain.account(2);
    const made = chain.run(chain.sign(bob, { to: factory, data: deploying(CONTRACT) })).receipts[0]!;
    const child = contractAddress(suite, factory, 0n);
    expect(hex(made.output)).toBe(wordOf(child));
    expect(record(child)?.managers).toStrictEqual([bob.address, alice.address]);

    const failed = chain.run(chain.sign(bob, { to: factory, data: assemble('7 0 MSTORE 32 0 REVERT') })).receipts[0]!;
    expect(hex(failed.output)).toBe(word(0) + word(7));
    expect(record(factory)?.creationCount).toBe(2n);
  });

  it('with CREATE2 onto a contract fails with all the gas it was given; after self-destruction it works again', () => {
    const factory = create(deploying(FACTORY_WITH_SALT)).contractAddress;
    const initCode = deploying(MORTAL);
    const salt = fromHex(word(7));
    const address = create2Address(suite, factory, salt, initCode);
    const run = (data: Uint8Array) => chain.run(chain.sign(alice, { to: factory, data })).receipts[0]!;
    expect(hex(run(initCode).output)).toBe(wordOf(address));
    const again = run(initCode);
    expect(hex(again.output)).toBe(word(0));
    expect(again.gasUsed).toBeGreaterThan((300_000_000n * 63n) / 64n - 100_000n);

    const use = (data: Uint8Array) => chain.run(chain.sign(alice, { to: address, data })).receipts[0]!;
    expect(hex(use(EMPTY_BYTES).output)).toBe(word(0));
    expect(use(Uint8Array.of(1)).status).toBe(0);
    expect(record(address)).toMatchObject({ destroyed: true, creationCount: 0n, codeHash: suite.emptyHash });
    expect(use(EMPTY_BYTES).status).toBe(TransactionStatus.CallAddressError);

    expect(hex(run(initCode).output)).toBe(wordOf(address));
    // The storage stayed.
    expect(hex(use(EMPTY_BYTES).output)).toBe(word(5));
  });

  it('keeps destroyed code until the transaction is over', () => {
    const mortal = create(deploying(MORTAL)).contractAddress;
    const caller = create(
      deploying(
        assemble(
          `1 0 MSTORE8 0 0 1 0 0 PUSH20 0x${mortal} GAS CALL POP
           PUSH20 0x${mortal} EXTCODESIZE 0 MSTORE 32 0 RETURN`,
        ),
      ),
    ).contractAddress;
    const { receipts } = chain.run(chain.sign(alice, { to: caller }), chain.sign(alice, { to: mortal }));
    expect(hex(receipts[0]!.output)).toBe(word(MORTAL.length));
    expect(receipts[1]!.status).toBe(TransactionStatus.CallAddressError);
  });
});

describe('permission to deploy', () => {
  it('is that of the origin on _sys_tables_, of the parent block: 25 and all gas, and the number does not rise', () => {
    const bob = chain.account(2);
    const factory = create(deploying(FACTORY)).contractAddress;
    const grant = chain.data('grantOperator(address)', bob.address);
    const member = chain.data('grantCommitteeMember(address)', alice.address);
    const governance = '1008'.padStart(40, '0');
    chain.run(chain.sign(alice, { to: governance, data: member }));
    const same = chain.run(
      chain.sign(alice, { to: governance, data: grant }),
      chain.sign(alice, { data: deploying(CONTRACT) }),
    );
    expect(same.receipts.map(({ status }) => status)).toStrictEqual([0, 0]);

    const { receipts } = chain.run(
      chain.sign(alice, { data: deploying(CONTRACT) }),
      chain.sign(bob, { data: deploying(CONTRACT) }),
      chain.sign(alice, { to: factory, data: deploying(CONTRACT) }),
      chain.sign(bob, { to: factory, data: deploying(CONTRACT) }),
    );
    expect(receipts[0]).toMatchObject({ status: TransactionStatus.PermissionDenied, gasUsed: 300_000_000n });
    expect(receipts[1]!.status).toBe(0);
    expect(hex(receipts[2]!.output)).toBe(word(0));
    expect(hex(receipts[3]!.output)).not.toBe(word(0));
    expect(record(alice.address)?.creationCount).toBe(2n);
  });
});

describe('a constructor', () => {
  it('runs the init code, which EXTCODESIZE does not show yet', () => {
    const initCode = assemble('ADDRESS EXTCODESIZE 0 MSTORE CODESIZE 32 MSTORE 64 0 RETURN');
    const { contractAddress: address } = create(initCode);
    const stored = chain.state.get(codeKey(record(address)!.codeHash));
    expect(hex(stored!)).toBe(word(0) + word(initCode.length));
  });
});
