/**
 * What functions answer instead of a number of rows. A code is a return value: the receipt's status stays 0. Clients map
 * the numbers to texts of their own, so none may change.
 * NO_PERMISSION is in ports.ts.
 */
export const TABLE_EXISTS = -50_001;
export const TABLE_MISSING = -50_100;
export const UNKNOWN_FUNCTION = -50_101;
export const ADDRESS_INVALID = -50_102;

export const PERMISSION_EXISTS = -51_000;
export const PERMISSION_MISSING = -51_001;
export const PERMISSION_TABLE_NAME_TOO_LONG = -51_002;
export const PERMISSION_CONTRACT_MISSING = -51_003;
export const PERMISSION_THROUGH_GOVERNANCE = -51_004;

export const NODE_ID_INVALID = -51_100;
export const LAST_SEALER = -51_101;

export const NAME_AND_VERSION_EXIST = -51_200;
export const VERSION_TOO_LONG = -51_201;

export const CONFIGURATION_INVALID = -51_300;

export const USER_NAME_INVALID = -51_400;
export const AMOUNT_INVALID = -51_401;
export const USER_MISSING = -51_402;
export const USER_EXISTS = -51_403;
export const BALANCE_INSUFFICIENT = -51_404;
export const BALANCE_OVERFLOW = -51_405;

export const ENTRY_INVALID = -51_500;
export const CONDITION_INVALID = -51_501;
export const OPERATOR_UNKNOWN = -51_502;
export const KEY_FIELD_UPDATE = -51_503;

export const CONTRACT_FROZEN = -51_900;
export const CONTRACT_AVAILABLE = -51_901;
export const MANAGER_EXISTS = -51_902;
export const NOT_A_CONTRACT = -51_903;
export const CONTRACT_MISSING = -51_904;
export const CONTRACT_NO_PERMISSION = -51_905;
export const MANAGER_MISSING = -51_906;
export const LAST_MANAGER = -51_907;

export const MEMBER_EXISTS = -52_000;
export const MEMBER_MISSING = -52_001;
export const CALLER_NOT_MEMBER = -52_002;
export const THRESHOLD_INVALID = -52_003;
export const OPERATOR_AS_MEMBER = -52_004;
export const MEMBER_AS_OPERATOR = -52_005;
export const OPERATOR_EXISTS = -52_006;
export const OPERATOR_MISSING = -52_007;
export const ACCOUNT_MISSING = -52_008;
export const ACCOUNT_IS_CONTRACT = -52_009;
export const ACCOUNT_AVAILABLE = -52_010;
export const ACCOUNT_FROZEN = -52_011;
export const VALUE_UNCHANGED = -52_012;

export const NOT_A_CHARGER = -53_000;
export const GAS_VALUE_ZERO = -53_001;
export const REMAIN_GAS_OVERFLOW = -53_002;
export const REMAIN_GAS_INSUFFICIENT = -53_003;
export const GRANT_CHARGER_DENIED = -53_004;
export const REVOKE_CHARGER_DENIED = -53_005;
export const CHARGER_EXISTS = -53_006;
export const CHARGER_MISSING = -53_007;
/** What UNKNOWN_FUNCTION is elsewhere. */
export const GAS_CHARGE_FUNCTION_UNKNOWN = -53_008;

/** Codes of Menglian's own functions begin at -60000. */
export const VRF_KEY_INVALID = -60_000;
export const VRF_KEY_EXISTS = -60_001;

export const ROUTE_VERSION_MISSING = -60_100;
export const ROUTE_SHARE_INVALID = -60_101;
export const ROUTE_MISSING = -60_102;

/** LightClients. */
export const CLIENT_EXISTS = -60_200;
export const CLIENT_MISSING = -60_201;
export const CLIENT_FROZEN = -60_202;
export const PROOF_MALFORMED = -60_203;
export const SIGNATURE_WRONG = -60_204;
export const QUORUM_MISSING = -60_205;
export const SEALERS_UNTRUSTED = -60_206;
export const RECEIPT_UNPROVEN = -60_207;
/** Below the oldest anchor; or a new message in a block below that of an older one. */
export const HEADER_TOO_OLD = -60_208;
export const CLIENT_ARGUMENT_INVALID = -60_209;
export const CLIENT_NOT_COMMITTEE = -60_210;
export const NO_CONFLICT = -60_211;
export const CLIENTS_FULL = -60_212;
/** No receipt of the bundle says that the block is of this chain, or one says that it is of another. */
export const CHAIN_UNPROVEN = -60_213;

/** Messages. */
export const PAYLOAD_TOO_LONG = -60_300;
export const SEQUENCE_GAP = -60_301;
export const NO_MESSAGE = -60_302;
export const MESSAGE_NOT_FAILED = -60_303;
export const MESSAGE_TO_SELF = -60_304;
/** Only a transaction delivers, no contract: so nobody decides how much depth or work is left for the receivers. */
export const DELIVERY_BY_CONTRACT = -60_305;

/** GroupRouter. */
export const GROUP_UNKNOWN = -60_400;
export const GROUP_ARGUMENT_INVALID = -60_401;
export const GROUPS_FULL = -60_402;
export const ROUTED_KIND_UNKNOWN = -60_403;
export const ROUTED_KEY_INVALID = -60_404;
export const PERIOD_INVALID = -60_405;
export const PERIOD_OVERLAPS = -60_406;
export const PERIODS_FULL = -60_407;
export const PERIOD_MISSING = -60_408;
export const ASSIGNMENT_MISSING = -60_409;
/** The committee moves such a user; an assignment would change nothing. */
export const USER_HAS_HOME = -60_410;
export const USER_WITHOUT_HOME = -60_411;
/** All groups are full or have no weight, or there is none. */
export const NO_GROUP_OPEN = -60_412;

/** CrossTransactions. */
export const CROSS_MISSING = -60_500;
/** It can be cancelled when its time-out is over. */
export const CROSS_TOO_EARLY = -60_501;
export const CROSS_DECIDED = -60_502;
/** The other chain began it, and decides. */
export const CROSS_OF_OTHER_CHAIN = -60_503;
export const CROSS_NOTHING_TO_FINISH = -60_504;
export const CROSS_PARTICIPANT_FAILED = -60_505;

/** Balances; ShadowAccounts and HotAccounts answer them too. */
export const MONEY_ISSUER_ONLY = -60_600;
export const BALANCE_SHORT = -60_601;
export const BALANCE_TOO_LARGE = -60_602;
export const MONEY_AMOUNT_ZERO = -60_603;
/** The committee does not let money come from the chain, or go there. */
export const MONEY_CHAIN_NOT_ALLOWED = -60_604;
export const MONEY_COMMITTEE_ONLY = -60_605;

/** ShadowAccounts. */
export const SHADOW_MISSING = -60_700;
export const SHADOW_OWNER_ONLY = -60_701;
/** The hot account granted less than is to be paid out. */
export const QUOTA_SHORT = -60_702;
export const EPOCH_EMPTY = -60_703;
/** So many closed epochs wait for the hot chain that no other may be closed. */
export const UNSETTLED_EPOCHS_FULL = -60_704;
export const EPOCH_SUM_TOO_LARGE = -60_705;

/** HotAccounts. */
export const ACCOUNT_NAME_INVALID = -60_800;
export const HOT_ACCOUNT_EXISTS = -60_801;
export const HOT_ACCOUNT_MISSING = -60_802;
export const HOT_OWNER_ONLY = -60_803;
export const HOT_BALANCE_SHORT = -60_804;
export const SHADOW_ATTACHED = -60_805;
/** The chain did not yet answer that it opened the shadow account. */
export const SHADOW_NOT_OPEN = -60_806;
