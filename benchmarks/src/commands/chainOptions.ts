import { failure, success, type Result } from '@menglian/base/result';
import type { Localized } from '@menglian/cli/language';
import { readNumbers, readPorts, type NumberName, type OptionTexts } from './optionValues.js';
import { outputProblem } from './outputFile.js';

/** What every command with a chain of its own is told (`addPlaceFlags`). */
export interface ChainCommandOptions<K extends NumberName> {
  readonly numbers: Readonly<Record<K | 'nodes', number>>;
  /** first ports of the chain, with commas */
  readonly ports: string;
  /** a file that can be written, if one was asked for */
  readonly json: string | undefined;
}

/** @param names of further numbers than `nodes` @returns or the first problem, found before a chain is built */
export function readChainOptions<K extends NumberName>(
  texts: OptionTexts,
  names: readonly K[],
): Result<ChainCommandOptions<K>, Localized> {
  const json = texts['json'] as string | undefined;
  const problem = outputProblem(json);
  if (problem !== undefined) return failure(problem);
  const numbers = readNumbers<K | 'nodes'>(texts, ['nodes', ...names]);
  if (!numbers.ok) return numbers;
  const ports = readPorts(String(texts['ports']), numbers.value.nodes);
  if (!ports.ok) return ports;
  return success({ numbers: numbers.value, ports: ports.value, json });
}
