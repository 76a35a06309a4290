import { failure, type Result, success } from '@menglian/base/result';

/** The parts of solc's standard JSON that are read or set here; all others pass through as they are. */
export interface StandardInput {
  readonly language: string;
  readonly sources: Readonly<Record<string, { readonly content?: string }>>;
  readonly settings?: {
    readonly evmVersion?: string;
    readonly outputSelection?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
    readonly [name: string]: unknown;
  };
}

export interface StandardOutput {
  readonly errors?: readonly SolcMessage[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
}

export interface SolcMessage {
  readonly severity: string;
  readonly message: string;
  readonly formattedMessage?: string;
}

/** Code is in hexadecimal digits without 0x, with placeholders for the addresses of libraries that are not linked. */
export interface SolcContract {
  readonly abi: readonly unknown[];
  readonly metadata?: string;
  readonly evm: {
    readonly bytecode: SolcCode;
    readonly deployedBytecode: SolcCode;
    /** 8 hexadecimal digits by signature */
    readonly methodIdentifiers: Readonly<Record<string, string>>;
  };
}

export interface SolcCode {
  readonly object: string;
  readonly linkReferences?: Readonly<
    Record<string, Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>>
  >;
}

/** What is asked of every compilation, besides what the caller asks for. */
const NEEDED = [
  'abi',
  'metadata',
  'evm.bytecode.object',
  'evm.bytecode.linkReferences',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.linkReferences',
  'evm.methodIdentifiers',
];

/**
 * The input as the compiler gets it: all contracts are asked for, and nothing newer than the nodes' instructions is used
 * unless the caller wants it.
 * @param version of the compiler
 */
export function prepareInput(input: StandardInput, version: string): StandardInput {
  const asked = Object.values(input.settings?.outputSelection ?? {});
  const of = (isFile: boolean) =>
    asked.flatMap((file) => Object.entries(file).flatMap(([name, parts]) => ((name === '') === isFile ? parts : [])));
  const outputSelection = { '*': { '*': [...new Set([...NEEDED, ...of(false)])], '': [...new Set(of(true))] } };
  return { ...input, settings: { evmVersion: newestEvmVersion(version), ...input.settings, outputSelection } };
}

/** Nodes run Istanbul; compilers before 0.5.14 know nothing newer than it. */
function newestEvmVersion(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+]/, 3).map(Number);
  return (major - 0 || minor - 5 || patch - 14) < 0 ? 'byzantium' : 'istanbul';
}

/** @returns why it cannot be given to a compiler */
export function checkInput(input: StandardInput): Result<void> {
  if (input.language !== 'Solidity') return failure(`its language is ${String(input.language)}, not Solidity`);
  const missing = Object.entries(input.sources).find(([, source]) => typeof source.content !== 'string');
  return missing === undefined ? success(undefined) : failure(`there is no text of ${missing[0]}`);
}

export function contractsOf(output: StandardOutput): readonly { path: string; contract: SolcContract }[] {
  return Object.entries(output.contracts ?? {}).flatMap(([source, contracts]) =>
    Object.entries(contracts).map(([name, contract]) => ({ path: `${source}:${name}`, contract })),
  );
}
