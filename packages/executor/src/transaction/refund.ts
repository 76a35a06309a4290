const WORD_MASK = (1n << 256n) - 1n;

/**
 * gasUsed after the refund. The cap is (tx.gas - gas left) / 2 in unsigned 256-bit arithmetic with the transaction's OWN gas
 * field, which limits nothing else: a field below the gas left wraps, the cap vanishes, and gasUsed itself can come out as
 * a wrapped negative number. Receipts must be equal, so it does here too: docs/evm.md, "Refunds".
 * @param limit effective tx_gas_limit. @param gasField the transaction's field
 */
export function gasUsedAfterRefund(limit: number, gasLeft: number, refunds: number, gasField: bigint): bigint {
  if (refunds === 0) return BigInt(limit - gasLeft);
  const left = BigInt(gasLeft);
  const cap = ((gasField - left) & WORD_MASK) / 2n;
  const refund = cap < BigInt(refunds) ? cap : BigInt(refunds);
  return (BigInt(limit) - left - refund) & WORD_MASK;
}
