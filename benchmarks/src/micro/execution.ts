import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, Address as LibraryAddress } from '@ethereumjs/util';
import { EMPTY_BYTES, fromHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { AnalyzedCode, analyze } from '@menglian/evm/codeAnalysis';
import { execute } from '@menglian/evm/execute';
import { NORMAL_SCHEDULE } from '@menglian/evm/gasSchedule';
import type { EvmHost } from '@menglian/evm/ports';
import { TestChain } from '@menglian/executor/testing/testChain';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { ERC20_BYTECODE } from '../workloads/contracts/erc20Bytecode.js';
import type { MicroCase, Subject } from './microCase.js';
import { packageVersion } from './packageVersion.js';

const TRANSACTIONS_A_BLOCK = 1000;
const LIBRARY_CALLS = 50;
const USERS = 1000;
const GAS = 300_000_000;

const TRANSFER = functionOf('transfer(address,uint256)');

function tokenTransfer(suite: CryptoSuite, index: number): Uint8Array {
  const receiver = (0xabcdefn + BigInt(index % USERS)).toString(16).padStart(40, '0');
  return callData(suite, TRANSFER, [`0x${receiver}`, 1n]);
}

/** A block of calls through the executor: overlay, contract, receipts, digest; not its signatures, not its storing. */
function blockSubject(
  suite: CryptoSuite,
  prepare: (chain: TestChain, sender: string) => { to: string; data: (index: number) => Uint8Array },
): Subject {
  const chain = new TestChain(suite, suite);
  const account = chain.account(1);
  const { to, data } = prepare(chain, account.address);
  const template = chain.sign(account, { to });
  // The sender is simply named: checking signatures is another case.
  const transactions = Array.from({ length: TRANSACTIONS_A_BLOCK }, (_, index) => ({ ...template, data: data(index) }));
  chain.run(...transactions);
  return {
    name: 'menglian',
    version: '',
    run() {
      const { receipts } = chain.execute(transactions);
      invariant(
        receipts.every(({ status }) => status === 0),
        'benchmarks/receipts',
      );
      return receipts.length;
    },
  };
}

/** State of one contract that calls no others, in a map. */
class MapHost implements EvmHost {
  readonly #slots = new Map<bigint, bigint>();

  storage(_address: string, slot: bigint): bigint {
    return this.#slots.get(slot) ?? 0n;
  }

  setStorage(_address: string, slot: bigint, value: bigint): boolean {
    this.#slots.set(slot, value);
    return true;
  }

  codeSize = () => 0;
  code = () => EMPTY_BYTES;
  codeHash = () => undefined;
  blockHash = () => 0n;
  emitLog = () => {};
  selfDestruct = () => {};
  addRefund = () => {};
  call = ({ gas }: { readonly gas: number }) => ({ success: false, gasLeft: gas, output: EMPTY_BYTES });
  create = ({ gas }: { readonly gas: number }) => ({ success: false, gasLeft: gas, output: EMPTY_BYTES, address: '' });
}

/** The EVM alone: what of a transfer is the contract's own. */
function evmSubject(suite: CryptoSuite): Subject {
  const host = new MapHost();
  const [origin, contract] = ['11'.repeat(20), 'c0'.repeat(20)];
  const context = { origin, gasPrice: 1n, blockNumber: 5, timestampMs: 0, budget: { remaining: 1e15 } };
  const run = (code: AnalyzedCode | Uint8Array, input: Uint8Array) => {
    const target = { sender: origin, recipient: contract, codeAddress: contract };
    const message = { kind: 'call' as const, gas: GAS, ...target, value: 0n, input, depth: 0, isStatic: false };
    return execute(code, message, host, context, NORMAL_SCHEDULE, suite);
  };
  const code = analyze(run(fromHex(ERC20_BYTECODE), EMPTY_BYTES).output);
  const inputs = Array.from({ length: TRANSACTIONS_A_BLOCK }, (_, index) => tokenTransfer(suite, index));
  return {
    name: 'menglian',
    version: '',
    run() {
      for (const input of inputs) invariant(run(code, input).status === 0, 'benchmarks/transfer');
      return inputs.length;
    },
  };
}

async function librarySubject(suite: CryptoSuite): Promise<Subject> {
  const common = new Common({
    chain: Mainnet,
    hardfork: Hardfork.Istanbul,
    // With the fast hash of ours, so that the interpreters are compared.
    customCrypto: { keccak256: (bytes) => suite.hash(bytes) },
  });
  const stateManager = new SimpleStateManager({ common });
  const evm = await createEVM({ common, stateManager });
  const caller = new LibraryAddress(fromHex('11'.repeat(20)));
  await stateManager.putAccount(caller, new Account(0n, 10n ** 18n));
  const created = await evm.runCall({ caller, data: fromHex(ERC20_BYTECODE), gasLimit: 10_000_000n });
  const to = created.createdAddress;
  invariant(to !== undefined && created.execResult.exceptionError === undefined, 'benchmarks/created');
  const inputs = Array.from({ length: LIBRARY_CALLS }, (_, index) => tokenTransfer(suite, index));
  return {
    name: '@ethereumjs/evm',
    version: packageVersion('@ethereumjs/evm'),
    async run() {
      for (const data of inputs) {
        const { execResult } = await evm.runCall({ caller, to, data, gasLimit: 1_000_000n });
        invariant(execResult.exceptionError === undefined, 'benchmarks/transfer');
      }
      return inputs.length;
    },
  };
}

export const EVM_CASE: MicroCase = {
  name: 'evm',
  description: { en: 'a token transfer in the EVM alone', zh: '仅 EVM 执行一笔代币转账' },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    return { ours: evmSubject(suite), others: [await librarySubject(suite)] };
  },
};

export const EXECUTE_CASE: MicroCase = {
  name: 'execute',
  description: {
    en: 'a token transfer in a block of 1,000: state, contract, receipt and digest; the library runs the contract only',
    zh: '1000 笔区块中的一笔代币转账：状态、合约、回执与摘要；对照库只执行合约',
  },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const ours = blockSubject(suite, (chain) => {
      const account = chain.account(1);
      const deployed = chain.run(chain.sign(account, { data: fromHex(ERC20_BYTECODE) }));
      return { to: deployed.receipts[0]!.contractAddress, data: (index) => tokenTransfer(suite, index) };
    });
    return { ours, others: [await librarySubject(suite)] };
  },
};

export const EXECUTE_DAG_CASE: MicroCase = {
  name: 'execute-dag',
  description: {
    en: 'a DagTransfer transfer in a block of 1,000, against the token contract in the library',
    zh: '1000 笔区块中的一笔 DagTransfer 转账，对照库执行代币合约',
  },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const to = '5002'.padStart(40, '0');
    const ours = blockSubject(suite, (chain) => {
      const account = chain.account(1);
      const opening = (index: number) => chain.data('userAdd(string,uint256)', `user${index}`, 1_000_000_000n);
      chain.run(...Array.from({ length: USERS }, (_, index) => chain.sign(account, { to, data: opening(index) })));
      const transfer = (index: number) =>
        chain.data('userTransfer(string,string,uint256)', `user${index}`, `user${(index * 7 + 1) % USERS}`, 1n);
      return { to, data: transfer };
    });
    return { ours, others: [await librarySubject(suite)] };
  },
};
