import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGroupGenesis, readGroupTuning } from '@menglian/node/config/groupConfig';
import type { ConfigProblem } from '@menglian/node/config/ini';
import { readNodeConfig } from '@menglian/node/config/nodeConfig';
import { MESSAGE_CODES } from '@menglian/pbft/messages';
import * as rpcErrors from '@menglian/rpc/errors';
import { GROUP_METHODS } from '@menglian/rpc/methods/groupMethods';
import { NODE_METHODS } from '@menglian/rpc/methods/nodeMethods';
import { TransactionStatus } from '@menglian/types/status';
import { limitsPage } from './limitsPage.js';
import { codeWords, pathOf, read, section, tableRows, trackedFiles, unionWords } from './repository.js';

/** The pages are run against the code, not trusted. */

const jsonRpc = read('docs/json-rpc.md');
const pages = trackedFiles().filter((path) => path.endsWith('.md'));
const headings = (page: string) => [...page.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);

/** What GitHub makes of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('pages that the sources cite', () => {
  const sources = trackedFiles().filter((path) => /^(packages|benchmarks|test|scripts)\/.*\.(ts|mjs|md)$/.test(path));
  const citations = sources.flatMap((path) => {
    // A comment may break its line anywhere, also between the page and the section.
    const text = read(path).replaceAll(/\n\s*(\*|\/\/)? ?/g, ' ');
    return [...text.matchAll(/\bdocs\/[\w/-]+\.md(?:, "([^"]+)"|, (T\d)\b|, safety rule (\d+))?/g)].map(
      ([citation, heading, vector, rule]) => ({
        path,
        page: /docs\/[\w/-]+\.md/.exec(citation)![0],
        heading,
        vector,
        rule,
      }),
    );
  });

  it('exist', () => {
    expect(citations.length).toBeGreaterThan(30);
    const missing = citations.filter(({ page }) => !existsSync(pathOf(page)));
    expect(missing.map(({ path, page }) => `${path} cites ${page}`)).toEqual([]);
  });

  it('have the section, test vector or rule', () => {
    const wrong = citations
      .filter(({ page }) => existsSync(pathOf(page)))
      .filter(({ page, heading, vector, rule }) => {
        const text = read(page);
        if (heading !== undefined) return !headings(text).includes(heading);
        if (vector !== undefined) return !text.includes(`**${vector}**`);
        return rule !== undefined && !new RegExp(`^${rule}\\. `, 'm').test(section(text, 'Safety rules'));
      });
    expect(wrong.map(({ path, page, heading, vector, rule }) => [path, page, heading ?? vector ?? rule])).toEqual([]);
  });
});

describe('links to headings', () => {
  it('lead to one', () => {
    const wrong: string[] = [];
    for (const path of pages) {
      for (const [, file, anchor] of read(path).matchAll(/\]\(([^)#\s:]*)#([^)]+)\)/g)) {
        const target = file === '' ? path : new URL(file!, `file:///${path}`).pathname.slice(1);
        if (!existsSync(pathOf(target))) continue;
        if (!headings(read(target)).map(anchorOf).includes(decodeURIComponent(anchor!)))
          wrong.push(`${path} → ${file}#${anchor}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('docs/json-rpc.md', () => {
  const rows = headings(jsonRpc)
    .filter((heading) => heading.startsWith('Methods of '))
    .flatMap((heading) => tableRows(section(jsonRpc, heading)));

  it('has every method with the types of its parameters, and no other', () => {
    const documented = rows.map(([method, parameters]) => [codeWords(method!)[0], codeWords(parameters!).join()]);
    const known = [
      ...[...GROUP_METHODS].map(([name, { params }]) => [name, ['integer', ...params].join()]),
      ...[...NODE_METHODS].map(([name, { params }]) => [name, (params ?? []).join()]),
    ];
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('has every error with its text, and no other', () => {
    const documented = new Map(
      tableRows(section(jsonRpc, 'Errors')).map(([code, message]) => [Number(code), message!]),
    );
    const known = new Map<number, string>();
    for (const value of Object.values(rpcErrors)) {
      if (typeof value === 'object') known.set(value.code, value.message);
    }
    known.set(rpcErrors.internalError('').code, 'INTERNAL_ERROR: …');
    for (const error of [rpcErrors.overLimit('`<method>`'), rpcErrors.notAllowed('`<method>`')]) {
      known.set(error.code, error.message);
    }
    const outOfRange = rpcErrors.receiptIndexOutOfRange(0);
    known.set(outOfRange.code, outOfRange.message.replace(/\d+$/, 'N'));
    expect([...documented].toSorted()).toEqual([...known].toSorted());
  });

  it('has every word of a refusal, and no other', () => {
    const documented = tableRows(section(jsonRpc, 'Refusal words')).map(([word]) => codeWords(word!)[0]);
    expect(documented.toSorted()).toEqual(unionWords('packages/txpool/src/refusal.ts', 'RefusalWord').toSorted());
  });
});

describe('docs/formats.md', () => {
  it('has the status table of the code', () => {
    const documented = tableRows(section(read('docs/formats.md'), 'Status table')).map(([number, hex, name]) => [
      name,
      Number(number),
      Number(hex),
    ]);
    expect(documented).toEqual(Object.entries(TransactionStatus).map(([name, status]) => [name, status, status]));
  });

  it('has every word of a transaction that does not decode', () => {
    const documented = tableRows(section(read('docs/formats.md'), 'Transaction'))
      .map(([word]) => word!)
      .filter((word) => word.startsWith('`'))
      .flatMap(codeWords);
    expect(documented.toSorted()).toEqual(
      unionWords('packages/types/src/transaction.ts', 'TransactionReason').toSorted(),
    );
  });
});

describe('docs/configuration.md', () => {
  type Reader = (text: string, file: string) => { readonly ok: boolean; readonly reason?: readonly ConfigProblem[] };
  const page = read('docs/configuration.md');
  const UNKNOWN = 'no-such-key';

  /** Asks a reader which keys it knows in these sections: it names them when it meets another one. */
  function knownKeys(reader: Reader, sections: readonly string[]): string[] {
    const text = sections.map((name) => `[${name}]\n${UNKNOWN}=1\n`).join('');
    return (reader(text, 'file').reason ?? []).flatMap(({ message }) => {
      const known = /known in \[(\w+)\]: (.*)$/.exec(message);
      return known === null ? [] : known[2]!.split(', ').map((key) => `${known[1]}.${key}`);
    });
  }

  /** Names of sections in the text of a reader, for those that the page might not have. */
  function sectionsIn(path: string): string[] {
    const calls = /(?:reader\.\w+\(|refuseTrue\(reader, )'(\w+)'/g;
    return [...new Set([...read(path).matchAll(calls)].map((match) => match[1]!))];
  }

  it.each<[string, Reader, string]>([
    ['config.ini', readNodeConfig as Reader, 'packages/node/src/config/nodeConfig.ts'],
    ['group.N.genesis', readGroupGenesis as Reader, 'packages/node/src/config/groupConfig.ts'],
    ['group.N.ini', readGroupTuning as Reader, 'packages/node/src/config/groupConfig.ts'],
  ])('has every key of %s, and no other', (heading, reader, path) => {
    const documented = tableRows(section(page, heading)).map(([key]) => codeWords(key!)[0]!);
    const sections = new Set([...documented.map((key) => key.split('.')[0]!), ...sectionsIn(path)]);
    expect(documented.length).toBeGreaterThan(10);
    expect(documented.toSorted()).toEqual(knownKeys(reader, [...sections]).toSorted());
  });
});

describe('docs/wire.md', () => {
  it('has the number of every consensus message', () => {
    const documented = tableRows(section(read('docs/wire.md'), 'Consensus'))
      .filter(([code]) => /^\d+$/.test(code!))
      .map(([code, name]) => [
        name!.replaceAll(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase()),
        Number(code),
      ]);
    expect(Object.fromEntries(documented)).toEqual(MESSAGE_CODES);
  });
});

describe('docs/operations.md', () => {
  it('explains every reason for which a connection is refused', () => {
    const network = 'packages/network/src/';
    const words = [
      ...unionWords(`${network}admission.ts`, 'OwnRefusal'),
      ...unionWords(`${network}admission.ts`, 'HandshakeFault'),
      ...unionWords(`${network}admission.ts`, 'HandshakeRefusal'),
      ...unionWords(`${network}sm/smMessageStream.ts`, 'LinkFault'),
      ...unionWords('packages/certificates/src/certificateReason.ts', 'CertificateReason'),
      ...unionWords('packages/certificates/src/pem.ts', 'PemReason'),
      ...unionWords(`${network}accessList.ts`, 'AccessRefusal'),
    ];
    const documented = codeWords(section(read('docs/operations.md'), 'Log lines worth knowing'));
    expect([...new Set(words)].filter((word) => !documented.includes(word))).toEqual([]);
  });
});

describe('docs/limits.md', () => {
  it('is what the sources say; `npx vitest run test/docs -u` makes it anew', async () => {
    await expect(limitsPage()).toMatchFileSnapshot(pathOf('docs/limits.md'));
  });
});

describe('docs/adr', () => {
  it('numbers its decisions once, and each says what got worse', () => {
    const names = pages.filter((path) => path.startsWith('docs/adr/') && path !== 'docs/adr/template.md');
    const numbers = names.map((path) => /^docs\/adr\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]);
    expect(numbers).not.toContain(undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(names.filter((path) => !read(path).includes('What got worse'))).toEqual([]);
  });

  it('gives the version of every dependency at run time', () => {
    const documented = tableRows(read('docs/adr/0001-dependencies.md'))
      .map(([name, version]) => `${codeWords(name!)[0]} ${version}`)
      .toSorted();
    const used = trackedFiles()
      .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
      .flatMap((path) => Object.entries((JSON.parse(read(path)) as { dependencies?: object }).dependencies ?? {}))
      .filter(([name]) => !name.startsWith('@menglian/'))
      .map(([name, version]) => `${name} ${version as string}`);
    expect(documented).toEqual([...new Set(used)].toSorted());
  });
});

describe('ARCHITECTURE.md', () => {
  it('says of every package what its manifest lets it import', () => {
    const documented = tableRows(section(read('ARCHITECTURE.md'), 'Packages')).map((cells) => [
      codeWords(cells[0]!)[0],
      cells[3],
    ]);
    const manifests = trackedFiles().filter((path) => /^packages\/[^/]+\/package\.json$/.test(path));
    const declared = manifests.map((path) => {
      const { dependencies } = JSON.parse(read(path)) as { dependencies?: object };
      const own = Object.keys(dependencies ?? {}).filter((name) => name.startsWith('@menglian/'));
      const names = own.map((name) => name.replace('@menglian/', '')).toSorted();
      return [path.split('/')[1], names.join(', ') || 'nothing'];
    });
    expect(documented.toSorted()).toEqual(declared.toSorted());
  });
});

describe('README.md', () => {
  const readme = read('README.md');
  const blocks = [...readme.matchAll(/^```\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  const commands = [...blocks.flatMap((block) => block.split('\n')), ...codeWords(readme)]
    .flatMap((line) => line.split(' && '))
    .filter((line) => /^(npm|npx) /.test(line));

  it('names scripts and commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const sources = trackedFiles().filter((path) => /^packages\/cli\/src\/(main|commands\/\w+)\.ts$/.test(path));
    const known = new Set(
      sources.flatMap((path) => [...read(path).matchAll(/new Command\('(\w+)'\)/g)].map((match) => match[1]!)),
    );
    const wrong = commands.filter((command) => {
      const [program, first, ...rest] = command.split(/\s+/);
      if (program === 'npm') {
        const script = first === 'run' ? rest[0] : first;
        return script !== 'install' && scripts[script!] === undefined;
      }
      const words = rest.slice(
        0,
        rest.findIndex((word) => word.startsWith('-')),
      );
      return first !== 'menglian' || words.length === 0 || words.some((word) => !known.has(word));
    });
    expect(commands.length).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
  });

  it('has what CI runs', () => {
    expect(read('.ci/run')).toContain('npm install && npm test');
    expect(readme).toContain('npm install && npm test');
  });
});
