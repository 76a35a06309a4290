import { TransactionStatus } from '@menglian/types/status';

/**
 * How running code ends: numbers of the receipt's status field. Instructions in files of their own answer with one of
 * these, or with RUNNING when the code goes on.
 */
export const Halt = {
  RUNNING: -1,
  SUCCESS: TransactionStatus.None,
  /** a change of state in static mode, or a read beyond the return data: 2.x has no number for them but Unknown */
  UNKNOWN: TransactionStatus.Unknown,
  BAD_INSTRUCTION: TransactionStatus.BadInstruction,
  BAD_JUMP_DESTINATION: TransactionStatus.BadJumpDestination,
  OUT_OF_GAS: TransactionStatus.OutOfGas,
  STACK_OVERFLOW: TransactionStatus.OutOfStack,
  STACK_UNDERFLOW: TransactionStatus.StackUnderflow,
  REVERT: TransactionStatus.RevertInstruction,
  PERMISSION_DENIED: TransactionStatus.PermissionDenied,
} as const;

/** Gas left to the caller: the table in ports.ts. */
export function gasLeftAfter(status: number, gas: number, messageGas: number): number {
  switch (status) {
    case Halt.SUCCESS:
    case Halt.REVERT:
      return gas;
    case Halt.OUT_OF_GAS:
    case Halt.PERMISSION_DENIED:
      return messageGas;
    default:
      return 0;
  }
}
