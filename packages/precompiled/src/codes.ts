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
