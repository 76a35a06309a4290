import { contractsOf, type SolcCode, type SolcContract, type StandardOutput } from './standardJson.js';

/** How the hash of the metadata begins at the end of code, in CBOR, and how many bytes it has. */
const METADATA_HASHES = [
  { start: '65627a7a72305820', length: 32 },
  { start: '65627a7a72315820', length: 32 },
  { start: '64697066735822', length: 34 },
];

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
  if (replacements.size === 0) return text;
  const pattern = [...replacements.keys()].map((value) => value.replaceAll('$', String.raw`\$`)).join('|');
  return text.replaceAll(new RegExp(pattern, 'g'), (value) => replacements.get(value)!);
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
  const cbor = code.slice(-4 - length, -4);
  for (const { start, length: bytes } of METADATA_HASHES) {
    const at = cbor.indexOf(start);
    if (at >= 0) return cbor.slice(at + start.length, at + start.length + bytes * 2);
  }
  return undefined;
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
