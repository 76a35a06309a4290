import { parseArgs } from 'node:util';
import { WORKLOADS, runTps } from './tps/runTps.js';

const HELP = `npm run bench -- tps [options]

  --workload NAME      ${[...WORKLOADS.keys()].join(' or ')} (dag-transfer)
  --transactions N     transactions to measure (20000)
  --nodes N            nodes of the chain, all on this machine (4)
  --users N            accounts that take part (1000)
  --batch N            transactions in one JSON-RPC batch (100)
  --uncommitted N      most transactions sent and not yet in a block (20000)
  --ports P2P,CHANNEL,RPC   first ports of the chain (31300,21200,18545)
  --json FILE          write the figures as JSON, too

Example: npm run bench -- tps --workload solidity-transfer --transactions 50000 --json report.json
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workload: { type: 'string', default: 'dag-transfer' },
    transactions: { type: 'string', default: '20000' },
    nodes: { type: 'string', default: '4' },
    users: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '100' },
    uncommitted: { type: 'string', default: '20000' },
    ports: { type: 'string', default: '31300,21200,18545' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || positionals[0] !== 'tps') {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  await runTps({
    workload: values.workload,
    transactions: Number(values.transactions),
    nodes: Number(values.nodes),
    users: Number(values.users),
    batchSize: Number(values.batch),
    uncommittedMax: Number(values.uncommitted),
    ports: values.ports,
    jsonPath: values.json,
  });
}
