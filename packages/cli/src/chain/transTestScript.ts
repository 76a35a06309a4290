/**
 * `.transTest.sh`: sends transactions to the first node of a host, to see that the chain makes blocks. Like 2.x's it
 * needs no key: the signature is fixed, so each transaction recovers another sender, whom nobody is. An SM2 signature
 * holds for one transaction only, so in an SM chain the openssl program makes a key for one run and signs with it.
 */
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { sm3 } from '@menglian/crypto/hashes';
import type { ChainPlan, PlannedNode } from './chainPlan.js';

/** r and s are the coordinates of secp256k1's generator: valid numbers that no key has made. */
const SIGNATURE = {
  v: '1b',
  r: 'a079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  s: 'a0483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
} as const;

/** `selectByName("transTest")` of the name service at 0x1004: it reads, so the chain keeps nothing but the transaction. */
const RECIPIENT = `94${'1004'.padStart(40, '0')}`;
const SELECTORS = { standard: '819a3d62', sm: toHex(sm3(utf8Bytes('selectByName(string)')).subarray(0, 4)) } as const;
const ARGUMENTS = [
  '20'.padStart(64, '0'),
  '9'.padStart(64, '0'),
  Buffer.from('transTest').toString('hex').padEnd(64, '0'),
].join('');

/** How far above the present block the transaction may wait, as in 2.x. */
const BLOCK_LIMIT_ABOVE = 256;

/** `signature <fields>`: the items of RLP that stand behind these. */
const FIXED_SIGNATURE = `signature() { echo ${SIGNATURE.v}${SIGNATURE.r}${SIGNATURE.s}; }
`;

const SM_SIGNATURE = `folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
key=$folder/key
if ! openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out "$key" 2>"$folder/error"; then
    cat "$folder/error"
    echo "transactions of an SM chain are signed with the openssl program, version 3 or later, which is not here"
    exit 1
fi
hex() { od -An -v -tx1 | tr -d ' \\n'; }
public_key=$(openssl pkey -in "$key" -pubout -outform DER | tail -c 64 | hex)
# An INTEGER of the signature in the form of RLP.
part() {
    local digits
    digits=$(openssl asn1parse -inform DER -in "$folder/signature" | sed -n 's/.*INTEGER *://p' | sed -n "$1p")
    printf '%02x%s' $((0x80 + \${#digits} / 2)) "$digits"
}
signature() {
    printf "$(list "$1" | sed 's/../\\\\x&/g')" | openssl dgst -sm3 -binary >"$folder/hash"
    openssl pkeyutl -sign -inkey "$key" -rawin -digest sm3 -pkeyopt distid:1234567812345678 \\
        -in "$folder/hash" -out "$folder/signature"
    echo "b840$public_key$(part 1)$(part 2)"
}
`;

/** @param node the first one of the host */
export function transTestScript(plan: ChainPlan, node: PlannedNode): string {
  const isSm = plan.options.sm === true;
  const data = `b864${isSm ? SELECTORS.sm : SELECTORS.standard}${ARGUMENTS}`;
  return `#!/bin/bash
# Usage: .transTest.sh [number of transactions] [group]. Prints the node's answer to each.
url=http://127.0.0.1:${node.ports.rpc}
count=\${1:-1}
group=\${2:-${node.groups[0]}}

# ask <method> <parameters>
ask() { curl -s -m 10 -X POST --data "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"$1\\",\\"params\\":[$2],\\"id\\":1}" "$url"; }
# The text that stands behind a name in an answer.
text_of() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
# An integer in the form of RLP, hexadecimal.
integer() {
    local hex
    hex=$(printf '%x' "$1")
    [ $((\${#hex} % 2)) -eq 0 ] || hex=0$hex
    if [ "$1" -eq 0 ]; then
        echo 80
    elif [ "$1" -lt 128 ]; then
        echo "$hex"
    else
        printf '%02x%s\\n' $((0x80 + \${#hex} / 2)) "$hex"
    fi
}
# A list in the form of RLP. list <items>
list() {
    local length=$((\${#1} / 2))
    if [ $length -lt 256 ]; then printf 'f8%02x%s' $length "$1"; else printf 'f9%04x%s' $length "$1"; fi
}
${isSm ? SM_SIGNATURE : FIXED_SIGNATURE}
version=$(ask getClientVersion "" | text_of "FISCO-BCOS Version")
if [ -z "$version" ]; then
    echo "the node does not answer at $url"
    exit 1
fi
echo "node of version $version at $url"
failed=0
for _ in $(seq "$count"); do
    answer=$(ask getBlockNumber "$group")
    height=$(echo "$answer" | text_of result)
    if [ -z "$height" ]; then
        echo "$answer"
        exit 1
    fi
    nonce=a001$(od -An -N31 -tx1 /dev/urandom | tr -d ' \\n')
    # gas price and gas, block limit, recipient, value, data, chain, group, extra data
    body=\${nonce}0101$(integer $((height + ${BLOCK_LIMIT_ABOVE})))${RECIPIENT}80
    body=\${body}${data}
    body=\${body}$(integer ${plan.chainId})$(integer "$group")80
    answer=$(ask sendRawTransaction "$group,\\"0x$(list "$body$(signature "$body")")\\"")
    echo "$answer"
    [ -n "$(echo "$answer" | text_of result)" ] || failed=1
done
exit $failed
`;
}
