import { EMPTY_BYTES } from '@menglian/base/bytes';
import { ZERO_ADDRESS } from '@menglian/types/address';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import type { BlockScope } from '../blockScope.js';
import { ACCESS_TABLE } from '@menglian/ledger/systemTables';
import { baseGas, intrinsicGas } from './baseGas.js';
import { executeTransaction } from './executeTransaction.js';
import type { Execution, Request } from './executeTransaction.js';
import type { TransactionHost } from './transactionHost.js';

/** Governance, which hands out the gas, and rotation in rPBFT, which leaders must make whatever gas they have. */
const EXEMPT_ADDRESSES: ReadonlySet<Address | undefined> = new Set([
  '0000000000000000000000000000000000001008',
  '0000000000000000000000000000000000001011',
]);

/**
 * A transaction with its price. Where `enable_charge_mgr` is on, the sender pays the gas used out of its record, and without
 * enough for the base gas nothing runs. Chargers, committee members and the exempt addresses pay nothing: docs/evm.md,
 * "Freezing, permissions, gas charging".
 */
export function executeCharged(host: TransactionHost, request: Request): Execution {
  const { block } = host;
  if (!block.chargeGas) return executeTransaction(host, request);
  if (isExempt(block, request)) {
    return { ...executeTransaction(host, request), gasUsed: 0n, remainGas: remainGas(block, request.from) ?? 0n };
  }
  const available = remainGas(block, request.from);
  const base = baseGas(intrinsicGas(request.data, request.to === undefined), block.freeStorage);
  if (available === undefined || available < BigInt(base)) return unpaid(available ?? 0n);

  const execution = executeTransaction(host, request);
  return { ...execution, remainGas: deduct(block, request.from, execution.gasUsed) };
}

function isExempt(block: BlockScope, request: Request): boolean {
  return (
    EXEMPT_ADDRESSES.has(request.to) ||
    block.chargers.has(request.from) ||
    block.authority.writers(ACCESS_TABLE).has(request.from)
  );
}

function remainGas(block: BlockScope, address: Address): bigint | undefined {
  return block.overlay.account(address)?.remainGas;
}

/** Takes at most what is there. A wrapped gasUsed (refund.ts) is a negative one: it costs nothing. */
function deduct(block: BlockScope, address: Address, gasUsed: bigint): bigint {
  const account = block.overlay.account(address);
  if (account?.remainGas === undefined) return 0n;
  const price = gasUsed > BigInt(block.gasLimit) ? 0n : gasUsed;
  const rest = account.remainGas > price ? account.remainGas - price : 0n;
  block.overlay.setAccount(address, { ...account, remainGas: rest });
  block.overlay.commitTransaction();
  return rest;
}

function unpaid(remaining: bigint): Execution {
  return {
    status: TransactionStatus.NotEnoughRemainGas,
    gasUsed: 0n,
    contractAddress: ZERO_ADDRESS,
    output: EMPTY_BYTES,
    logs: [],
    remainGas: remaining,
  };
}
