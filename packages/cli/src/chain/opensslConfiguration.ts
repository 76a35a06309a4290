/**
 * `cert.cnf`: no part of ours reads it. It lies where build_chain.sh leaves it, because the scripts of 2.x that add a
 * node or an agency to a chain (gen_node_cert.sh, gen_agency_cert.sh) take it from there.
 */
export const OPENSSL_CONFIGURATION = `[ca]
default_ca=default_ca

[default_ca]
default_days=36500
default_md=sha256

[req]
distinguished_name=req_distinguished_name
req_extensions=v3_req

[req_distinguished_name]
commonName=Common Name
commonName_max=64
organizationName=Organization
organizationName_default=fisco-bcos
organizationalUnitName=Organizational Unit

[v3_req]
basicConstraints=CA:FALSE
keyUsage=nonRepudiation,digitalSignature,keyEncipherment

[v4_req]
basicConstraints=CA:TRUE
`;

/** `gmcert.cnf`: the same for certificates of SM chains. */
export const SM_OPENSSL_CONFIGURATION = `[ca]
default_ca=default_ca

[default_ca]
default_days=36500
default_md=sm3

[req]
distinguished_name=req_distinguished_name
req_extensions=v3_req

[req_distinguished_name]
commonName=Common Name
commonName_max=64
organizationName=Organization
organizationName_default=fisco-bcos
organizationalUnitName=Organizational Unit

[v3_req]
basicConstraints=CA:FALSE
keyUsage=nonRepudiation,digitalSignature

[v3enc_req]
basicConstraints=CA:FALSE
keyUsage=keyAgreement,keyEncipherment,dataEncipherment

[v3_agency_root]
basicConstraints=CA:TRUE
keyUsage=cRLSign,keyCertSign

[v3_ca]
basicConstraints=CA:TRUE
keyUsage=cRLSign,keyCertSign
`;

/** `gmsm2.param`: the name of SM2's curve, for openssl's `genpkey`. */
export const SM_CURVE_PARAMETERS = `-----BEGIN EC PARAMETERS-----
BggqgRzPVQGCLQ==
-----END EC PARAMETERS-----
`;
