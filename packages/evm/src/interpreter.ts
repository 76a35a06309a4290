import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { Activation } from './activation.js';
import type { AnalyzedCode } from './codeAnalysis.js';
import type { Frame } from './frame.js';
import { EXPONENT_BYTE_GAS } from './gasSchedule.js';
import { Halt } from './halt.js';
import { STACK_LIMIT } from './limits.js';
import { callWithValue, callWithoutValue, create } from './opcodes/calls.js';
import { copyReturnData, copyToMemory, emitLog, finish, hashMemory } from './opcodes/data.js';
import { Operation } from './opcodes/operation.js';
import { blockHash, externalCodeHash, selfDestruct, store } from './opcodes/state.js';
import { Opcode } from './opcodes/table.js';
import { addressOfWord, byteLength, loadPaddedWord, loadWord, power, storeWord, wordOfAddress } from './words.js';

/**
 * The loop, from the entry of the block at `frame.position` to the end of the frame. Gas, stack height and memory live in
 * locals; instructions in files of their own work on the frame, so the locals are written back before them and read again
 * after. Entering a block has paid for its instructions and made sure that the stack neither ends nor overflows inside it:
 * that is why nothing here checks either.
 * @returns the status; the frame holds the gas left and the output
 */
export function interpret(frame: Frame, activation: Activation): number {
  const { code, prices, message, host, context } = activation;
  const { operations, operands, constants, stackNeeds, stackGrowths } = code;
  const { blocks, remainders } = prices;
  const { stack } = frame;
  const { seenBlocks } = code.profile;
  let { gas, view, memorySize, height, position } = frame;
  let status: number = Halt.RUNNING;
  // Made from text only where code asks, and once.
  let caller: bigint | undefined;
  let self: bigint | undefined;
  let origin: bigint | undefined;

  for (;;) {
    const operation = operations[position]!;
    const operand = operands[position]!;
    position += 1;
    switch (operation) {
      case Operation.ENTER_BLOCK: {
        seenBlocks[operand] = 1;
        code.profile.heat += 1;
        const cost = blocks[operand]!;
        if (cost > gas) status = Halt.OUT_OF_GAS;
        else if (height < stackNeeds[operand]!) status = Halt.STACK_UNDERFLOW;
        else if (height + stackGrowths[operand]! > STACK_LIMIT) status = Halt.STACK_OVERFLOW;
        else {
          gas -= cost;
          continue;
        }
        break;
      }
      case Operation.PUSH:
        stack[height++] = constants[operand]!;
        continue;
      case Operation.DUP:
        stack[height] = stack[height - operand]!;
        height += 1;
        continue;
      case Operation.SWAP: {
        const word = stack[height - 1]!;
        stack[height - 1] = stack[height - operand]!;
        stack[height - operand] = word;
        continue;
      }
      case Opcode.POP:
        height -= 1;
        continue;

      case Operation.PUSH_JUMP:
        position = operand;
        if (position < 0) break;
        continue;
      case Operation.PUSH_JUMPI:
        height -= 1;
        if (stack[height] === 0n) continue;
        position = operand;
        if (position < 0) break;
        continue;
      case Operation.ISZERO_PUSH_JUMPI:
        height -= 1;
        if (stack[height] !== 0n) continue;
        position = operand;
        if (position < 0) break;
        continue;
      case Opcode.JUMP:
        height -= 1;
        position = jumpTarget(code, stack[height]!);
        if (position < 0) break;
        continue;
      case Opcode.JUMPI:
        height -= 2;
        if (stack[height] === 0n) continue;
        position = jumpTarget(code, stack[height + 1]!);
        if (position < 0) break;
        continue;

      case Opcode.ADD:
        height -= 1;
        stack[height - 1] = BigInt.asUintN(256, stack[height]! + stack[height - 1]!);
        continue;
      case Operation.PUSH_ADD:
        stack[height - 1] = BigInt.asUintN(256, stack[height - 1]! + constants[operand]!);
        continue;
      case Opcode.MUL:
        height -= 1;
        stack[height - 1] = BigInt.asUintN(256, stack[height]! * stack[height - 1]!);
        continue;
      case Opcode.SUB:
        height -= 1;
        stack[height - 1] = BigInt.asUintN(256, stack[height]! - stack[height - 1]!);
        continue;
      case Opcode.DIV: {
        height -= 1;
        const divisor = stack[height - 1]!;
        stack[height - 1] = divisor === 0n ? 0n : stack[height]! / divisor;
        continue;
      }
      case Opcode.SDIV: {
        height -= 1;
        const divisor = BigInt.asIntN(256, stack[height - 1]!);
        const dividend = BigInt.asIntN(256, stack[height]!);
        stack[height - 1] = divisor === 0n ? 0n : BigInt.asUintN(256, dividend / divisor);
        continue;
      }
      case Opcode.MOD: {
        height -= 1;
        const divisor = stack[height - 1]!;
        stack[height - 1] = divisor === 0n ? 0n : stack[height]! % divisor;
        continue;
      }
      case Opcode.SMOD: {
        height -= 1;
        const divisor = BigInt.asIntN(256, stack[height - 1]!);
        const dividend = BigInt.asIntN(256, stack[height]!);
        stack[height - 1] = divisor === 0n ? 0n : BigInt.asUintN(256, dividend % divisor);
        continue;
      }
      case Opcode.ADDMOD: {
        height -= 2;
        const modulus = stack[height - 1]!;
        stack[height - 1] = modulus === 0n ? 0n : (stack[height + 1]! + stack[height]!) % modulus;
        continue;
      }
      case Opcode.MULMOD: {
        height -= 2;
        const modulus = stack[height - 1]!;
        stack[height - 1] = modulus === 0n ? 0n : (stack[height + 1]! * stack[height]!) % modulus;
        continue;
      }
      case Opcode.EXP: {
        height -= 1;
        const exponent = stack[height - 1]!;
        const cost = EXPONENT_BYTE_GAS * byteLength(exponent);
        if (cost > gas) {
          status = Halt.OUT_OF_GAS;
          break;
        }
        gas -= cost;
        stack[height - 1] = power(stack[height]!, exponent);
        continue;
      }
      case Opcode.SIGNEXTEND: {
        height -= 1;
        const size = stack[height]!;
        if (size < 31n) {
          stack[height - 1] = BigInt.asUintN(256, BigInt.asIntN(8 * Number(size) + 8, stack[height - 1]!));
        }
        continue;
      }

      case Opcode.LT:
        height -= 1;
        stack[height - 1] = stack[height]! < stack[height - 1]! ? 1n : 0n;
        continue;
      case Opcode.GT:
        height -= 1;
        stack[height - 1] = stack[height]! > stack[height - 1]! ? 1n : 0n;
        continue;
      case Opcode.SLT:
        height -= 1;
        stack[height - 1] = BigInt.asIntN(256, stack[height]!) < BigInt.asIntN(256, stack[height - 1]!) ? 1n : 0n;
        continue;
      case Opcode.SGT:
        height -= 1;
        stack[height - 1] = BigInt.asIntN(256, stack[height]!) > BigInt.asIntN(256, stack[height - 1]!) ? 1n : 0n;
        continue;
      case Opcode.EQ:
        height -= 1;
        stack[height - 1] = stack[height] === stack[height - 1] ? 1n : 0n;
        continue;
      case Opcode.ISZERO:
        stack[height - 1] = stack[height - 1] === 0n ? 1n : 0n;
        continue;
      case Opcode.AND:
        height -= 1;
        stack[height - 1] = stack[height]! & stack[height - 1]!;
        continue;
      case Operation.PUSH_AND:
        stack[height - 1] = stack[height - 1]! & constants[operand]!;
        continue;
      case Opcode.OR:
        height -= 1;
        stack[height - 1] = stack[height]! | stack[height - 1]!;
        continue;
      case Opcode.XOR:
        height -= 1;
        stack[height - 1] = stack[height]! ^ stack[height - 1]!;
        continue;
      case Opcode.NOT:
        stack[height - 1] = BigInt.asUintN(256, ~stack[height - 1]!);
        continue;
      case Opcode.BYTE: {
        height -= 1;
        const index = stack[height]!;
        stack[height - 1] = index > 31n ? 0n : (stack[height - 1]! >> (248n - 8n * index)) & 0xffn;
        continue;
      }
      case Opcode.SHL: {
        height -= 1;
        const shift = stack[height]!;
        stack[height - 1] = shift > 255n ? 0n : BigInt.asUintN(256, stack[height - 1]! << shift);
        continue;
      }
      case Opcode.SHR: {
        height -= 1;
        const shift = stack[height]!;
        stack[height - 1] = shift > 255n ? 0n : stack[height - 1]! >> shift;
        continue;
      }
      case Opcode.SAR: {
        height -= 1;
        const shift = stack[height]! > 255n ? 255n : stack[height]!;
        stack[height - 1] = BigInt.asUintN(256, BigInt.asIntN(256, stack[height - 1]!) >> shift);
        continue;
      }

      case Operation.PUSH_MLOAD:
      case Opcode.MLOAD: {
        const offset = operation === Opcode.MLOAD ? Number(stack[--height]!) : operand;
        if (offset + 32 > memorySize) {
          frame.gas = gas;
          if (!frame.grow(offset + 32)) {
            status = Halt.OUT_OF_GAS;
            break;
          }
          ({ gas, view, memorySize } = frame);
        }
        stack[height++] = loadWord(view, offset);
        continue;
      }
      case Operation.PUSH_MSTORE:
      case Opcode.MSTORE: {
        const offset = operation === Opcode.MSTORE ? Number(stack[--height]!) : operand;
        if (offset + 32 > memorySize) {
          frame.gas = gas;
          if (!frame.grow(offset + 32)) {
            status = Halt.OUT_OF_GAS;
            break;
          }
          ({ gas, view, memorySize } = frame);
        }
        storeWord(view, offset, stack[--height]!);
        continue;
      }
      case Opcode.MSTORE8: {
        height -= 2;
        const offset = Number(stack[height + 1]!);
        frame.gas = gas;
        if (!frame.grow(offset + 1)) {
          status = Halt.OUT_OF_GAS;
          break;
        }
        ({ gas, view, memorySize } = frame);
        view.setUint8(offset, Number(stack[height]! & 0xffn));
        continue;
      }
      case Opcode.MSIZE:
        stack[height++] = BigInt(memorySize);
        continue;

      case Opcode.SLOAD:
        stack[height - 1] = host.storage(message.recipient, stack[height - 1]!);
        continue;
      case Opcode.CALLDATALOAD: {
        const offset = stack[height - 1]!;
        const { input } = message;
        stack[height - 1] = offset < BigInt(input.length) ? loadPaddedWord(input, Number(offset)) : 0n;
        continue;
      }
      case Opcode.CALLDATASIZE:
        stack[height++] = BigInt(message.input.length);
        continue;
      case Opcode.CODESIZE:
        stack[height++] = BigInt(code.bytes.length);
        continue;
      case Opcode.RETURNDATASIZE:
        stack[height++] = BigInt(frame.returnData.length);
        continue;
      case Opcode.CALLVALUE:
        stack[height++] = message.value;
        continue;
      case Opcode.CALLER:
        stack[height++] = caller ??= wordOfAddress(message.sender);
        continue;
      case Opcode.ADDRESS:
        stack[height++] = self ??= wordOfAddress(message.recipient);
        continue;
      case Opcode.ORIGIN:
        stack[height++] = origin ??= wordOfAddress(context.origin);
        continue;
      case Opcode.GASPRICE:
        stack[height++] = context.gasPrice;
        continue;
      case Opcode.TIMESTAMP:
        stack[height++] = BigInt(context.timestampMs);
        continue;
      case Opcode.NUMBER:
        stack[height++] = BigInt(context.blockNumber);
        continue;
      // A 2.x chain has no miner, difficulty, block gas limit, chain id of the machine, or balances: they read 0.
      case Opcode.COINBASE:
      case Opcode.DIFFICULTY:
      case Opcode.GASLIMIT:
      case Opcode.CHAINID:
      case Opcode.SELFBALANCE:
        stack[height++] = 0n;
        continue;
      case Opcode.BALANCE:
        stack[height - 1] = 0n;
        continue;
      case Opcode.EXTCODESIZE:
        stack[height - 1] = BigInt(host.codeSize(addressOfWord(stack[height - 1]!)));
        continue;
      case Opcode.EXTCODEHASH:
        stack[height - 1] = externalCodeHash(activation, stack[height - 1]!);
        continue;
      case Opcode.BLOCKHASH:
        stack[height - 1] = blockHash(activation, stack[height - 1]!);
        continue;
      case Opcode.PC:
        stack[height++] = BigInt(operand);
        continue;
      case Opcode.GAS:
        stack[height++] = BigInt(gas + remainders[operand]!);
        continue;

      case Opcode.STOP:
        frame.gas = gas;
        return Halt.SUCCESS;
      case Opcode.INVALID:
        frame.gas = gas;
        return Halt.BAD_INSTRUCTION;

      default:
        frame.gas = gas;
        frame.height = height;
        status = runOnFrame(operation, operand, frame, activation);
        if (status !== Halt.RUNNING) return status;
        ({ gas, height, view, memorySize } = frame);
        continue;
    }
    // Whoever breaks out of the switch has a status, or jumped nowhere.
    frame.gas = gas;
    return status === Halt.RUNNING ? Halt.BAD_JUMP_DESTINATION : status;
  }
}

/** Instructions with files of their own: arguments and result are on the frame's stack. */
export function runOnFrame(operation: number, operand: number, frame: Frame, activation: Activation): number {
  const { remainders } = activation.prices;
  switch (operation) {
    case Opcode.SHA3: {
      const hash = hashMemory(frame, activation, pop(frame), pop(frame));
      if (hash === undefined) return Halt.OUT_OF_GAS;
      frame.stack[frame.height++] = hash;
      return Halt.RUNNING;
    }
    case Opcode.SSTORE: {
      frame.height -= 2;
      const slot = frame.stack[frame.height + 1]!;
      return store(frame, activation, slot, frame.stack[frame.height]!, remainders[operand]!);
    }
    case Opcode.RETURN:
      return finish(frame, Halt.SUCCESS, pop(frame), pop(frame));
    case Opcode.REVERT:
      return finish(frame, Halt.REVERT, pop(frame), pop(frame));
    case Operation.LOG:
      return emitLog(frame, activation, pop(frame), pop(frame), operand);
    case Opcode.CALLDATACOPY:
      return copyToMemory(frame, activation.message.input, pop(frame), pop(frame), pop(frame));
    case Opcode.CODECOPY:
      return copyToMemory(frame, activation.code.bytes, pop(frame), pop(frame), pop(frame));
    case Opcode.EXTCODECOPY: {
      const address = frame.stack[--frame.height]!;
      // Fetching the code is the host's work: not for a copy of nothing.
      const isEmpty = frame.stack[frame.height - 3] === 0n;
      const code = isEmpty ? EMPTY_BYTES : activation.host.code(addressOfWord(address));
      return copyToMemory(frame, code, pop(frame), pop(frame), pop(frame));
    }
    case Opcode.RETURNDATACOPY:
      return copyReturnData(frame, pop(frame), pop(frame), pop(frame));
    case Opcode.CALL:
      return callWithValue(frame, activation, 'call', remainders[operand]!);
    case Opcode.CALLCODE:
      return callWithValue(frame, activation, 'callcode', remainders[operand]!);
    case Opcode.DELEGATECALL:
      return callWithoutValue(frame, activation, 'delegatecall', remainders[operand]!);
    case Opcode.STATICCALL:
      return callWithoutValue(frame, activation, 'staticcall', remainders[operand]!);
    case Opcode.CREATE:
      return create(frame, activation, false, remainders[operand]!);
    case Opcode.CREATE2:
      return create(frame, activation, true, remainders[operand]!);
    case Opcode.SELFDESTRUCT:
      return selfDestruct(activation);
    default:
      return Halt.BAD_INSTRUCTION;
  }
}

/** A word as a number: exact up to 2^53, and beyond every limit above that. */
function pop(frame: Frame): number {
  frame.height -= 1;
  return Number(frame.stack[frame.height]!);
}

/** @returns the position of the block, or -1 for a bad destination */
export function jumpTarget(code: AnalyzedCode, destination: bigint): number {
  return destination < BigInt(code.bytes.length) ? code.jumpTargets[Number(destination)]! : -1;
}
