import type { FunctionContext } from './systemContract.js';
import { requireGas, SystemError, WORK_SPENT } from './systemError.js';

/** Gas of one signature that a contract checks. */
export const GAS_PER_SIGNATURE = 30_000;

/** In the units of SystemHost.spend. A check takes some hundred µs natively and milliseconds without. */
export const WORK_PER_SIGNATURE = 200_000;

/**
 * Pays for signatures before they are checked. @param count of all that may be looked at
 * @throws SystemError where gas or work do not suffice: nothing is checked then
 */
export function chargeSignatures(
  { host, gas, gasLimit }: Pick<FunctionContext<unknown>, 'host' | 'gas' | 'gasLimit'>,
  count: number,
): void {
  gas.add(GAS_PER_SIGNATURE * count);
  requireGas(gas.total(), gasLimit);
  if (!host.spend(WORK_PER_SIGNATURE * count)) throw new SystemError(WORK_SPENT);
}
