import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { concatBytes, fromHex } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi, encodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { systemAddress } from '@menglian/precompiled/addresses';
import { OtherChain } from '@menglian/precompiled/testing/interchainFixture';
import { compileForSuite } from '@menglian/solidity/compileForSuite';
import { SuiteCompiler } from '@menglian/solidity/suiteCompiler';
import type { Address } from '@menglian/types/address';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import type { BlockInput } from './ports.js';
import { ENDLESS, REVERT_WITH_WORD } from './testing/contracts.js';
import { deploying, TestChain, type TestAccount } from './testing/testChain.js';

/** A token in Solidity moves between two chains: real code on both sides, and messages handed over with their proofs. */

const FOLDER = new URL('../../../configs/contracts/', import.meta.url);
const source = (name: string) => ({ content: readFileSync(new URL(name, FOLDER), 'utf8') });
const ecdsa = await loadSuite('ecdsa');
const soljson = readFileSync(createRequire(import.meta.url).resolve('solc-0.4.26/soljson.js'), 'utf8');
const compiler = SuiteCompiler.open(soljson);
if (!compiler.ok) throw new Error(compiler.reason.message);

function tokenCode(suite: CryptoSuite): string {
  const input = {
    language: 'Solidity',
    sources: { 'CrossToken.sol': source('CrossToken.sol'), 'CrossParticipant.sol': source('CrossParticipant.sol') },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['evm.bytecode.object', 'abi'] } },
    },
  };
  const compiled = compileForSuite(input, compiler.ok ? compiler.value : undefined!, suite.name);
  if (!compiled.ok) throw new Error(compiled.reason.map(({ message }) => message).join('\n'));
  return compiled.value.output.contracts!['CrossToken.sol']!['CrossToken']!.evm!.bytecode!.object!;
}

const CROSS = systemAddress(0x2004);
const SUPPLY = 1000n;
const State = { preparing: 1, ready: 2, refused: 3, confirming: 4, confirmed: 5, cancelling: 6, cancelled: 7 };

/** A chain with a token, and sealers that sign for what its transactions logged. */
class TokenChain extends TestChain {
  readonly signer: OtherChain;
  readonly owner: TestAccount;
  readonly user: TestAccount;
  token: Address = '';

  constructor(suite: CryptoSuite, seed: number) {
    super(suite, ecdsa);
    this.signer = new OtherChain(suite, seed);
    this.owner = this.account(1);
    this.user = this.account(2);
    this.do(this.owner, systemAddress(0x1000), 'setValueByKey(string,string)', 'enable_interchain', 'on');
  }

  override input(transactions: readonly SignedTransaction[]): BlockInput {
    return { ...super.input(transactions), blockHash: (number) => (number === 0 ? this.signer.identity : undefined) };
  }

  deployToken(code: string): void {
    const data = concatBytes(fromHex(code), encodeAbi(['uint256'], [SUPPLY]));
    this.token = this.deploy(data);
    this.do(this.owner, this.token, 'transfer(address,uint256)', this.user.address, SUPPLY);
  }

  deploy(data: Uint8Array): Address {
    const [receipt] = this.run(this.sign(this.owner, { data })).receipts;
    expect(receipt!.status).toBe(0);
    return receipt!.contractAddress;
  }

  /** One transaction in a block of its own. */
  try(from: TestAccount, to: Address, signature: string, ...values: readonly AbiValue[]): Receipt {
    return this.run(this.sign(from, { to, data: this.data(signature, ...values) })).receipts[0]!;
  }

  do(from: TestAccount, to: Address, signature: string, ...values: readonly AbiValue[]): Receipt {
    const receipt = this.try(from, to, signature, ...values);
    expect([signature, receipt.status]).toEqual([signature, 0]);
    return receipt;
  }

  read(to: Address, types: readonly string[], signature: string, ...values: readonly AbiValue[]): readonly AbiValue[] {
    const { status, output } = this.call(this.owner.address, { to, data: this.data(signature, ...values) });
    const decoded = decodeAbi(types, output);
    if (status !== 0 || !decoded.ok) throw new Error(`${signature} ended with ${status}`);
    return decoded.value;
  }

  balance(of: Address): bigint {
    return this.read(this.token, ['uint256'], 'balanceOf(address)', of)[0] as bigint;
  }

  sums(): readonly bigint[] {
    return ['totalSupply()', 'expected()'].map((name) => this.read(this.token, ['uint256'], name)[0] as bigint);
  }

  stateOf(id: Uint8Array): number {
    const types = ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256'];
    return Number(this.read(CROSS, types, 'transaction(bytes32)', id)[0]);
  }

  /** Hands over what a transaction of the other chain logged. @returns the receipt of the delivery */
  receive(from: TokenChain, { logs }: Receipt): Receipt {
    const bundle = from.signer.bundle([logs], { number: from.number });
    const receipt = this.do(this.user, systemAddress(0x2002), 'deliver(bytes32,bytes)', from.signer.identity, bundle);
    expect(receipt.output.at(-1)).toBe(1);
    return receipt;
  }
}

function meet(chain: TokenChain, other: TokenChain): void {
  const { identity, sealerList } = other.signer;
  const register = 'register(bytes32,string,string,uint256,string)';
  chain.do(chain.owner, systemAddress(0x2001), register, identity, 'other', 'pbft', 0n, sealerList);
  chain.do(chain.owner, chain.token, 'allow(bytes32,address)', identity, other.token);
}

const codes = new Map<string, string>();

async function chains(name: 'ecdsa' | 'sm' = 'ecdsa'): Promise<readonly [TokenChain, TokenChain]> {
  const suite = await loadSuite(name);
  const code = codes.get(name) ?? tokenCode(suite);
  codes.set(name, code);
  const pair = [new TokenChain(suite, 1), new TokenChain(suite, 2)] as const;
  for (const chain of pair) chain.deployToken(code);
  meet(pair[0], pair[1]);
  meet(pair[1], pair[0]);
  return pair;
}

function begin(a: TokenChain, b: TokenChain, amount: bigint, timeoutBlocks = 50n): Receipt {
  const data = encodeAbi(['address', 'uint256'], [b.owner.address, amount]);
  const signature = 'begin(bytes32,address,address,bytes,uint256)';
  return a.do(a.user, CROSS, signature, b.signer.identity, a.token, b.token, data, timeoutBlocks);
}

describe.each(['ecdsa', 'sm'] as const)('a token on chains of suite %s', (name) => {
  it('goes over, and both supplies say so', async () => {
    const [a, b] = await chains(name);
    const begun = begin(a, b, 300n);
    const id = begun.output;
    expect([a.stateOf(id), a.balance(a.user.address)]).toEqual([State.preparing, 700n]);
    const prepared = b.receive(a, begun);
    expect([b.stateOf(id), b.balance(b.owner.address), b.sums()]).toEqual([State.ready, 0n, [1000n, 300n]]);
    const decided = a.receive(b, prepared);
    b.receive(a, decided);
    expect([a.stateOf(id), b.stateOf(id)]).toEqual([State.confirmed, State.confirmed]);
    expect([a.sums(), b.sums(), b.balance(b.owner.address)]).toEqual([[700n, 0n], [1300n, 0n], 300n]);
  });

  it('comes back when the other side refuses, and when the time is over', async () => {
    const [a, b] = await chains(name);
    b.do(b.owner, b.token, 'allow(bytes32,address)', a.signer.identity, '0'.repeat(40));
    const refused = begin(a, b, 300n);
    a.receive(b, b.receive(a, refused));
    expect([a.stateOf(refused.output), b.stateOf(refused.output)]).toEqual([State.cancelled, State.refused]);
    b.do(b.owner, b.token, 'allow(bytes32,address)', a.signer.identity, a.token);
    const late = begin(a, b, 300n, 2n);
    const ready = b.receive(a, late);
    a.do(a.owner, a.token, 'transfer(address,uint256)', a.owner.address, 0n);
    const cancelled = a.do(b.user, CROSS, 'cancel(bytes32)', late.output);
    expect(cancelled.output.at(-1)).toBe(1);
    expect(a.receive(b, ready).logs.filter(({ address }) => address !== systemAddress(0x2002))).toEqual([]);
    b.receive(a, cancelled);
    expect([a.stateOf(late.output), b.stateOf(late.output)]).toEqual([State.cancelled, State.cancelled]);
    expect([a.balance(a.user.address), a.sums(), b.sums()]).toEqual([1000n, [1000n, 0n], [1000n, 0n]]);
  });
});

describe('a contract', () => {
  it('moves money of its caller', async () => {
    const [a, b] = await chains();
    const signature = 'moveTo(bytes32,address,uint256,uint256)';
    const moved = a.do(a.user, a.token, signature, b.signer.identity, b.user.address, 10n, 50n);
    b.receive(a, a.receive(b, b.receive(a, moved)));
    expect([a.balance(a.user.address), b.balance(b.user.address)]).toEqual([990n, 1010n]);
    const poor = a.try(a.owner, a.token, signature, b.signer.identity, b.user.address, 10n, 50n);
    expect(poor.status).not.toBe(0);
  });

  it('is frozen when it is decided: it is asked again when it thaws', async () => {
    const [a, b] = await chains();
    const begun = begin(a, b, 300n);
    const decided = a.receive(b, b.receive(a, begun));
    b.do(b.owner, systemAddress(0x1007), 'freeze(address)', b.token);
    b.receive(a, decided);
    expect(b.stateOf(begun.output)).toBe(State.confirming);
    expect(b.do(b.user, CROSS, 'finish(bytes32)', begun.output).output.at(-1)).toBe(0xa7);
    b.do(b.owner, systemAddress(0x1007), 'unfreeze(address)', b.token);
    expect(b.do(b.user, CROSS, 'finish(bytes32)', begun.output).output.at(-1)).toBe(1);
    expect([b.stateOf(begun.output), b.balance(b.owner.address)]).toEqual([State.confirmed, 300n]);
  });

  it.each([
    ['burns all its gas', ENDLESS],
    ['reverts', REVERT_WITH_WORD],
    ['answers nothing', new Uint8Array(1)],
  ])('over there that %s refuses, and the delivery goes on', async (_, code) => {
    const [a, b] = await chains();
    const hostile = b.deploy(deploying(code));
    a.do(a.owner, a.token, 'allow(bytes32,address)', b.signer.identity, hostile);
    const data = encodeAbi(['address', 'uint256'], [b.owner.address, 300n]);
    const signature = 'begin(bytes32,address,address,bytes,uint256)';
    const begun = a.do(a.user, CROSS, signature, b.signer.identity, a.token, hostile, data, 50n);
    a.receive(b, b.receive(a, begun));
    expect([a.stateOf(begun.output), b.stateOf(begun.output)]).toEqual([State.cancelled, State.refused]);
    expect(a.balance(a.user.address)).toBe(1000n);
  });

  it('obeys 0x2004 only, and begins nothing for another token', async () => {
    const [a, b] = await chains();
    const id = new Uint8Array(32).fill(7);
    for (const [signature, ...values] of [
      ['confirm(bytes32)', id],
      ['cancel(bytes32)', id],
      ['prepareIn(bytes32,bytes32,address,bytes)', id, b.signer.identity, b.token, new Uint8Array(64)],
      ['prepareOut(bytes32,bytes32,address,address,bytes)', id, id, b.token, a.user.address, new Uint8Array(64)],
    ] as const)
      expect(a.try(a.user, a.token, signature, ...values).status).not.toBe(0);
    const signature = 'begin(bytes32,address,address,bytes,uint256)';
    const data = encodeAbi(['address', 'uint256'], [b.owner.address, 300n]);
    const other = a.try(a.user, CROSS, signature, b.signer.identity, a.token, b.user.address, data, 50n);
    expect(other.status).toBe(21);
    expect([a.balance(a.user.address), a.sums()]).toEqual([1000n, [1000n, 0n]]);
  });
});
