/** What clients send that no node should be hurt by: broken, dear, and longer than allowed. */

/** Above what a body of JSON-RPC may have. */
const OVERSIZED_BYTES = 33 * 1024 * 1024;
const DEPTH = 200_000;
const REQUESTS = 100;
const BLOCKS_READ = 20;
/** About as many requests, and bytes, as one body may have. */
const LONG_REQUESTS = 9_900;
const LONG_CHARACTERS = 3_000;

/** @param transactions raw, `0x…`; their signatures are spoilt @param groupId of the neighbour */
export function hostileBodies(groupId: number, transactions: readonly string[]): Buffer[] {
  const request = (method: string, params: readonly unknown[], id: number) => ({ jsonrpc: '2.0', method, params, id });
  const batch = (make: (id: number) => ReturnType<typeof request>, count = REQUESTS) =>
    Buffer.from(JSON.stringify(Array.from({ length: count }, (_, id) => make(id))), 'latin1');
  const rubbish = `0x${'ab'.repeat(1024)}`;
  const small = [
    Buffer.from('{"jsonrpc":"2.0","method":"sendRawTransaction","params":[', 'latin1'),
    Buffer.from('['.repeat(DEPTH), 'latin1'),
    batch((id) => request('sendRawTransaction', [groupId, rubbish], id)),
    batch((id) => request('sendRawTransaction', [groupId, spoilt(transactions[id % transactions.length]!)], id)),
    batch((id) => request('getBlockByNumber', [groupId, '0x1', true], id), BLOCKS_READ),
    batch((id) => request('call', [groupId, { to: `0x${'0'.repeat(36)}5002`, data: rubbish }], id)),
  ];
  const long = [
    Buffer.alloc(OVERSIZED_BYTES, '['),
    batch((id) => request('getCode', [groupId, 'x'.repeat(LONG_CHARACTERS)], id), LONG_REQUESTS),
  ];
  // Rarely: most of what they cost is the sending.
  return [...small, ...small, ...small, ...long];
}

/** Another signature: its last byte but some is changed, so that it still has the right length. */
function spoilt(raw: string): string {
  const at = raw.length - 20;
  return `${raw.slice(0, at)}${raw[at] === '0' ? '1' : '0'}${raw.slice(at + 1)}`;
}
