import { concatBytes, toBigInt, toHex } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi, encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { CNS_TABLE } from '@menglian/ledger/systemTables';
import { encodeRows, rowsKey } from '@menglian/ledger/stateRecords';
import { systemAddress } from '@menglian/precompiled/addresses';
import { OtherChain } from '@menglian/precompiled/testing/interchainFixture';
import type { Address } from '@menglian/types/address';
import type { Receipt } from '@menglian/types/receipt';
import { describe, expect, it } from 'vitest';
import { BUDGET_UNITS_MIN, BUDGET_UNITS_PER_ROW_BYTE } from './limits.js';
import { forwarder } from './testing/contracts.js';
import { deploying, TEST_IDENTITY, type TestAccount, TestChain } from './testing/testChain.js';

/** What somebody could do to hold up a channel or to take money. Each of these once worked; what still does is marked. */

const suite = await loadSuite('ecdsa');
const [CROSS, MESSAGES, MONEY] = [0x2004, 0x2002, 0x2005].map(systemAddress) as [Address, Address, Address];

const wordOf = (digits: string): string => `PUSH32 0x${digits.padEnd(64, '0')}`;
const functionWord = (name: string): string => wordOf(toHex(selector((data) => suite.hash(data), name)));

/** Inserts a long row under one key after another into table `t`, as long as there is gas. Word 2 of `onMessage` makes its keys its own. */
const VALUE_BYTES = 72_000;
const GREEDY = assemble(
  `${functionWord('openTable(string)')} 1024 MSTORE 32 1028 MSTORE 1 1060 MSTORE ${wordOf('74')} 1092 MSTORE
   32 0 100 1024 0 PUSH20 0x${systemAddress(0x1001)} GAS CALL POP
   ${functionWord('newEntry()')} 1024 MSTORE 32 32 4 1024 0 0 MLOAD GAS CALL POP
   ${functionWord('set(string,string)')} 1024 MSTORE
   64 1028 MSTORE 128 1060 MSTORE 1 1092 MSTORE ${wordOf('76')} 1124 MSTORE ${VALUE_BYTES} 1156 MSTORE
   0 0 ${4 + 5 * 32 + VALUE_BYTES} 1024 0 32 MLOAD GAS CALL POP
   ${functionWord('insert(string,address)')} 1024 MSTORE 64 1028 MSTORE 32 MLOAD 1060 MSTORE 32 1092 MSTORE 0
   :next 1 ADD DUP1 68 CALLDATALOAD 65536 MUL ADD 1124 MSTORE
   0 0 132 1024 0 0 MLOAD GAS CALL POP GAS 100000 LT @next JUMPI`,
);

/** A chain with the setting on, and another one that it knows. */
class Scene {
  readonly chain: TestChain;
  readonly other = new OtherChain(suite);
  readonly alice: TestAccount;
  readonly bob: TestAccount;

  constructor(gasLimit = 300_000_000n) {
    this.chain = new TestChain(suite, suite, { gasLimit });
    [this.alice, this.bob] = [this.chain.account(1), this.chain.account(2)];
    this.send(this.alice, systemAddress(0x1000), 'setValueByKey(string,string)', 'enable_interchain', 'on');
    const { identity, sealerList } = this.other;
    const register = 'register(bytes32,string,string,uint256,string)';
    this.send(this.alice, systemAddress(0x2001), register, identity, 'other', 'pbft', 0n, sealerList);
  }

  send(from: TestAccount, to: Address, name: string, ...values: AbiValue[]): Receipt {
    const { chain } = this;
    return chain.run(chain.sign(from, { to, data: chain.data(name, ...values) })).receipts[0]!;
  }

  deploy(code: Uint8Array): Address {
    return this.chain.run(this.chain.sign(this.alice, { data: deploying(code) })).receipts[0]!.contractAddress;
  }

  deliver(bundle: Uint8Array): Receipt {
    return this.send(this.bob, MESSAGES, 'deliver(bytes32,bytes)', this.other.identity, bundle);
  }

  read(types: readonly string[], to: Address, name: string, ...values: AbiValue[]): readonly AbiValue[] {
    const { output } = this.chain.call(this.alice.address, { to, data: this.chain.data(name, ...values) });
    const decoded = decodeAbi(types, output);
    return decoded.ok ? decoded.value : [];
  }

  /** Last number taken, and how many failed. */
  inbox(): readonly AbiValue[] {
    return this.read(['uint256', 'uint256'], MESSAGES, 'inbox(bytes32)', this.other.identity);
  }
}

const codeOf = ({ output }: Receipt): bigint => BigInt.asIntN(256, toBigInt(output.subarray(-32)));

describe('a contract that somebody calls', () => {
  it.each(['CALLCODE', 'DELEGATECALL'] as const)('cannot spend the money of the caller by %s', (kind) => {
    const scene = new Scene();
    const { alice, bob } = scene;
    scene.send(alice, MONEY, 'setIssuer(address)', alice.address);
    scene.send(alice, MONEY, 'issue(address,uint256)', bob.address, 100n);
    const trap = scene.deploy(forwarder(kind, MONEY));
    expect(codeOf(scene.send(bob, trap, 'transfer(address,uint256)', alice.address, 100n))).toBe(-60_601n);
    expect(scene.read(['uint256'], MONEY, 'balanceOf(address)', bob.address)).toEqual([100n]);
  });

  it('does not deliver in the name of the caller by DELEGATECALL', () => {
    const scene = new Scene();
    const { other } = scene;
    const relay = scene.deploy(forwarder('DELEGATECALL', MESSAGES));
    const bundle = other.bundle([[other.message(TEST_IDENTITY, 'dd'.repeat(20), new Uint8Array())]]);
    const receipt = scene.send(scene.bob, relay, 'deliver(bytes32,bytes)', other.identity, bundle);
    expect(codeOf(receipt)).toBe(-60_305n);
  });
});

describe('a message', () => {
  it('whose receiver looks at more rows at once than a transaction may, fails and holds up nobody', () => {
    const scene = new Scene(BigInt(BUDGET_UNITS_MIN));
    const { chain, other } = scene;
    const abi = 'x'.repeat(BUDGET_UNITS_MIN / BUDGET_UNITS_PER_ROW_BYTE / 2 + 1);
    const rows = [0, 1].map((id) => {
      const fields = new Map([
        ['name', 'big'],
        ['version', String(id)],
        ['address', 'dd'.repeat(20)],
        ['abi', abi],
      ]);
      return { id, block: 0, fields };
    });
    chain.state.apply([{ key: rowsKey(CNS_TABLE, 'big'), value: encodeRows(rows) }]);
    const PAYLOAD = 4 + 5 * 32;
    const reading = scene.deploy(
      assemble(
        `${PAYLOAD} CALLDATASIZE SUB ${PAYLOAD} 0 CALLDATACOPY
         0 0 ${PAYLOAD} CALLDATASIZE SUB 0 0 PUSH20 0x${systemAddress(0x1004)} GAS CALL`,
      ),
    );
    const question = chain.data('selectByNameAndVersion(string,string)', 'big', 'none');
    const logs = [reading, 'dd'.repeat(20)].map((to) => other.message(TEST_IDENTITY, to, question));
    const bundle = other.bundle([logs]);
    for (let delivery = 0; delivery < 2; delivery++) expect(scene.deliver(bundle).status).toBe(0);
    expect(scene.inbox()).toEqual([2n, 2n]);
  });

  it('is handed over although a thousand with logs came in the same receipt', () => {
    const scene = new Scene();
    const { other } = scene;
    const noisy = scene.deploy(assemble('100 0 LOG0'));
    const count = 1200;
    const logs = Array.from({ length: count }, () => other.message(TEST_IDENTITY, noisy, new Uint8Array()));
    const bundle = other.bundle([logs]);
    for (let delivery = 0; delivery < 3; delivery++) expect(scene.deliver(bundle).status).toBe(0);
    expect(scene.inbox()).toEqual([BigInt(count), 0n]);
  });
});

describe('messages of one receipt', () => {
  // Each writes 52 MB for its 20,000,000 gas, and a block may change 128 MiB.
  it('whose receivers write more than a block may change are handed over by several deliveries', () => {
    const scene = new Scene();
    const { other } = scene;
    scene.send(scene.alice, systemAddress(0x1001), 'createTable(string,string,string)', 't', 'k', 'v');
    const greedy = scene.deploy(GREEDY);
    const logs = [1, 2, 3].map(() => other.message(TEST_IDENTITY, greedy, new Uint8Array()));
    const bundle = other.bundle([logs]);
    for (let delivery = 0; delivery < logs.length; delivery++) expect(scene.deliver(bundle).status).toBe(0);
    expect(scene.inbox()).toEqual([3n, 0n]);
  });
});

describe('a light client', () => {
  it('of many anchors and sealers can be reset', () => {
    const scene = new Scene(BigInt(BUDGET_UNITS_MIN));
    const { chain, other } = scene;
    const key = toHex(other.identity);
    const sealers = Array.from({ length: 100 }, (_, index) => toHex(new Uint8Array(64).fill(index))).join(',');
    const heights = Array.from({ length: 1024 }, (_, index) => index + 1);
    const put = (table: string, keyField: string, name: string, fields: Readonly<Record<string, string>>) => {
      const row = { id: 0, block: 0, fields: new Map([[keyField, name], ...Object.entries(fields)]) };
      chain.state.apply([{ key: rowsKey(table, name), value: encodeRows([row]) }]);
    };
    for (const height of heights) put('_sys_light_client_anchors_', 'anchor', `${key}/${height}`, { sealers });
    const client = { name: 'other', rule: 'pbft', heights: heights.join(','), highest: '1024', frozen: '1' };
    put('_sys_light_clients_', 'chain', key, client);
    const reset = 'reset(bytes32,uint256,string)';
    const receipt = scene.send(scene.alice, systemAddress(0x2001), reset, other.identity, 9n, other.sealerList);
    expect([receipt.status, codeOf(receipt)]).toEqual([0, 1n]);
    const known = scene.read(['string'], systemAddress(0x2001), 'sealersAt(bytes32,uint256)', other.identity, 500n);
    expect(known).toEqual([other.sealerList.split(',').toSorted().join(',')]);
  });
});

describe('a participant', () => {
  it('that writes as many logs as a message may leaves the decision, to be finished', () => {
    const scene = new Scene();
    const { other } = scene;
    const confirmBytes = 36;
    const noisy = scene.deploy(
      assemble(`CALLDATASIZE ${confirmBytes} EQ @noisy JUMPI 1 0 MSTORE 32 0 RETURN :noisy ${65_536 - 192} 0 LOG0`),
    );
    const id = concatBytes(other.identity.subarray(0, 24), new Uint8Array(8).fill(1));
    const told = (kind: bigint) => {
      const types = ['uint256', 'bytes32', 'address', 'address', 'bytes'];
      const payload = encodeAbi(types, [kind, id, 'a0'.repeat(20), noisy, new Uint8Array()]);
      return other.bundle([[other.message(TEST_IDENTITY, CROSS, payload, CROSS)]]);
    };
    const state = () => scene.read(['uint256'], CROSS, 'transaction(bytes32)', id)[0];
    scene.deliver(told(1n));
    expect(state()).toBe(2n);
    scene.deliver(told(4n));
    expect(state()).toBe(4n);
  });
});
