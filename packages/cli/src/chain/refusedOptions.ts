import type { ChainOptions } from './chainOptions.js';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { shown } from './hostList.js';

const EXAMPLE = '-l 127.0.0.1:4 -o nodes';

/** Options of build_chain.sh that nodes cannot honour. To ignore one would build another chain than was asked for. */
export function refuseOptions(options: ChainOptions): ChainProblem | undefined {
  if (options.sm !== true && (options.smChannel === true || options.smAuthority !== undefined)) {
    const letter = options.smChannel === true ? '-G' : '-K';
    return chainProblem(
      `${letter} is for chains with SM algorithms, which -g asks for`,
      `${letter} 仅用于国密链，需同时使用 -g`,
      `${EXAMPLE} -g ${letter}${letter === '-K' ? ' gmcert' : ''}`,
    );
  }
  const storage = options.storage ?? 'rocksdb';
  if (storage !== 'rocksdb') {
    return chainProblem(
      `-s ${shown(storage)} is not built in: a node keeps its data in an embedded database, which 2.x calls rocksdb`,
      `不支持 -s ${shown(storage)}：节点使用内嵌数据库（2.x 称 rocksdb）`,
      `${EXAMPLE} -s rocksdb`,
    );
  }
  if (options.executable !== undefined) {
    return chainProblem(
      '-e names an executable of FISCO BCOS; nodes run this menglian, so leave it out',
      '-e 指定 FISCO BCOS 可执行文件；节点运行的就是 menglian，请去掉 -e',
      EXAMPLE,
    );
  }
  if (options.opensslConfiguration !== undefined) {
    return chainProblem(
      '-t names a configuration of openssl; certificates are made without openssl, so leave it out',
      '-t 指定 openssl 配置；证书并非由 openssl 生成，请去掉 -t',
      EXAMPLE,
    );
  }
  if (options.archives === true) {
    return chainProblem(
      '-z is not built in: pack the folder of each host with tar yourself, after a look at it',
      '不支持 -z：请自行用 tar 打包各主机目录',
      `tar -czf 127.0.0.1.tar.gz -C nodes 127.0.0.1`,
    );
  }
  if (options.containers === true && options.deployLayout === true) {
    return chainProblem(
      '-d runs nodes in containers and -D puts an executable into each folder: choose one',
      '-d 以容器运行节点，-D 在每个目录放置可执行文件，二者选一',
      `${EXAMPLE} -d`,
    );
  }
  return undefined;
}
