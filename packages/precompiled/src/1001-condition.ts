import { ContractKind, functionsOf, type FunctionContext } from './framework/systemContract.js';
import type { Comparison, Condition } from './tables/condition.js';

const NO_OUTPUT = new Uint8Array(0);

const define = functionsOf<Condition>();

type Context = FunctionContext<Condition>;

function compare({ state, gas }: Context, field: string, comparison: Comparison, value: bigint | string): Uint8Array {
  state.compare(field, comparison, value.toString());
  gas.charge('condition');
  return NO_OUTPUT;
}

function limit({ state, gas }: Context, offset: bigint, count: bigint): Uint8Array {
  state.limit(offset, count);
  gas.charge('condition');
  return NO_OUTPUT;
}

/** What Table.newCondition answers. Numbers are compared as decimal text, addresses as 40 digits without 0x. */
export const conditionKind = new ContractKind<Condition>({
  name: 'Condition',
  countsInput: true,
  unknown: NO_OUTPUT,
  functions: [
    define('EQ(string,int256)', (context, field, value) => compare(context, field, 'EQ', value)),
    define('EQ(string,string)', (context, field, value) => compare(context, field, 'EQ', value)),
    define('EQ(string,address)', (context, field, value) => compare(context, field, 'EQ', value)),
    define('NE(string,int256)', (context, field, value) => compare(context, field, 'NE', value)),
    define('NE(string,string)', (context, field, value) => compare(context, field, 'NE', value)),
    define('GT(string,int256)', (context, field, value) => compare(context, field, 'GT', value)),
    define('GE(string,int256)', (context, field, value) => compare(context, field, 'GE', value)),
    define('LT(string,int256)', (context, field, value) => compare(context, field, 'LT', value)),
    define('LE(string,int256)', (context, field, value) => compare(context, field, 'LE', value)),
    define('limit(int256)', (context, count) => limit(context, 0n, count)),
    define('limit(int256,int256)', limit),
  ],
});
