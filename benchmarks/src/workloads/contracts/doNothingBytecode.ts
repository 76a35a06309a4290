/**
 * `DoNothing.sol`, beside this file, compiled with solc 0.8.37: optimizer on, 200 runs, evmVersion istanbul, without metadata
 * (`bytecodeHash: none`, `appendCBOR: false`).
 */
export const DO_NOTHING_BYTECODE =
  '6080604052348015600f57600080fd5b50602f80601d6000396000f3fe6080604052348015600f57600080fd5b506004361060285760003560e01c8063448f30a314602d575b600080fd5b00';
