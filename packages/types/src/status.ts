/** Statuses of transactions: what a receipt says, and from 10000 up why a transaction never entered a block. */

/** Facts: docs/formats.md, "Status table". */
export const TransactionStatus = {
  None: 0,
  Unknown: 1,
  BadRLP: 2,
  InvalidFormat: 3,
  OutOfGasIntrinsic: 4,
  InvalidSignature: 5,
  InvalidNonce: 6,
  NotEnoughCash: 7,
  OutOfGasBase: 8,
  BlockGasLimitReached: 9,
  BadInstruction: 10,
  BadJumpDestination: 11,
  OutOfGas: 12,
  OutOfStack: 13,
  StackUnderflow: 14,
  NonceCheckFail: 15,
  BlockLimitCheckFail: 16,
  FilterCheckFail: 17,
  NoDeployPermission: 18,
  NoCallPermission: 19,
  NoTxPermission: 20,
  PrecompiledError: 21,
  RevertInstruction: 22,
  InvalidZeroSignatureFormat: 23,
  AddressAlreadyUsed: 24,
  PermissionDenied: 25,
  CallAddressError: 26,
  GasOverflow: 27,
  TxPoolIsFull: 28,
  TransactionRefused: 29,
  ContractFrozen: 30,
  AccountFrozen: 31,
  NotEnoughRemainGas: 32,
  AlreadyKnown: 10000,
  AlreadyInChain: 10001,
  InvalidChainId: 10002,
  InvalidGroupId: 10003,
  RequestNotBelongToTheGroup: 10004,
  MalformedTx: 10005,
  OverGroupMemoryLimit: 10006,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(TransactionStatus).map(([name, status]): [number, string] => [status, name]),
  // A 2.x node shows this name for 10000, and clients compare the text.
  [TransactionStatus.AlreadyKnown, 'StackUnderflow'],
]);

/** `statusMsg` of JSON-RPC. Numbers outside the table are `Unknown`. */
export function statusName(status: number): string {
  return NAMES.get(status) ?? 'Unknown';
}
