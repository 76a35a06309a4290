import { parseArgs } from 'node:util';
import { runFaults } from './faults/runFaults.js';
import { WORKLOADS, runTps } from './tps/runTps.js';

const HELP = `npm run bench -- tps [options]       throughput and latency
npm run bench -- faults [options]    the same with a dead leader, hostile view changes; times to recover

  --nodes N            nodes of the chain, all on this machine (4)
  --consensus NAME     pbft, rpbft or raft (pbft)
  --transactions N     transactions to measure (20000; faults: 10000 each time)
  --users N            accounts that take part (1000)
  --batch N            transactions in one JSON-RPC batch (100)
  --uncommitted N      most transactions sent and not yet in a block (20000)
  --ports P2P,CHANNEL,RPC   first ports of the chain (31300,21200,18545)
  --json FILE          write the figures as JSON, too

of tps:
  --workload NAME      ${[...WORKLOADS.keys()].join(' or ')} (dag-transfer)

of faults:
  --rounds N           how often each thing is measured (3)
  --outage SECONDS     how long there is no quorum (30)
  --measure LIST       some of leader-dead,leader-death,outage,hostile (all; no hostile with raft)

Example: npm run bench -- tps --workload solidity-transfer --transactions 50000 --json report.json
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workload: { type: 'string', default: 'dag-transfer' },
    transactions: { type: 'string' },
    nodes: { type: 'string', default: '4' },
    consensus: { type: 'string', default: 'pbft' },
    users: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '100' },
    uncommitted: { type: 'string', default: '20000' },
    ports: { type: 'string', default: '31300,21200,18545' },
    rounds: { type: 'string', default: '3' },
    outage: { type: 'string', default: '30' },
    measure: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const shared = {
  nodes: Number(values.nodes),
  consensus: values.consensus,
  users: Number(values.users),
  batchSize: Number(values.batch),
  uncommittedMax: Number(values.uncommitted),
  ports: values.ports,
  jsonPath: values.json,
};

if (values.help) {
  process.stdout.write(HELP);
} else if (positionals[0] === 'tps') {
  await runTps({ ...shared, workload: values.workload, transactions: Number(values.transactions ?? 20_000) });
} else if (positionals[0] === 'faults') {
  await runFaults({
    ...shared,
    transactions: Number(values.transactions ?? 10_000),
    rounds: Number(values.rounds),
    outageSeconds: Number(values.outage),
    measurements: values.measure?.split(','),
  });
} else {
  process.stdout.write(HELP);
  process.exitCode = 2;
}
