import { concatBytes, fromBigInt, fromHex, utf8Bytes } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import type { Log } from '@menglian/types/receipt';
import { FakeChain } from './fakeChain.js';

export const ACCOUNT = 'shop';
const OWNER = '0a'.repeat(20);
const PAYER = '0b'.repeat(20);
const REFERENCE = new Uint8Array(32);
const SHADOW_ACCOUNTS = '2006'.padStart(40, '0');
const HOT_ACCOUNTS = '2007'.padStart(40, '0');

interface Shadow {
  openEpoch: bigint;
  amountIn: bigint;
  amountOut: bigint;
  payments: bigint;
  firstBlock: number;
  previousHash: Uint8Array;
  readonly records: Uint8Array[];
  grants: bigint;
}

/** A hot chain and chains of users on which a test writes what the contracts would write. */
export class HotScenario {
  readonly suite: CryptoSuite;
  readonly hot: FakeChain;
  readonly users: readonly FakeChain[];
  readonly #shadows: readonly Shadow[];
  /** Of each closed epoch. */
  readonly #sums = new Map<string, readonly bigint[]>();

  constructor(suite: CryptoSuite, userCount = 2) {
    this.suite = suite;
    this.hot = new FakeChain(suite, { groupId: 1 });
    this.users = Array.from({ length: userCount }, (_, index) => new FakeChain(suite, { groupId: 2 + index }));
    this.hot.add([[this.hotLog('AccountCreated(bytes32,address,string)', [word(OWNER)], ['string'], [ACCOUNT])]]);
    for (const { identity } of this.users) this.hot.add([[this.hotLog('Attached(bytes32,bytes32)', [identity])]]);
    this.#shadows = this.users.map((user) => ({
      openEpoch: 1n,
      amountIn: 0n,
      amountOut: 0n,
      payments: 0n,
      firstBlock: user.add([[this.openedLog()]]),
      previousHash: NO_RECORD_HASH,
      records: [],
      grants: 0n,
    }));
  }

  /** One block with these payments. */
  pay(user: number, ...amounts: readonly bigint[]): void {
    const shadow = this.#shadows[user]!;
    this.users[user]!.add(amounts.map((amount) => [this.paymentLog('Paid', shadow.openEpoch, amount)]));
    shadow.amountIn += amounts.reduce((sum, amount) => sum + amount, 0n);
    shadow.payments += BigInt(amounts.length);
  }

  payOut(user: number, amount: bigint): void {
    const shadow = this.#shadows[user]!;
    this.users[user]!.add([[this.paymentLog('PaidOut', shadow.openEpoch, amount)]]);
    shadow.amountOut += amount;
    shadow.payments += 1n;
  }

  close(user: number): void {
    const shadow = this.#shadows[user]!;
    const { openEpoch: epoch, amountIn, amountOut, payments, firstBlock, previousHash } = shadow;
    const chain = this.users[user]!;
    const lastBlock = chain.height + 1;
    const record = encodeClearingRecord({
      account: ACCOUNT,
      chain: chain.identity,
      epoch,
      amountIn,
      amountOut,
      payments,
      firstBlock: BigInt(firstBlock),
      lastBlock: BigInt(lastBlock),
      previousHash,
    });
    chain.add([[this.closedLog(epoch, record)]]);
    const recordHash = this.suite.hash(record);
    shadow.records.push(record);
    const rest = { openEpoch: epoch + 1n, amountIn: 0n, amountOut: 0n, payments: 0n };
    Object.assign(shadow, { ...rest, firstBlock: lastBlock, previousHash: recordHash });
    this.#sums.set(`${user}/${epoch}`, [amountIn, amountOut, payments]);
  }

  settle(user: number, epoch: bigint): void {
    this.hot.add([[this.settledLog(user, epoch)]]);
  }

  confirm(user: number, epoch: bigint): void {
    const hash = this.suite.hash(this.#shadows[user]!.records[Number(epoch) - 1]!);
    this.users[user]!.add([
      [this.shadowLog('Confirmed(bytes32,uint256,bytes32)', [number(epoch)], ['bytes32'], [hash])],
    ]);
  }

  /** @returns the number of the grant */
  grant(user: number, amount: bigint): bigint {
    const count = (this.#shadows[user]!.grants += 1n);
    const topics = [this.users[user]!.identity, number(count)];
    this.hot.add([[this.hotLog('Granted(bytes32,bytes32,uint256,uint256)', topics, ['uint256'], [amount])]]);
    return count;
  }

  arrive(user: number, count: bigint, amount: bigint): void {
    const topics = [this.hot.identity, number(count)];
    this.users[user]!.add([
      [this.shadowLog('Granted(bytes32,bytes32,uint256,uint256)', topics, ['uint256'], [amount])],
    ]);
  }

  withdraw(amount: bigint): void {
    this.hot.add([[this.hotLog('Withdrawn(bytes32,address,uint256)', [word(PAYER)], ['uint256'], [amount])]]);
  }

  openedLog(owner = OWNER, hotChain = this.hot.identity): Log {
    return this.shadowLog(
      'Opened(bytes32,bytes32,address,string)',
      [hotChain],
      ['address', 'string'],
      [owner, ACCOUNT],
    );
  }

  paymentLog(name: 'Paid' | 'PaidOut', epoch: bigint, amount: bigint, account = ACCOUNT): Log {
    const topics = [word(PAYER), number(epoch)];
    const signature = `${name}(bytes32,address,uint256,uint256,bytes32)`;
    return this.shadowLog(signature, topics, ['uint256', 'bytes32'], [amount, REFERENCE], account);
  }

  closedLog(epoch: bigint, record: Uint8Array, recordHash = this.suite.hash(record)): Log {
    const signature = 'Closed(bytes32,uint256,bytes32,bytes)';
    return this.shadowLog(signature, [number(epoch)], ['bytes32', 'bytes'], [recordHash, record]);
  }

  settledLog(user: number, epoch: bigint, change: readonly bigint[] = []): Log {
    const sums = this.#sums.get(`${user}/${epoch}`) ?? [0n, 0n, 0n];
    const record = this.#shadows[user]!.records[Number(epoch) - 1] ?? new Uint8Array(1);
    return this.hotLog(
      'Settled(bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32)',
      [this.users[user]!.identity, number(epoch)],
      ['uint256', 'uint256', 'uint256', 'bytes32'],
      [...sums.map((sum, index) => sum + (change[index] ?? 0n)), this.suite.hash(record)],
    );
  }

  shadowLog(
    signature: string,
    topics: readonly Uint8Array[],
    types: readonly string[],
    values: readonly AbiValue[],
    account = ACCOUNT,
  ): Log {
    return this.#log(SHADOW_ACCOUNTS, signature, topics, types, values, account);
  }

  hotLog(
    signature: string,
    topics: readonly Uint8Array[],
    types: readonly string[] = [],
    values: readonly AbiValue[] = [],
  ): Log {
    return this.#log(HOT_ACCOUNTS, signature, topics, types, values, ACCOUNT);
  }

  #log(
    address: string,
    signature: string,
    topics: readonly Uint8Array[],
    types: readonly string[],
    values: readonly AbiValue[],
    account: string,
  ): Log {
    const own = [signature, account].map((text) => this.suite.hash(utf8Bytes(text)));
    return { address, topics: [...own, ...topics], data: encodeAbi(types, values) };
  }
}

function word(address: string): Uint8Array {
  return concatBytes(new Uint8Array(12), fromHex(address));
}

function number(value: bigint): Uint8Array {
  return fromBigInt(value, 32);
}
