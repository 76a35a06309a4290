import type { CryptoSuite } from '@menglian/crypto/suite';
import type { AnalyzedCode, CodePrices } from './codeAnalysis.js';
import type { GasSchedule } from './gasSchedule.js';
import type { CallMessage, EvmHost, TransactionContext } from './ports.js';

/** What runs, for whom and where: all that an instruction may ask for beside its frame. */
export interface Activation {
  readonly code: AnalyzedCode;
  readonly prices: CodePrices;
  readonly message: CallMessage;
  readonly host: EvmHost;
  readonly context: TransactionContext;
  readonly schedule: GasSchedule;
  readonly suite: CryptoSuite;
}
