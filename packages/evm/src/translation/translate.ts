import type { Activation } from '../activation.js';
import type { AnalyzedCode, CodePrices } from '../codeAnalysis.js';
import type { Frame } from '../frame.js';
import type { GasSchedule } from '../gasSchedule.js';
import { TEXT_LENGTH_MAX } from './limits.js';
import { ProgramWriter } from './programWriter.js';
import { RUNTIME } from './runtime.js';

/** Code as a JavaScript function, for one schedule of prices. */
export interface Translation {
  readonly schedule: GasSchedule;
  /** characters */
  readonly textLength: number;
  /** Runs a frame that was just opened. @returns a status, or LEFT */
  readonly run: (frame: Frame, activation: Activation) => number;
}

const NAMES = Object.keys(RUNTIME);

/**
 * Translates the wanted blocks of a code. Time and text are bounded by `limits.ts`, whatever the code.
 * @param textGoal characters after which no further block is begun
 * @returns undefined when too little or too much would come of it, or when the platform forbids code from text
 */
export function translate(
  code: AnalyzedCode,
  prices: CodePrices,
  isWanted: (block: number) => boolean,
  textGoal: number,
): Translation | undefined {
  const program = new ProgramWriter(code, prices, isWanted, textGoal).program();
  if (program === undefined || program.length > TEXT_LENGTH_MAX) return undefined;
  try {
    // The text holds numbers found in the code and names of ours, nothing else. Brackets around a function make the engine
    // compile it at once, instead of looking through it first.
    const names = NAMES.filter((name) => program.includes(`${name}(`));
    const text = `"use strict";const {${names.join()}}=R,END=1n<<256n,MAX=END-1n;return (function(f,a){${program}})`;
    const make = new Function('R', text) as (runtime: typeof RUNTIME) => Translation['run'];
    return { schedule: prices.schedule, textLength: program.length, run: make(RUNTIME) };
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
