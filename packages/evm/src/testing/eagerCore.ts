import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import type { GasSchedule } from '../gasSchedule.js';
import { interpret } from '../interpreter.js';
import { TEXT_LENGTH_GOAL_MAX } from '../translation/limits.js';
import { LEFT } from '../translation/runtime.js';
import { translate } from '../translation/translate.js';
import type { Translation } from '../translation/translate.js';

type RunFrame = (frame: Frame, activation: Activation) => number;

/** Translates every code before it runs for the first time, all blocks of it. */
export function eagerCore(): RunFrame {
  return coreOf(() => true);
}

/** The same with some blocks left to the interpreter, other ones for each salt. */
export function patchyCore(salt: number): RunFrame {
  return coreOf((block) => (block * 7 + salt) % 5 !== 0);
}

function coreOf(isWanted: (block: number) => boolean): RunFrame {
  const translations = new Map<GasSchedule, WeakMap<Uint8Array, { readonly made: Translation | undefined }>>();
  return (frame, activation) => {
    const { code, prices, schedule } = activation;
    let bySchedule = translations.get(schedule);
    if (bySchedule === undefined) translations.set(schedule, (bySchedule = new WeakMap()));
    let known = bySchedule.get(code.bytes);
    if (known === undefined)
      bySchedule.set(code.bytes, (known = { made: translate(code, prices, isWanted, TEXT_LENGTH_GOAL_MAX) }));
    const status = known.made?.run(frame, activation) ?? LEFT;
    return status === LEFT ? interpret(frame, activation) : status;
  };
}
