/** What `menglian storage` says about itself. */
import type { Localized } from '../language.js';

export const STORAGE: Localized = {
  en: "encrypt, decrypt and check a node's data; rotate its keys",
  zh: '落盘加密：加密、解密、检查节点数据，更换密钥',
};

export const CONFIG: Localized = { en: "the node's configuration", zh: '节点配置文件' };

export const ENCRYPT: Localized = {
  en: 'encrypt the data of a stopped node; makes the keyring where there is none',
  zh: '加密已停止节点的数据；没有密钥环时先生成',
};

export const DECRYPT: Localized = { en: 'decrypt the data of a stopped node', zh: '解密已停止节点的数据' };

export const CHECK: Localized = {
  en: 'read every value of a stopped node and name those that are broken',
  zh: '读取已停止节点的全部数据，并指出损坏的数据',
};

export const ROTATE_KEY: Localized = {
  en: 'encrypt with a new key from now on; a running node rewrites older values in the background',
  zh: '此后使用新的数据密钥；运行中的节点在后台用新密钥重写旧数据',
};

export const ALGORITHM: Localized = {
  en: 'algorithm of the new key; that of the configuration otherwise',
  zh: '新密钥的算法；默认与配置相同',
};

export const DROP: Localized = {
  en: 'make no key, but forget the older ones; refused while a value of the stopped node needs them',
  zh: '不生成新密钥，而是删除旧密钥；已停止节点仍有数据需要时拒绝',
};

export const CHANGE_MASTER: Localized = {
  en: 'lock the keyring with another passphrase or key file; the data stays as it is',
  zh: '更换保护密钥环的口令或密钥文件；数据不变',
};

export const NEW_KEY_SOURCE: Localized = { en: 'kind of the new secret', zh: '新主密钥的来源' };

export const NEW_KEY_FILE: Localized = { en: 'file of the new key', zh: '新的密钥文件' };

export const NEW_PASSPHRASE_ENV: Localized = {
  en: 'environment variable with the new passphrase (the old name with _NEW behind it)',
  zh: '保存新口令的环境变量（默认为原变量名加 _NEW）',
};

export const NODE_ROTATES: Localized = {
  en: '[INFO] the running node uses it from now on; its log tells when all older values are rewritten',
  zh: '[INFO] 运行中的节点已开始使用；旧数据全部重写后日志会提示',
};

export const NODE_WILL_ROTATE: Localized = {
  en: '[INFO] no node has taken it yet: the node uses it from its next start on; if it runs, its log says what is wrong',
  zh: '[INFO] 节点尚未使用：将在下次启动时使用；若节点正在运行，请查看其日志',
};

export const EXAMPLES: Localized = {
  en: `
Examples (the node is stopped, but for rotate-key without --drop and change-master):
  export MENGLIAN_STORAGE_PASSPHRASE='a long passphrase'      or type it when asked
  menglian storage encrypt -c node0/config.ini                then set [storage_security] enable=true
  menglian storage check -c node0/config.ini
  menglian storage rotate-key -c node0/config.ini             while the node runs
  menglian storage rotate-key --drop -c node0/config.ini      forget old keys
  (umask 077; openssl rand -hex 32 > node0/conf/storage.key)
  menglian storage change-master --new-key-source file -c node0/config.ini
  menglian storage decrypt -c node0/config.ini                then set enable=false`,
  zh: `
示例（除 rotate-key（无 --drop）和 change-master 外，须先停止节点）：
  export MENGLIAN_STORAGE_PASSPHRASE='一个足够长的口令'        或在提示时输入
  menglian storage encrypt -c node0/config.ini                然后设置 [storage_security] enable=true
  menglian storage check -c node0/config.ini
  menglian storage rotate-key -c node0/config.ini             节点可继续运行
  menglian storage rotate-key --drop -c node0/config.ini      删除旧密钥
  (umask 077; openssl rand -hex 32 > node0/conf/storage.key)
  menglian storage change-master --new-key-source file -c node0/config.ini
  menglian storage decrypt -c node0/config.ini                然后设置 enable=false`,
};
