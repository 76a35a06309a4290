import { failure, type Result, success } from '@menglian/base/result';
import { type TableQuery, Tables } from '@menglian/sdk/services/tables';
import { text } from '../arguments/kinds.js';
import { badValue, required, rest } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { outlineAnswer, tableAnswer } from '../output/answer.js';
import { changedAnswer, type CountWords } from '../output/systemAnswers.js';
import { both, PROBLEM, problem, type Problem } from '../problem.js';
import type { Session } from '../session.js';
import { type Condition, readCreate, readDelete, readInsert, readSelect, readUpdate } from '../tables/statement.js';

const CREATE = 'create table t_goods (name varchar, price varchar, primary key(name))';
const INSERT = 'insert into t_goods (name, price) values ("apple", 5)';
const SELECT = 'select * from t_goods where name = "apple" and price > 3 limit 10';
const UPDATE = 'update t_goods set price = 6 where name = "apple"';
const DELETE = 'delete from t_goods where name = "apple" and price < 5';

const ROWS: CountWords = {
  zero: { en: 'no row matches', zh: '没有匹配的记录' },
  positive: { en: 'rows', zh: '条记录' },
};

const example = (line: string) => line.slice(line.indexOf(' ') + 1);
const statement = (line: string) => rest('statement', example(line), 'as in the example', '见示例');

async function tables(session: Session): Promise<Tables> {
  return new Tables(await session.caller());
}

/** The row's key, which every statement must name, and the other conditions. */
async function asked(
  of: Tables,
  table: string,
  conditions: readonly Condition[],
  line: string,
): Promise<Result<{ readonly key: string; readonly query: TableQuery }, Problem>> {
  const { keyField } = await of.describe(table);
  const key = conditions.find(({ field, comparison }) => field === keyField && comparison === 'eq');
  if (key === undefined) {
    const message = { en: `the key ${keyField} is not asked for`, zh: `没有指定主键 ${keyField}` };
    const advice = {
      en: `write \`${keyField} = …\` among the conditions: rows are found by their key`,
      zh: `条件中须有 ${keyField} = …：记录按主键查找`,
    };
    return failure(problem(PROBLEM.badStatement, message, advice, line));
  }
  const where: Record<string, Record<string, string>> = {};
  for (const { field, comparison, value } of conditions) {
    if (field !== keyField) (where[field] ??= {})[comparison] = value;
  }
  return success({ key: key.value, query: { where } });
}

export const TABLES: Room = {
  title: { en: 'Tables', zh: '表' },
  commands: [
    command({
      name: 'create',
      en: 'makes a table; all values are text',
      zh: '建表，所有字段均为文本',
      parameters: [statement(CREATE)],
      examples: [example(CREATE)],
      run: async (session, [given]) => {
        const read = readCreate(given, CREATE);
        if (!read.ok) return read;
        const { table, keyField, fields } = read.value;
        return success(changedAnswer(await (await tables(session)).create(table, keyField, fields)));
      },
    }),
    command({
      name: 'desc',
      en: 'the key and the fields of a table',
      zh: '查询表的主键与字段',
      parameters: [required('table', text('t_goods'), 'its name', '表名')],
      examples: ['t_goods'],
      run: async (session, [table]) => success(outlineAnswer(await (await tables(session)).describe(table))),
    }),
    command({
      name: 'insert',
      en: 'adds a row; several rows may have the same key',
      zh: '插入记录，主键可重复',
      parameters: [statement(INSERT)],
      examples: [example(INSERT), 'into t_goods values ("apple", 5)'],
      run: async (session, [given]) => {
        const read = readInsert(given, INSERT);
        if (!read.ok) return read;
        const { table, values } = read.value;
        const of = await tables(session);
        const { keyField, valueFields } = await of.describe(table);
        const fields = read.value.fields ?? [keyField, ...valueFields];
        if (fields.length !== values.length || !fields.includes(keyField)) {
          const list = both([keyField, ...valueFields].join(', '));
          return failure(badValue('values', values.join(', '), list, INSERT));
        }
        const entry = Object.fromEntries(fields.map((field, index) => [field, values[index]!]));
        const { [keyField]: key, ...others } = entry;
        return success(changedAnswer(await of.insert(table, key!, others), ROWS));
      },
    }),
    command({
      name: 'select',
      en: 'rows of a key',
      zh: '按主键查询记录',
      parameters: [statement(SELECT)],
      examples: [example(SELECT)],
      run: async (session, [given]) => {
        const read = readSelect(given, SELECT);
        if (!read.ok) return read;
        const { table, fields, conditions, limit } = read.value;
        const of = await tables(session);
        const found = await asked(of, table, conditions, SELECT);
        if (!found.ok) return found;
        const { key, query } = found.value;
        const rows = await of.select(table, key, { ...query, ...(limit && { limit }) });
        const names = fields ?? Object.keys(rows[0] ?? {});
        const shown = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? ''])));
        return success(
          tableAnswer(
            shown,
            names.map(both),
            shown.map((row) => Object.values(row)),
          ),
        );
      },
    }),
    command({
      name: 'update',
      en: 'changes rows of a key',
      zh: '按主键更新记录',
      parameters: [statement(UPDATE)],
      examples: [example(UPDATE)],
      run: async (session, [given]) => {
        const read = readUpdate(given, UPDATE);
        if (!read.ok) return read;
        const { table, changes, conditions } = read.value;
        const of = await tables(session);
        const found = await asked(of, table, conditions, UPDATE);
        if (!found.ok) return found;
        return success(changedAnswer(await of.update(table, found.value.key, changes, found.value.query), ROWS));
      },
    }),
    command({
      name: 'delete',
      aliases: ['remove'],
      en: 'removes rows of a key',
      zh: '按主键删除记录',
      parameters: [statement(DELETE)],
      examples: [example(DELETE)],
      run: async (session, [given]) => {
        const read = readDelete(given, DELETE);
        if (!read.ok) return read;
        const of = await tables(session);
        const found = await asked(of, read.value.table, read.value.conditions, DELETE);
        if (!found.ok) return found;
        return success(changedAnswer(await of.remove(read.value.table, found.value.key, found.value.query), ROWS));
      },
    }),
  ],
};
