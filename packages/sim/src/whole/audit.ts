import { equalBytes, fromHex, toHex } from '@menglian/base/bytes';
import { InvariantError } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Ledger } from '@menglian/ledger/ledger';
import { headerHash } from '@menglian/types/header';
import type { GenesisConfig } from '@menglian/types/genesis';
import { decodeTransaction, type Transaction } from '@menglian/types/transaction';
import { moneyIn } from './bank.js';
import type { Clients } from './clients.js';
import type { WholeNode } from './wholeNode.js';

const ROTATION_CONTRACT = '1011'.padStart(40, '0');

interface KnownBlock {
  readonly hash: string;
  readonly stateRoot: string;
}

/**
 * What must hold whenever a node has stored a block, and again when it starts: the numbers of the rules are those of the
 * README of this folder. It reads the ledgers of the nodes and shares nothing else with them.
 */
export class Audit {
  readonly #suite: CryptoSuite;
  readonly #genesis: GenesisConfig;
  readonly #clients: Clients;
  /** The one block of each height. */
  readonly #chain = new Map<number, KnownBlock>();
  readonly #blockOf = new Map<string, number>();
  /** How far each node has told that it is. */
  readonly #heights = new Map<number, number>();
  highest = 0;

  constructor(components: { readonly suite: CryptoSuite; readonly genesis: GenesisConfig; readonly clients: Clients }) {
    this.#suite = components.suite;
    this.#genesis = components.genesis;
    this.#clients = components.clients;
  }

  /** S8, S15: what was stored is there, and at most one block more. */
  onStarted(node: WholeNode): void {
    const { ledger } = node.group!;
    const { number } = ledger.head();
    const told = this.#heights.get(node.index) ?? 0;
    const isSnapshot = told === 0 && ledger.lowestBody > 1;
    const isWhole = number === told || number === told + 1 || isSnapshot;
    demand(isWhole, 'S15', node, `starts with block ${number}, had told ${told}`);
    for (let height = Math.max(ledger.lowestBody, number - 2); height <= number; height++)
      this.#checkBlock(node, ledger, height);
    this.#heights.set(node.index, number);
  }

  onHead(node: WholeNode): void {
    const { ledger } = node.group!;
    const { number } = ledger.head();
    const told = this.#heights.get(node.index) ?? 0;
    demand(number > told, 'S8', node, `tells head ${number} after ${told}`);
    for (let height = Math.max(ledger.lowestBody, told + 1); height <= number; height++)
      this.#checkBlock(node, ledger, height);
    this.#heights.set(node.index, number);
    const { total, expected } = moneyIn(ledger.view());
    demand(total === expected, 'S12', node, `block ${number}: ${total} in the accounts, not ${expected}`);
  }

  /** Its disk was taken away: it begins again. */
  forget(node: WholeNode): void {
    this.#heights.delete(node.index);
  }

  /** S1 and S7 over whole chains: every block of every node, and all that clients know. */
  checkAll(nodes: readonly WholeNode[]): void {
    for (const node of nodes) {
      const { ledger } = node.group!;
      const { number } = ledger.head();
      for (let height = ledger.lowestBody; height <= number; height++) this.#checkBlock(node, ledger, height);
      for (const [id, block] of this.#clients.acknowledged) {
        if (block > number || block < ledger.lowestBody) continue;
        const location = ledger.locate(fromHex(id));
        demand(location?.number === block, 'S7', node, `lost what was acknowledged in block ${block}`);
      }
    }
    for (const id of this.#clients.expired) {
      const block = this.#blockOf.get(id);
      if (block !== undefined) throw new InvariantError('sim/S4', `block ${block} holds what could not be in one`);
    }
  }

  #checkBlock(node: WholeNode, ledger: Ledger, height: number): void {
    const block = ledger.blockByNumber(height)!;
    const { header } = block;
    const hash = toHex(block.hash);
    const known = this.#chain.get(height);
    if (known !== undefined) {
      demand(known.hash === hash, 'S1', node, `block ${height} is ${hash.slice(0, 6)}, not ${known.hash.slice(0, 6)}`);
      return;
    }
    demand(equalBytes(headerHash(this.#suite, header), block.hash), 'S3', node, `block ${height} has another hash`);
    const parent = this.#chain.get(height - 1)?.hash;
    demand(parent === undefined || parent === toHex(header.parentHash), 'S2', node, `block ${height} has no parent`);
    this.#checkCertificate(node, block);
    for (const [index] of block.transactions.entries()) {
      const id = toHex(block.transactionHash(index));
      const transaction = this.#clients.transactionOf(id) ?? this.#rotationIn(block.transactions[index]!);
      demand(transaction !== undefined, 'S4', node, `block ${height} holds a transaction of nobody`);
      demand(Number(transaction!.blockLimit) >= height, 'S4', node, `block ${height} holds an expired transaction`);
      const other = this.#blockOf.get(id);
      demand(other === undefined, 'S4', node, `block ${height} repeats a transaction of block ${other}`);
      this.#blockOf.set(id, height);
    }
    this.#chain.set(height, { hash, stateRoot: toHex(header.stateRoot) });
    this.highest = Math.max(this.highest, height);
  }

  /** In rPBFT leaders make transactions of their own, for one contract. */
  #rotationIn(raw: Uint8Array): Transaction | undefined {
    if (this.#genesis.consensusType !== 'rpbft') return undefined;
    const decoded = decodeTransaction(this.#suite, raw);
    return decoded.ok && decoded.value.to === ROTATION_CONTRACT ? decoded.value : undefined;
  }

  /** S3, counted without the engine's arithmetic. Whether the list of sealers is the right one: see reexecution.ts. */
  #checkCertificate(
    node: WholeNode,
    { header, hash, signatures }: NonNullable<ReturnType<Ledger['blockByNumber']>>,
  ): void {
    const signers = new Set<number>();
    for (const { index, signature } of signatures) {
      const sealer = header.sealerList[index];
      const isValid = sealer !== undefined && this.#suite.verify(hash, signature, fromHex(sealer));
      demand(isValid && !signers.has(index), 'S3', node, `block ${header.number} has a wrong signature`);
      signers.add(index);
    }
    const share = this.#genesis.consensusType === 'raft' ? 1 / 2 : 2 / 3;
    const isEnough = signers.size > share * header.sealerList.length;
    demand(isEnough, 'S3', node, `block ${header.number} has ${signers.size} signatures`);
  }
}

function demand(condition: boolean, rule: string, node: WholeNode, detail: string): void {
  if (!condition) throw new InvariantError(`sim/${rule}`, `node ${node.index}: ${detail}`);
}
