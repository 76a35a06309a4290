import { toHex } from '@menglian/base/bytes';
import { selector } from '@menglian/codec/abi';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { describe, expect, it } from 'vitest';
import { ALL_KINDS } from './testing/allKinds.js';

/** Contract → functions with the first bytes of keccak-256 and of SM3 of their signatures, as clients of 2.x send them. */
const SELECTORS: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  SystemConfig: [['setValueByKey(string,string)', 'bd291aef', '0749b518']],
  TableFactory: [
    ['openTable(string)', 'f23f63c9', '59a48b65'],
    ['createTable(string,string,string)', '56004b6a', 'c92a7801'],
  ],
  Table: [
    ['select(string,address)', 'e8434e39', 'd8ac5957'],
    ['insert(string,address)', '31afac36', '4c6f30c0'],
    ['update(string,address,address)', 'bf2b70a1', '664b37d6'],
    ['remove(string,address)', '28bb2117', '09ff42f0'],
    ['newEntry()', '13db9346', '5887ab24'],
    ['newCondition()', '7857d7c9', 'c74f8caf'],
  ],
  Entries: [
    ['get(int256)', '846719e0', '3dd2b614'],
    ['size()', '949d225d', 'd3e9af5a'],
  ],
  Entry: [
    ['getInt(string)', 'fda69fae', '4900862e'],
    ['getUInt(string)', '3536046a', 'df7427af'],
    ['getAddress(string)', 'bf40fac1', '07afbf3a'],
    ['getBytes64(string)', 'd52decd4', '9139fa37'],
    ['getBytes32(string)', '27314f79', 'fdebe414'],
    ['getString(string)', '9c981fcb', '9bca41e8'],
    ['set(string,int256)', '2ef8ba74', 'def42698'],
    ['set(string,uint256)', '8a42ebe9', 'f2f4ee6d'],
    ['set(string,address)', 'a815ff15', '517c4dd9'],
    ['set(string,string)', 'e942b516', '1a391cb4'],
  ],
  Condition: [
    ['EQ(string,int256)', 'e44594b9', 'd62b54b4'],
    ['EQ(string,string)', 'cd30a1d1', 'ae763db5'],
    ['EQ(string,address)', 'c559a73a', 'de78e50a'],
    ['NE(string,int256)', '39aef024', 'f955264b'],
    ['NE(string,string)', '2783acf5', '966b0822'],
    ['GT(string,int256)', '08ad6333', 'e1f10ee0'],
    ['GE(string,int256)', '42f8dd31', '40b5f1ab'],
    ['LT(string,int256)', 'c31c9b65', '1ee88791'],
    ['LE(string,int256)', 'b6f23857', '2ec346c9'],
    ['limit(int256)', '2e0d738a', 'bd8cb043'],
    ['limit(int256,int256)', '7ec1cc65', '32492737'],
  ],
  KVTableFactory: [
    ['openTable(string)', 'f23f63c9', '59a48b65'],
    ['createTable(string,string,string)', '56004b6a', 'c92a7801'],
  ],
  KVTable: [
    ['get(string)', '693ec85e', '7b1b8e03'],
    ['set(string,address)', 'a815ff15', '517c4dd9'],
    ['newEntry()', '13db9346', '5887ab24'],
  ],
  CRUD: [
    ['insert(string,string,string,string)', 'a216464b', 'b8eaa08d'],
    ['update(string,string,string,string,string)', '2dca76c1', '10bd675b'],
    ['remove(string,string,string,string)', 'a72a1e65', '81b81824'],
    ['select(string,string,string,string)', '983c6c4f', '7388111f'],
    ['desc(string)', '5d0d6d54', 'b885d5ac'],
  ],
  Consensus: [
    ['addSealer(string)', '89152d1f', 'df434acc'],
    ['addObserver(string)', '2800efc0', '25e85d16'],
    ['remove(string)', '80599e4b', '86b733f9'],
  ],
  CNS: [
    ['insert(string,string,string,string)', 'a216464b', 'b8eaa08d'],
    ['selectByName(string)', '819a3d62', '078af4af'],
    ['selectByNameAndVersion(string,string)', '897f0251', 'ec72a422'],
    ['getContractAddress(string,string)', 'f85f8126', 'f1a31bfa'],
  ],
  Permission: [
    ['insert(string,string)', '06e63ff8', 'ce0a9fb9'],
    ['remove(string,string)', '44590a7e', '85d23afc'],
    ['queryByName(string)', '20586031', 'bbec3f91'],
    ['grantWrite(address,address)', '96ec37c4', 'd010d23c'],
    ['revokeWrite(address,address)', '99c26010', 'df12fe78'],
    ['queryPermission(address)', '54ad6352', '67547e08'],
  ],
  ParallelConfig: [
    ['registerParallelFunctionInternal(address,string,uint256)', '0553904e', 'dc536a62'],
    ['unregisterParallelFunctionInternal(address,string)', '11e3f2af', '714c65bd'],
  ],
  ContractLifeCycle: [
    ['freeze(address)', '8d1fdf2f', 'f12c66df'],
    ['unfreeze(address)', '45c8b1a6', '61cb24c3'],
    ['grantManager(address,address)', 'a721fb43', '27c46414'],
    ['revokeManager(address,address)', '3a67288f', '00c77684'],
    ['getStatus(address)', '30ccebb5', 'bca14431'],
    ['listManager(address)', 'c5252d0e', 'dc7d16f9'],
  ],
  ChainGovernance: [
    ['grantCommitteeMember(address)', '6f8f521f', 'cbff0346'],
    ['revokeCommitteeMember(address)', 'cafb4d1b', '681362f3'],
    ['listCommitteeMembers()', '885a3a72', '77cb0994'],
    ['queryCommitteeMemberWeight(address)', '6c147119', 'c784c982'],
    ['updateCommitteeMemberWeight(address,int256)', '246c3376', '95e96f8f'],
    ['queryVotesOfMember(address)', '284f6e88', '1cfb254d'],
    ['queryVotesOfThreshold()', '791a2742', '2e8c25f5'],
    ['updateThreshold(int256)', '97b00861', '931af204'],
    ['queryThreshold()', '281af27d', '35365efb'],
    ['grantOperator(address)', 'e348da13', 'd1db6540'],
    ['revokeOperator(address)', 'fad8b32a', 'c9ab2069'],
    ['listOperators()', '039a93ca', 'b90059a3'],
    ['freezeAccount(address)', 'f26c159f', '563e46a5'],
    ['unfreezeAccount(address)', '788649ea', '2312386d'],
    ['getAccountStatus(address)', 'fd4fa05a', 'a41e61cc'],
  ],
  GasChargeManage: [
    ['charge(address,uint256)', 'a3ffa9cd', 'c74b68d9'],
    ['deduct(address,uint256)', '47055321', '790162d7'],
    ['queryRemainGas(address)', 'f001f6a3', '00ba8f9b'],
    ['grantCharger(address)', 'caf39c51', '3009a33c'],
    ['revokeCharger(address)', '867bde5d', 'ec597503'],
    ['listChargers()', 'a9f2b9a8', 'a06cc6ae'],
  ],
  WorkingSealerManager: [
    ['rotateWorkingSealer(std::string, std::string, std::string)', 'df04e6b2', '372410a0'],
    ['registerVrfKey(string,string,string)', '7f392374', 'cfa7b583'],
  ],
  CnsRoute: [
    ['setRoute(string,string,string,uint256)', 'd35f64a5', '95139e81'],
    ['setShare(string,uint256)', 'ea1612bd', '19da0faa'],
    ['route(string,address)', '8c765ba8', 'c2e61cff'],
    ['routeOf(string)', 'c3abc4d6', 'aa7eee1f'],
  ],
  GroupRouter: [
    ['setGroup(uint256,bytes32,uint256,uint256,uint256)', 'e3998194', 'cd6329ed'],
    ['assign(string,string,uint256)', 'be5dad7b', 'cd020e67'],
    ['setPeriod(uint256,uint256,uint256)', '8feadcb7', '935baac7'],
    ['register(string,string)', '3ffbd47f', 'f0297836'],
    ['move(string,uint256)', '2f406844', '107805bb'],
    ['route(string,string,uint256)', '93f7d7a3', 'c01172f9'],
    ['chainOf(uint256)', '4d075124', '07c7ebf9'],
    ['groups()', '5bf89d9e', '0f6ce5de'],
    ['periods()', 'a4caeb42', '08d69d38'],
  ],
  Balances: [
    ['setIssuer(address)', '55cc4e57', '20199ee7'],
    ['issuer()', '1d143848', 'cf1b8104'],
    ['allow(bytes32,bool)', '62a5bdde', '099e385d'],
    ['isAllowed(bytes32)', '78755295', '70cac204'],
    ['issue(address,uint256)', '867904b4', 'e6505ace'],
    ['transfer(address,uint256)', 'a9059cbb', '6904e965'],
    ['balanceOf(address)', '70a08231', 'cc8be70e'],
    ['supply()', '047fc9aa', 'f9cbfb0e'],
    ['prepareOut(bytes32,bytes32,address,address,bytes)', '5a5b15f2', 'ba8cf588'],
    ['prepareIn(bytes32,bytes32,address,bytes)', 'd59353d2', '0b7c3521'],
    ['confirm(bytes32)', '797af627', 'dbac7e70'],
    ['cancel(bytes32)', 'c4d252f5', '53105fa5'],
  ],
  ShadowAccounts: [
    ['pay(string,uint256,bytes32)', '8032337c', 'ce6e0841'],
    ['payOut(string,address,uint256,bytes32)', 'bf8a9beb', '57a8d71c'],
    ['close(string)', '9d869eac', 'd70dcb0f'],
    ['shadow(string)', 'f758b693', 'ab16deba'],
    ['shadows()', '2296aff5', '0d99a123'],
    ['shadowsFrom(uint256)', '0b45750a', '959c21f0'],
    ['record(string,uint256)', '8d107998', 'f35f155a'],
    ['onMessage(bytes32,address,uint256,bytes)', '66ac3a23', '0ab3bca2'],
  ],
  HotAccounts: [
    ['create(string,address)', '84b47b0f', 'a10f9ac7'],
    ['attach(string,bytes32)', '24cc493c', '0bf02c7c'],
    ['grant(string,bytes32,uint256)', 'dbaad2d9', '2379ef9a'],
    ['withdraw(string,address,uint256)', '5a73b0bf', '0ca948e2'],
    ['account(string)', 'f1bba6f9', 'ef29ff3a'],
    ['shadow(string,bytes32)', '1461b22b', '5b9d143f'],
    ['shadows(string)', '2b3d37cc', 'b78e8b9c'],
    ['statement(string,bytes32,uint256)', '1aa0858a', '5d077a87'],
    ['onMessage(bytes32,address,uint256,bytes)', '66ac3a23', '0ab3bca2'],
  ],
  LightClients: [
    ['register(bytes32,string,string,uint256,string)', 'ac7c9d7f', '86f29676'],
    ['reset(bytes32,uint256,string)', 'f09f2f69', '7deb6327'],
    ['update(bytes32,bytes)', '212788f9', 'e2c096c7'],
    ['report(bytes32,bytes,bytes)', '4f7a4ec2', '84acd54f'],
    ['checkReceipt(bytes32,bytes)', '17070582', '99e931ba'],
    ['client(bytes32)', '592edf6d', 'd84aabf2'],
    ['clients()', '2cfba570', 'a8e33f8c'],
    ['sealersAt(bytes32,uint256)', '3635f875', '586f12e8'],
  ],
  Messages: [
    ['send(bytes32,address,bytes)', '0eb4d601', 'b6d933ce'],
    ['mark()', '8c0d0c29', '10948294'],
    ['deliver(bytes32,bytes)', '5a8bf1ac', '200a78a9'],
    ['retry(bytes32,uint256,bytes)', '20e4e474', 'defd04bf'],
    ['outbox(bytes32)', '523ce242', '86b3c037'],
    ['sentAt(bytes32,uint256)', '426f4b5b', '46a60de9'],
    ['inbox(bytes32)', 'bd362374', '1af93444'],
    ['state(bytes32,uint256)', '2d46126e', '8e7da35b'],
  ],
  CrossTransactions: [
    ['begin(bytes32,address,address,bytes,uint256)', 'ac727c6c', '812c168b'],
    ['cancel(bytes32)', 'c4d252f5', '53105fa5'],
    ['finish(bytes32)', 'fde63056', '292b1f9b'],
    ['transaction(bytes32)', 'e0052cf5', '47ef1121'],
    ['onMessage(bytes32,address,uint256,bytes)', '66ac3a23', '0ab3bca2'],
  ],
  DagTransfer: [
    ['userAdd(string,uint256)', '3fe8e3f5', 'ebceb511'],
    ['userSave(string,uint256)', 'e555f3d9', '622793a5'],
    ['userDraw(string,uint256)', 'ff2b0127', '2f327550'],
    ['userBalance(string)', '1536aedd', '01d04396'],
    ['userTransfer(string,string,uint256)', '0b37617b', '1626c092'],
  ],
  Crypto: [
    ['sm3(bytes)', 'fb34363c', 'f25611b5'],
    ['keccak256Hash(bytes)', 'eb90f459', 'b6510107'],
    ['sm2Verify(bytes32,bytes,bytes32,bytes32)', 'cbdb3a67', '22ede61e'],
    ['curve25519VRFVerify(string,string,string)', '52ce50e8', '226f66e0'],
  ],
};

describe.each(Object.entries(SELECTORS))('%s', (name, expected) => {
  const kind = ALL_KINDS.find((candidate) => candidate.name === name);

  it('has the functions of 2.x with their selectors on both kinds of chain', () => {
    const found = kind?.functions.map(({ signature }) => [
      signature,
      toHex(selector(keccak256, signature)),
      toHex(selector(sm3, signature)),
    ]);
    expect(found?.toSorted()).toEqual(expected.toSorted());
  });
});

it('knows the selectors of every contract', () => {
  expect(ALL_KINDS.map((kind) => kind.name).toSorted()).toEqual(Object.keys(SELECTORS).toSorted());
});
