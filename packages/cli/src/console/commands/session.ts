import { failure, success } from '@menglian/base/result';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { integer, text } from '../arguments/kinds.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Room } from '../command.js';
import { allHelp, commandHelp } from '../help.js';
import { textAnswer } from '../output/answer.js';
import { PLAIN } from '../output/style.js';
import { PROBLEM, problem } from '../problem.js';

/** @param rooms all commands, this room's too: asked when somebody wants help */
export function sessionRoom(rooms: () => readonly Room[]): Room {
  return { title: { en: 'This session', zh: '会话' }, commands: [help(rooms), switchGroup, quit] };
}

function help(rooms: () => readonly Room[]): ConsoleCommand {
  return command({
    name: 'help',
    aliases: ['h', '?'],
    en: 'all commands, or how one of them is used',
    zh: '全部命令，或某个命令的用法',
    parameters: [optional('command', text('deploy', 'commands'), 'name of a command', '命令名')],
    examples: ['', 'deploy'],
    run: async (session, [name]) => {
      const all = rooms();
      if (name === undefined) {
        const names = Object.fromEntries(all.map(({ title, commands }) => [title.en, commands.map((one) => one.name)]));
        return success({
          json: names,
          view: { kind: 'drawn', draw: (language, style) => allHelp(all, language, style) },
        });
      }
      const wanted = name.toLowerCase();
      const found = all
        .flatMap(({ commands }) => commands)
        .find((one) => [one.name, ...one.aliases].some((known) => known.toLowerCase() === wanted));
      if (found === undefined) {
        const message = { en: `there is no command ${name}`, zh: `没有命令 ${name}` };
        const advice = { en: 'see `help` for all of them', zh: '输入 help 查看全部命令' };
        return failure(problem(PROBLEM.unknownCommand, message, advice, 'help'));
      }
      return success({
        json: { name: found.name, help: commandHelp(found, session.language, PLAIN) },
        view: { kind: 'drawn', draw: (language, style) => commandHelp(found, language, style) },
      });
    },
  });
}

const switchGroup = command({
  name: 'switch',
  aliases: ['s'],
  en: 'goes to another group of the node',
  zh: '切换群组',
  parameters: [required('group', { ...integer(1, MAX_GROUP_ID), source: 'groups' }, 'number of the group', '群组编号')],
  examples: ['2'],
  run: async (session, [group]) => {
    const groups = (await (await session.client()).getGroupList()).toSorted((a, b) => a - b);
    if (!groups.includes(group)) {
      const list = groups.join(', ');
      const message = { en: `the node does not run group ${group}`, zh: `节点没有群组 ${group}` };
      const advice = { en: `its groups are: ${list}`, zh: `该节点的群组：${list}` };
      return failure(problem(PROBLEM.notFound, message, advice, `switch ${groups[0] ?? 1}`));
    }
    session.groupId = group;
    return success(textAnswer({ group }, { en: `This is group ${group}.`, zh: `已切换到群组 ${group}。` }));
  },
});

const quit = command({
  name: 'quit',
  aliases: ['exit', 'q'],
  en: 'ends the console',
  zh: '退出控制台',
  parameters: [],
  examples: [''],
  run: async (session) => {
    session.isEnded = true;
    return success(textAnswer(null, { en: 'Bye.', zh: '再见。' }));
  },
});
