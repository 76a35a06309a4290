import { describe, expect, it } from 'vitest';
import { readArguments } from '../arguments/parameters.js';
import { tokens } from '../arguments/tokens.js';
import { commandHelp } from '../help.js';
import { PLAIN } from '../output/style.js';
import { COMMAND_NAMES, findCommand, ROOMS } from './all.js';

const commands = ROOMS.flatMap((room) => room.commands);

describe('all commands', () => {
  it('have names of their own', () => {
    const names = COMMAND_NAMES.map((name) => name.toLowerCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of COMMAND_NAMES) expect(findCommand(name.toUpperCase())).toBe(findCommand(name));
  });

  it.each(commands.map((command) => [command.name, command] as const))('%s has help and examples', (name, command) => {
    const texts = [
      command.summary,
      command.details,
      ...command.parameters.flatMap(({ text, kind }) => [text, kind.expected]),
    ];
    for (const text of texts) {
      if (text === undefined) continue;
      expect(text.en).toMatch(/[a-z]/i);
      expect(text.zh).toMatch(/\p{Script=Han}|^(true|false|\W)+$/u);
      expect(text.en).not.toMatch(/\p{Script=Han}/u);
    }
    for (const language of ['en', 'zh'] as const) expect(commandHelp(command, language, PLAIN)).toContain(name);
    for (const example of command.examples) {
      const read = tokens(example);
      const given = read.ok ? read.value.slice(1) : [];
      expect([example, read.ok && read.value[0]?.text]).toEqual([example, name]);
      expect([example, readArguments({ ...command, example }, given)]).toMatchObject([example, { ok: true }]);
    }
  });

  it.each(commands.flatMap((command) => command.parameters.map((parameter) => [command.name, parameter] as const)))(
    '%s: the example of each argument is right',
    (_, { kind }) => {
      expect(kind.read({ text: kind.example, isQuoted: false })).toBeDefined();
    },
  );
});
