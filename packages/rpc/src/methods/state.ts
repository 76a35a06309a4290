import { ZERO_ADDRESS } from '@menglian/types/address';
import { CALL_NEEDS_FROM, INVALID_SYSTEM_CONFIG, RpcFailure, internalError } from '../errors.js';
import { bytesText, quantity } from '../format/quantity.js';
import type { Json } from '../json.js';
import { CALL_DATA_BYTES_MAX } from '../limits.js';
import { addressParameter, bytesParameter, integerParameter } from '../parameters.js';
import type { CallRequest, GroupView } from '../ports.js';
import type { GroupMethod } from './groupMethod.js';

/** Case counts here, unlike in the system contract. */
const SYSTEM_CONFIG_KEYS: ReadonlySet<string> = new Set([
  'tx_count_limit',
  'tx_gas_limit',
  'rpbft_epoch_sealer_num',
  'rpbft_epoch_block_num',
  'consensus_timeout',
  'enable_charge_mgr',
  'enable_cns_route',
  'enable_interchain',
]);

function callRequest(fields: Readonly<Record<string, unknown>>): CallRequest {
  const from = textField(fields, 'from');
  if (from === '') throw new RpcFailure(CALL_NEEDS_FROM);
  const to = textField(fields, 'to');
  const value = fields['value'];
  for (const unused of ['gas', 'gasPrice', 'randomid', 'blockLimit']) numberField(fields[unused]);
  const data = bytesParameter(textField(fields, 'code') || textField(fields, 'data'));
  if (data.length > CALL_DATA_BYTES_MAX) {
    throw new RpcFailure(internalError(`call data of ${data.length} bytes`, `at most ${CALL_DATA_BYTES_MAX} are run`));
  }
  return {
    from: addressParameter(from),
    to: to === '' || to === '0x' ? ZERO_ADDRESS : addressParameter(to),
    data,
    value: BigInt.asUintN(256, numberField(value)),
  };
}

/** '' for what is absent or no string. */
function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** Hexadecimal or decimal text, or a JSON number; 0 when absent or ''. */
function numberField(value: unknown): bigint {
  if (typeof value === 'number') return integerParameter(String(value));
  return typeof value === 'string' && value !== '' ? integerParameter(value) : 0n;
}

function call(view: GroupView, fields: Readonly<Record<string, unknown>>): Json {
  const { status, output } = view.call(callRequest(fields));
  return { currentBlockNumber: quantity(view.blockNumber()), output: bytesText(output), status: quantity(status) };
}

/** Methods that read the state and run code on it without a transaction (docs/json-rpc.md). */
export const STATE_METHODS: Readonly<Record<string, GroupMethod>> = {
  call: { params: ['object'], run: call },
  getCode: {
    params: ['string'],
    run: (view, address: string) => bytesText(view.code(addressParameter(address))),
  },
  getSystemConfigByKey: {
    params: ['string'],
    run: (view, key: string) => {
      if (!SYSTEM_CONFIG_KEYS.has(key)) throw new RpcFailure(INVALID_SYSTEM_CONFIG);
      return view.systemConfig(key);
    },
  },
};
