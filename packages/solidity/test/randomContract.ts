import type { AbiValue } from '@menglian/codec/abi';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { type Step, step } from './support.js';

/** A source that every compiler takes, with calls to it. */
export interface RandomContract {
  readonly source: string;
  readonly steps: readonly Step[];
  /** whose hashes may be seen */
  readonly texts: readonly string[];
}

const FUNCTIONS_MAX = 16;
const TYPES = ['uint256', 'uint8', 'bool', 'bytes32', 'address', 'string', 'bytes4'] as const;

type Type = (typeof TYPES)[number];

/** A contract with n functions, events and variables, and another that calls it. The name of each is in `Target`. */
export function randomContract(random: SeededRandom, hasErrors: boolean): RandomContract {
  const functions = Array.from({ length: 1 + random.below(FUNCTIONS_MAX) }, (_, index) =>
    randomFunction(random, index, hasErrors),
  );
  const source = `
contract Callee {
  uint256 public sum;
  mapping(uint256 => uint256) public numbered;
  mapping(bytes32 => bytes32) public marked;
  ${functions.map(({ text }) => text).join('\n  ')}
}
contract Caller {
  Callee public callee = new Callee();
  ${functions.map(({ forward }) => forward).join('\n  ')}
}`;
  const signatures = functions.map(({ name, types }) => `${name}(${types.join(',')})`);
  const steps = Array.from({ length: 3 * functions.length }, (): Step => {
    const { name, types } = random.pick(functions);
    return step(`${name}(${types.join(',')})`, ...types.map((type) => randomValue(random, type)));
  });
  const texts = functions.flatMap(({ texts }) => texts);
  // Texts that are indexed show as their hashes.
  texts.push(...steps.flatMap(({ values }) => values.filter((value) => typeof value === 'string')));
  return {
    source,
    steps: [...steps, step('sum()')],
    texts: ['Error(string)', 'Panic(uint256)', ...signatures, ...texts],
  };
}

function randomFunction(random: SeededRandom, index: number, hasErrors: boolean) {
  const name = `${randomName(random)}${index}`;
  const types = Array.from({ length: random.below(4) }, () => random.pick(TYPES));
  const parameters = types.map((type, at) => `${type}${type === 'string' ? ' memory' : ''} p${at}`).join(', ');
  const arguments_ = types.map((_, at) => `p${at}`).join(', ');
  const signature = `${name}(${types.join(',')})`;
  const packed = `keccak256(abi.encode(${[`"${name}"`, ...types.map((_, at) => `p${at}`)].join(', ')}))`;
  const event = `E${name}`;
  const error = hasErrors ? `X${name}(${types.join(',')})` : '';
  const body = [
    `sum += ${index + 1};`,
    `numbered[sum % 7] += sum;`,
    `marked[keccak256("${name}")] = ${packed};`,
    `require(msg.sig == this.${name}.selector, "sig");`,
    `require(msg.sig == bytes4(keccak256("${signature}")), "text");`,
    ...(random.chance(50)
      ? [`emit ${event}(sum, ${[`"${name}"`, ...types.map((_, at) => `p${at}`)].join(', ')});`]
      : []),
    ...(random.chance(25) ? [`if (sum % 3 == 0) revert("${name}");`] : []),
    ...(hasErrors && random.chance(25) ? [`if (sum % 5 == 0) revert X${name}(${arguments_});`] : []),
    ...(random.chance(15) ? ['assert(sum % 11 != 0);'] : []),
    `return (sum, marked[keccak256("${name}")] == ${packed});`,
  ];
  const declared = types.map((type, at) => `${type} ${at === 0 ? 'indexed ' : ''}p${at}`).join(', ');
  const text = [
    `event ${event}(uint256 indexed sum, string name${types.length > 0 ? `, ${declared}` : ''});`,
    ...(hasErrors ? [`error X${name}(${types.map((type, at) => `${type} p${at}`).join(', ')});`] : []),
    `function ${name}(${parameters}) public returns (uint256, bool) { ${body.join(' ')} }`,
  ].join('\n  ');
  const forward = random.chance(50)
    ? `function ${name}(${parameters}) public returns (uint256, bool) { return callee.${name}(${arguments_}); }`
    : `function ${name}(${parameters}) public returns (uint256, bool same) {
    bytes memory data = abi.encodeWithSignature("${signature}"${types.length > 0 ? `, ${arguments_}` : ''});
    same = keccak256(data) == keccak256(abi.encodeWithSelector(callee.${name}.selector${types.length > 0 ? `, ${arguments_}` : ''}));
    address to = address(callee);
    assembly {
      let done := call(gas_, to, 0, add(data, 32), mload(data), 0, 0)
      returndatacopy(0, 0, returndatasize_)
      if iszero(done) { revert(0, returndatasize_) }
    }
    return (callee.sum(), same);
  }`;
  const texts = [
    `${event}(uint256,string${types.map((type) => `,${type}`).join('')})`,
    ...(error === '' ? [] : [error]),
  ];
  return { name, types, text, forward, texts };
}

function randomName(random: SeededRandom): string {
  return Array.from({ length: 1 + random.below(12) }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz'])).join('');
}

function randomValue(random: SeededRandom, type: Type): AbiValue {
  switch (type) {
    case 'uint256':
    case 'uint8':
      return BigInt(random.below(256));
    case 'bool':
      return random.chance(50);
    case 'bytes32':
      return random.bytes(32);
    case 'bytes4':
      return random.bytes(4);
    case 'address':
      return '5a'.repeat(20);
    case 'string':
      return randomName(random).repeat(random.below(9));
  }
}
