import { readdirSync } from 'node:fs';
import type { SuiteName } from '@menglian/crypto/suite';
import { readRecording, RECORDINGS } from './recordedFormats.js';

/** What JSON is made of. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Requests and answers of the recorded chain, one file a method. */
export interface RecordedCase {
  readonly name: string;
  readonly method: string;
  /** As it went over the wire. */
  readonly body: string;
  readonly params: readonly Json[];
  readonly response: Json;
}

/** An answer to one request. */
export interface RecordedAnswer {
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

interface MethodFile {
  readonly method: string;
  readonly cases: readonly {
    readonly name: string;
    readonly request?: { readonly method: string; readonly params: readonly Json[] };
    readonly requestBody?: string;
    readonly response: Json;
  }[];
}

/** Files with something else than requests and answers. */
const OTHER_FILES: ReadonlySet<string> = new Set([
  'transactions.json',
  'evm-opcodes.json',
  'contracts.json',
  'genesis.json',
  'certificates.json',
]);

/** Every recorded request, by the name of its file. */
export function recordedCases(suite: SuiteName): ReadonlyMap<string, readonly RecordedCase[]> {
  const files = new Map<string, readonly RecordedCase[]>();
  for (const file of readdirSync(RECORDINGS[suite])) {
    if (!file.endsWith('.json') || OTHER_FILES.has(file)) continue;
    const { method, cases } = readRecording(suite, file) as MethodFile;
    files.set(
      method,
      cases.map(({ name, request, requestBody, response }) => ({
        name,
        method,
        body: requestBody ?? JSON.stringify(request),
        params: request?.params ?? [],
        response,
      })),
    );
  }
  return files;
}

/**
 * Requests whose recorded answer this version does not give, each with the reason. The same list stands in
 * docs/compatibility.md, "JSON-RPC".
 */
export const LATER_METHODS: ReadonlySet<string> = new Set([
  // Groups come from configuration files only: the answer is that of a 2.x node with disable_dynamic_group=true.
  'generateGroup',
  'startGroup',
  'stopGroup',
  'removeGroup',
  'recoverGroup',
]);

/** Requests about the second group of the recorded chain, which those methods made: there is none here. */
export function isAboutSecondGroup({ method, name, params }: RecordedCase): boolean {
  if (method === 'getGroupList') return name === 'two groups';
  return name !== 'unknown group' && params[0] === 2;
}
