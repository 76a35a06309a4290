import { contractsOf, type SolcCode, type SolcContract, type StandardOutput } from './standardJson.js';

/** The hash of the metadata, 32 bytes, with what begins it in CBOR: by Swarm, two versions, and by IPFS. */
const METADATA_HASH = /(65627a7a723[01]5820|646970667358221220)([0-9a-f]{64})/;
/** The placeholder of a library since 0.5: the first half of the hash of its name. */
const PLACEHOLDER = /__\$[0-9a-f]{34}\$__/;
const FACTS = new RegExp(`${METADATA_HASH.source}|${PLACEHOLDER.source}`, 'g');

/**
 * What is a fact about the source and not about the chain stays as every compiler has it, so that sources can be found
 * and libraries linked by the usual tools: the ABI, the metadata, its hash at the end of code, the placeholders of libraries.
 * The last two are replaced by value, wherever they are: a hash does not occur by accident.
 * @param text output of the compiler with the exchanged hash function
 * @param plain output of the compiler as it is, for the same input
 */
export function restoreSourceFacts(text: string, plain: StandardOutput): StandardOutput {
  const usual = new Map(contractsOf(plain).map(({ path, contract }) => [path, contract]));
  const replacements = new Map<string, string>();
  for (const { path, contract } of contractsOf(JSON.parse(text) as StandardOutput)) {
    const from = factsOf(contract);
    const to = new Map(factsOf(usual.get(path)));
    for (const [name, value] of from) {
      const wanted = to.get(name);
      if (wanted !== undefined && wanted !== value) replacements.set(value, wanted);
    }
  }
  const output = JSON.parse(replaceAll(text, replacements)) as StandardOutput;
  const contracts = Object.entries(output.contracts ?? {}).map(([source, named]) => [
    source,
    Object.fromEntries(
      Object.entries(named).map(([name, contract]) => [
        name,
        { ...contract, ...described(usual.get(`${source}:${name}`)) },
      ]),
    ),
  ]);
  return { ...output, contracts: Object.fromEntries(contracts) };
}

/** Compilers before 0.5 sort the ABI by selectors, others by names. */
function described(contract: SolcContract | undefined): Partial<SolcContract> {
  if (contract === undefined) return {};
  const { abi, metadata } = contract;
  return { abi, ...(metadata !== undefined && { metadata }) };
}

function replaceAll(text: string, replacements: ReadonlyMap<string, string>): string {
  return text.replaceAll(FACTS, (all: string, start = '', hash = all) => start + (replacements.get(hash) ?? hash));
}

/** Names and values that stand in the code of a contract. */
function factsOf(contract: SolcContract | undefined): [name: string, value: string][] {
  if (contract === undefined) return [];
  const { bytecode, deployedBytecode } = contract.evm;
  const hash = metadataHash(deployedBytecode.object);
  return [
    ...(hash === undefined ? [] : [['metadata', hash] as [string, string]]),
    ...placeholders(bytecode),
    ...placeholders(deployedBytecode),
  ];
}

/** The last two bytes are the length of the CBOR before them. */
function metadataHash(code: string): string | undefined {
  const length = Number.parseInt(code.slice(-4), 16) * 2;
  return METADATA_HASH.exec(code.slice(-4 - length, -4))?.[2];
}

function placeholders({ object, linkReferences = {} }: SolcCode): [name: string, value: string][] {
  return Object.entries(linkReferences).flatMap(([source, libraries]) =>
    Object.entries(libraries).flatMap(([library, places]) =>
      places.map(({ start, length }): [string, string] => [
        `${source}:${library}`,
        object.slice(start * 2, (start + length) * 2),
      ]),
    ),
  );
}
