import { EMPTY_BYTES, fromHex } from '@menglian/base/bytes';
import { errorString } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { TransactionStatus } from '@menglian/types/status';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answering, CELLS, ENDLESS, forwarder, hex, INVALID, REVERT_WITH_WORD, word } from '../testing/contracts.js';
import { deploying, TestChain } from '../testing/testChain.js';
import type { TestAccount } from '../testing/testChain.js';

let suite: CryptoSuite;
let chain: TestChain;
let alice: TestAccount;

const SYSTEM = (number: number): string => number.toString(16).padStart(40, '0');
const LIFE_CYCLE = SYSTEM(0x1007);
const DAG_TRANSFER = SYSTEM(0x5002);
const NOBODY = 'ab'.repeat(20);

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

beforeEach(() => {
  chain = new TestChain(suite, suite);
  alice = chain.account(1);
});

function deploy(code: Uint8Array): string {
  return chain.run(chain.sign(alice, { data: deploying(code) })).receipts[0]!.contractAddress;
}

function send(to: string, data: Uint8Array = EMPTY_BYTES) {
  return chain.run(chain.sign(alice, { to, data })).receipts[0]!;
}

function error(text: string): string {
  return hex(errorString((data) => suite.hash(data), text));
}

describe('an address without code', () => {
  it('fails with 26 and a sentence, for transactions and inner calls, whose gas comes back', () => {
    const direct = send(NOBODY);
    expect(direct).toMatchObject({ status: TransactionStatus.CallAddressError, gasUsed: 21_000n });
    expect(hex(direct.output)).toBe(error(`Error address:${NOBODY}`));
    for (const kind of ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const) {
      const inner = send(deploy(forwarder(kind, NOBODY)));
      expect(hex(inner.output)).toBe(word(0) + error(`Error address:${NOBODY}`));
      expect(inner.gasUsed).toBeLessThan(25_000n);
    }
  });
});

describe('a frozen contract', () => {
  it('fails with 30, also inside; the code address counts, and getStatus still answers', () => {
    const target = deploy(answering('NUMBER'));
    const callers = (['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const).map((kind) =>
      deploy(forwarder(kind, target)),
    );
    expect(hex(send(LIFE_CYCLE, chain.data('freeze(address)', target)).output)).toBe(word(1));
    const frozen = error(`Frozen contract:${target}`);
    const direct = send(target);
    expect(direct).toMatchObject({ status: TransactionStatus.ContractFrozen, gasUsed: 21_000n });
    expect(hex(direct.output)).toBe(frozen);
    for (const caller of callers) expect(hex(send(caller).output)).toBe(word(0) + frozen);
    expect(send(LIFE_CYCLE, chain.data('unfreeze(address)', target)).status).toBe(0);
    expect(send(target).status).toBe(0);
  });

  it('is frozen at once, within the same block', () => {
    const target = deploy(answering('NUMBER'));
    const { receipts } = chain.run(
      chain.sign(alice, { to: LIFE_CYCLE, data: chain.data('freeze(address)', target) }),
      chain.sign(alice, { to: target }),
    );
    expect(receipts[1]!.status).toBe(TransactionStatus.ContractFrozen);
  });
});

describe('a frozen account', () => {
  it('can neither call nor deploy: 31 with base gas, 31 with all gas', () => {
    const governance = SYSTEM(0x1008);
    const bob = chain.account(2);
    chain.run(chain.sign(bob, { data: deploying(CELLS) }));
    send(governance, chain.data('grantCommitteeMember(address)', alice.address));
    expect(hex(send(governance, chain.data('freezeAccount(address)', bob.address)).output)).toBe(word(1));
    const { receipts } = chain.run(chain.sign(bob, { to: DAG_TRANSFER }), chain.sign(bob, { data: EMPTY_BYTES }));
    const output = error(`Frozen account:0x${bob.address}`);
    expect(receipts.map(({ status, gasUsed }) => [status, gasUsed])).toStrictEqual([
      [TransactionStatus.AccountFrozen, 21_000n],
      [TransactionStatus.AccountFrozen, 300_000_000n],
    ]);
    expect(receipts.map((receipt) => hex(receipt.output))).toStrictEqual([output, output]);
  });
});

describe('system contracts called by code', () => {
  it('act as on CALL whatever the kind; STATICCALL does not protect them; their EXTCODESIZE is 1', () => {
    const size = deploy(assemble(`PUSH20 0x${DAG_TRANSFER} EXTCODESIZE 0 MSTORE 32 0 RETURN`));
    expect(hex(send(size).output)).toBe(word(1));
    for (const kind of ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL'] as const) {
      const receipt = send(deploy(forwarder(kind, DAG_TRANSFER)), chain.data('userSave(string,uint256)', kind, 7n));
      expect(hex(receipt.output)).toBe(word(1) + word(0));
      const balance = chain.call(alice.address, { to: DAG_TRANSFER, data: chain.data('userBalance(string)', kind) });
      expect(hex(balance.output)).toBe(word(0) + word(7));
    }
  });

  it('undo what they wrote when the calling frame fails', () => {
    const input = 'CALLDATASIZE 0 0 CALLDATACOPY 0 0 CALLDATASIZE 0 0';
    const code = assemble(`${input} PUSH20 0x${DAG_TRANSFER} GAS CALL POP 0 0 REVERT`);
    const receipt = send(deploy(code), chain.data('userSave(string,uint256)', 'eve', 7n));
    expect(receipt.status).toBe(TransactionStatus.RevertInstruction);
    const balance = chain.call(alice.address, { to: DAG_TRANSFER, data: chain.data('userBalance(string)', 'eve') });
    expect(hex(balance.output)).toBe(word(2n ** 256n - 51_402n) + word(0));
  });
});

describe('Ethereum built-ins called by a transaction', () => {
  it('answer, take everything on bad input, and have status 8 when too dear', () => {
    expect(hex(send(SYSTEM(4), Uint8Array.of(1, 2)).output)).toBe('0102');
    expect(send(SYSTEM(6), fromHex(word(1) + word(1)))).toMatchObject({
      status: TransactionStatus.RevertInstruction,
      gasUsed: 300_000_000n,
    });
    const huge = fromHex(word(1_000_000) + word(1_000_000) + word(1_000_000));
    expect(send(SYSTEM(5), huge)).toMatchObject({ status: TransactionStatus.OutOfGasBase, gasUsed: 300_000_000n });
  });
});

describe('inner failures', () => {
  it('revert keeps the rest of the gas, out of gas hands all of it back, a bad instruction takes it', () => {
    chain = new TestChain(suite, suite, { gasLimit: 2_000_000n });
    const call = (code: Uint8Array) => send(deploy(forwarder('CALL', deploy(code))));
    expect(hex(call(REVERT_WITH_WORD).output)).toBe(word(0) + word(42));
    const endless = call(ENDLESS);
    expect(hex(endless.output)).toBe(word(0));
    expect(endless.gasUsed).toBeLessThan(25_000n);
    expect(call(INVALID).gasUsed).toBeGreaterThan(1_900_000n);
  });

  it('take back storage, logs and refunds of the frame, not those of others', () => {
    const child = deploy(assemble('0 0 SSTORE 0 0 LOG0 0 0 REVERT'));
    const parent = deploy(
      assemble(`1 0 SSTORE 0 0 LOG0 0 0 0 0 0 PUSH20 0x${child} GAS CALL
                0 0 0 0 PUSH20 0x${child} GAS DELEGATECALL 0 SLOAD 0 MSTORE 32 0 RETURN`),
    );
    const receipt = send(parent);
    expect(hex(receipt.output)).toBe(word(1));
    expect(receipt.logs.map(({ address }) => address)).toStrictEqual([parent]);
  });
});

describe('permission to write a contract', () => {
  it('is that of the origin, from the block after grantWrite; others end with 25', () => {
    const cells = deploy(CELLS);
    const through = deploy(forwarder('CALL', cells));
    const bob = chain.account(2);
    const write = fromHex(word(0) + word(9));
    const grant = chain.sign(alice, {
      to: SYSTEM(0x1005),
      data: chain.data('grantWrite(address,address)', cells, bob.address),
    });
    const same = chain.run(grant, chain.sign(alice, { to: cells, data: write }));
    expect(same.receipts.map(({ status }) => status)).toStrictEqual([0, 0]);
    expect(hex(same.receipts[0]!.output)).toBe(word(1));

    const { receipts } = chain.run(
      chain.sign(alice, { to: cells, data: write }),
      chain.sign(bob, { to: cells, data: write }),
      chain.sign(alice, { to: through, data: write }),
      chain.sign(alice, { to: cells, data: fromHex(word(0)) }),
    );
    expect(receipts[0]!.status).toBe(TransactionStatus.PermissionDenied);
    expect(receipts[1]!.status).toBe(0);
    expect(hex(receipts[2]!.output).slice(0, 64)).toBe(word(0));
    expect(hex(receipts[3]!.output)).toBe(word(9));
  });
});
