import { fromHex, parseHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { GenesisConfig } from '@menglian/types/genesis';
import { decodeTransaction, signTransaction, verifyTransaction } from '@menglian/types/transaction';
import type { SignedTransaction } from '@menglian/types/transaction';
import { readRecording } from './recordedFormats.js';

/** The recorded chain as blocks of signed transactions with what the original node answered. */

export interface RecordedReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly output: string;
  readonly contractAddress: string;
  readonly logs: readonly { address: string; topics: string[]; data: string }[];
  readonly logsBloom: string;
  readonly transactionIndex: string;
}

/** Of deployments in evm-opcodes.json no more was recorded. */
export type PartialReceipt = Pick<RecordedReceipt, 'status' | 'gasUsed' | 'contractAddress'>;

export interface RecordedTransaction {
  readonly name: string;
  readonly transaction: SignedTransaction;
  readonly receipt: RecordedReceipt | PartialReceipt;
}

export interface RecordedCall {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly height: number;
  readonly status: string;
  readonly output: string;
}

export interface RecordedChain {
  readonly genesis: GenesisConfig;
  /** By height; heights without an entry held blocks that nothing is recorded of. */
  readonly blocks: ReadonlyMap<number, readonly RecordedTransaction[]>;
  readonly calls: readonly RecordedCall[];
  readonly timestamps: ReadonlyMap<number, number>;
  readonly hashes: ReadonlyMap<number, Uint8Array>;
  readonly lastNumber: number;
}

interface TransactionVector {
  description: string;
  privateKey: string;
  sender: string;
  fields: { gas: number; gasPrice: number; blockLimit: number; chainId: number; groupId: number };
  signedRlp: string;
  blockNumber?: string;
  receipt?: RecordedReceipt;
}

interface CallVector {
  name: string;
  request: { params: [number, { from?: string; to: string; data: string; value: string }] };
  response: { result?: { currentBlockNumber: string; output: string; status: string } };
}

interface HeaderVector {
  hash: string;
  number: string | number;
  parentHash: string;
  timestamp: string;
}

interface OpcodeVector {
  opcode: string;
  runtimeCode: string;
  /** The SM recording has the transaction, too. */
  deploy: PartialReceipt & { from: string; signedRlp?: string };
  callRequest: CallVector['request'];
  callResponse: Required<CallVector['response']>;
  transaction?: { signedRlp: string; receipt: RecordedReceipt & { blockNumber: string }; block: HeaderVector };
}

/** The chain that was recorded with this suite. */
export function loadRecordedChain(suite: CryptoSuite): RecordedChain {
  const load = <T>(name: string): T => readRecording(suite.name, name) as T;
  const chain = new ChainBuilder(suite);
  const { transactions } = load<{ transactions: TransactionVector[] }>('transactions.json');
  for (const vector of transactions) chain.addTransaction(vector);
  for (const vector of load<{ cases: OpcodeVector[] }>('evm-opcodes.json').cases) chain.addOpcode(vector, transactions);
  for (const vector of load<{ cases: CallVector[] }>('call.json').cases) chain.addCall(vector);
  const hashes = load<{ cases: { request: { params: [number, string] }; response: { result?: string } }[] }>(
    'getBlockHashByNumber.json',
  );
  for (const { request, response } of hashes.cases) {
    if (response.result !== undefined) chain.addHash(Number(request.params[1]), response.result);
  }
  const genesis = load<{ nodeIds: string[]; groupGenesisIni: string }>('genesis.json');
  return chain.finish(genesisConfig(genesis.nodeIds, genesis.groupGenesisIni));
}

class ChainBuilder {
  readonly #suite: CryptoSuite;
  readonly #blocks = new Map<number, RecordedTransaction[]>();
  readonly #calls: RecordedCall[] = [];
  readonly #timestamps = new Map<number, number>();
  readonly #hashes = new Map<number, Uint8Array>();

  constructor(suite: CryptoSuite) {
    this.#suite = suite;
  }

  addTransaction(vector: TransactionVector): void {
    if (vector.receipt === undefined || vector.blockNumber === undefined) return;
    this.#add(Number(vector.blockNumber), {
      name: vector.description,
      transaction: this.#decode(vector.signedRlp),
      receipt: vector.receipt,
    });
  }

  /** Where the deployment itself is not recorded, its init code follows from its gas and its address from the order. */
  addOpcode(vector: OpcodeVector, transactions: readonly TransactionVector[]): void {
    const height = Number(vector.callResponse.result.currentBlockNumber);
    const deployer = transactions.find((other) => other.sender === vector.deploy.from)!;
    const { signedRlp: deployment } = vector.deploy;
    this.#add(height, {
      name: `deploy ${vector.opcode}`,
      transaction:
        deployment === undefined
          ? this.#deployment(deployer, hexBytes(vector.runtimeCode), BigInt(height))
          : this.#decode(deployment),
      receipt: vector.deploy,
    });
    this.addCall({ name: vector.opcode, request: vector.callRequest, response: vector.callResponse });
    if (vector.transaction === undefined) return;
    const { signedRlp, receipt, block } = vector.transaction;
    this.#add(Number(receipt.blockNumber), { name: vector.opcode, transaction: this.#decode(signedRlp), receipt });
    this.addHeader(block);
    if (vector.opcode === 'TIMESTAMP') this.#timestamps.set(height, Number(vector.callResponse.result.output));
  }

  addCall(vector: CallVector): void {
    const { result } = vector.response;
    const [, object] = vector.request.params;
    if (result === undefined || object.from === undefined) return;
    this.#calls.push({
      name: vector.name,
      from: object.from.slice(2),
      to: object.to.slice(2),
      data: hexBytes(object.data),
      value: BigInt(object.value),
      height: Number(result.currentBlockNumber),
      status: result.status,
      output: result.output,
    });
  }

  addHeader(header: HeaderVector): void {
    const number = Number(header.number);
    this.#timestamps.set(number, Number(header.timestamp));
    this.addHash(number, header.hash);
    this.addHash(number - 1, header.parentHash);
  }

  addHash(number: number, hash: string): void {
    this.#hashes.set(number, hexBytes(hash));
  }

  finish(genesis: GenesisConfig): RecordedChain {
    const index = (recorded: RecordedTransaction): number =>
      'transactionIndex' in recorded.receipt ? Number(recorded.receipt.transactionIndex) : 0;
    for (const transactions of this.#blocks.values()) transactions.sort((a, b) => index(a) - index(b));
    return {
      genesis,
      blocks: this.#blocks,
      calls: this.#calls.toSorted((a, b) => a.height - b.height),
      timestamps: this.#timestamps,
      hashes: this.#hashes,
      lastNumber: Math.max(...this.#blocks.keys()),
    };
  }

  #add(height: number, recorded: RecordedTransaction): void {
    const block = this.#blocks.get(height);
    if (block === undefined) this.#blocks.set(height, [recorded]);
    else block.push(recorded);
  }

  #decode(rlp: string): SignedTransaction {
    const decoded = decodeTransaction(this.#suite, hexBytes(rlp));
    if (!decoded.ok) throw new Error(`recorded transaction: ${decoded.reason}`);
    const signed = verifyTransaction(this.#suite, decoded.value);
    if (signed === undefined) throw new Error('recorded transaction: signature');
    return signed;
  }

  #deployment(deployer: TransactionVector, runtimeCode: Uint8Array, nonce: bigint): SignedTransaction {
    const { gas, gasPrice, chainId, groupId } = deployer.fields;
    const fields = {
      nonce,
      gasPrice: BigInt(gasPrice),
      gas: BigInt(gas),
      blockLimit: 600n,
      to: undefined,
      value: 0n,
      data: initCodeOf(runtimeCode),
      chainId: BigInt(chainId),
      groupId: BigInt(groupId),
      extraData: new Uint8Array(0),
    };
    return signTransaction(this.#suite, fields, hexBytes(deployer.privateKey));
  }
}

/** PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN, then the code. */
function initCodeOf(runtimeCode: Uint8Array): Uint8Array {
  const length = runtimeCode.length.toString(16).padStart(4, '0');
  const prefix = fromHex(`61${length}80600c6000396000f3`);
  return Uint8Array.from([...prefix, ...runtimeCode]);
}

function genesisConfig(sealers: readonly string[], ini: string): GenesisConfig {
  const value = (key: string): string => new RegExp(`^\\s*${key}=(.*)$`, 'm').exec(ini)![1]!.trim();
  return {
    groupId: Number(value('id')),
    timestampMs: Number(value('timestamp')),
    sealers,
    consensusType: 'pbft',
    maxTransactions: Number(value('max_trans_num')),
    consensusTimeoutSeconds: Number(value('consensus_timeout')),
    gasLimit: BigInt(value('gas_limit')),
    epochSealerCount: Number(value('epoch_sealer_num')),
    epochBlockCount: Number(value('epoch_block_num')),
    freeStorage: value('enable_free_storage') === 'true',
    stateType: 'storage',
  };
}

/** Hexadecimal of the recording, upper or lower case, with or without its prefix. */
export function hexBytes(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new Error(`recorded hexadecimal: ${text.slice(0, 20)}`);
  return bytes;
}
