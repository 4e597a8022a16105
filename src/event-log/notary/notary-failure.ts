import { DomainError } from '../../platform/domain-error';
import type { Position } from '../event';

/** What a node has in its tree is not what the log holds: one of the two was altered, or an older backup restored. */
export const treeNotOfLog = (file: string, leaf: number, position: Position): DomainError =>
  new DomainError('verification', {
    code: 'TREE_NOT_OF_LOG',
    message: `本节点哈希树的第 ${leaf} 片叶子（位置 ${position}）与事件日志不一致：停止签署。`,
    messageEn: `Leaf ${leaf} of this node's tree (position ${position}) is not what the log holds: nothing is signed.`,
    remedy: `先用 yichi verify --checkpoint 以别处留存的检查点核对日志；日志无误时停止服务，移走 ${file} 后重启，哈希树会由日志重建。`,
    remedyEn: `First hold the log against a checkpoint that was kept elsewhere (yichi verify --checkpoint). If the log is sound, stop the service, move ${file} away and start again: the tree is made anew from the log.`,
    parameters: { file, leaf, position },
  });

/** The log does not begin with what was signed before. */
export const logNotOfCheckpoint = (size: number, signed: string, found: string | null): DomainError =>
  new DomainError('verification', {
    code: 'LOG_FORKED',
    message: `日志的前 ${size} 条事件与已签署的检查点不符（签署的树根 ${signed}，现为 ${found ?? '不足此数'}）：拒绝签署。`,
    messageEn: `The first ${size} events are not those of the checkpoint that was signed (root ${signed}, now ${found ?? 'fewer events'}): nothing is signed.`,
    remedy: '停止记账，保留各节点的数据目录和检查点备查；查明日志是否被改动，或是否恢复了较旧的备份。',
    remedyEn:
      'Stop, keep every node’s data directory and checkpoints as evidence, and find out whether the log was altered or an older backup restored.',
    parameters: { size, signed, found },
  });

export const NOTARY_ELSEWHERE = 'NOTARY_ELSEWHERE';

/** Another node has become the notary since this one last looked. */
export const notaryElsewhere = (term: number, host: string): DomainError =>
  new DomainError('conflict', {
    code: NOTARY_ELSEWHERE,
    message: `检查点现由另一节点 ${host} 签署（第 ${term} 任），本次未签署。`,
    messageEn: `Another node, ${host}, signs the checkpoints now (term ${term}); nothing was signed here.`,
    remedy: '请稍后再取最新的检查点；若需由本节点签署，请重试。',
    remedyEn: 'Ask for the newest checkpoint a little later; to sign on this node, try again.',
    parameters: { term, host },
  });

export const notaryKeyDiffers = (host: string, key: string, own: string): DomainError =>
  new DomainError('unavailable', {
    code: 'NOTARY_KEY_DIFFERS',
    message: `本节点的签名密钥与该日志此前的不同：此前（${host}）为 ${key}，本节点为 ${own}。`,
    messageEn: `This node's key is not the one this log was signed with: ${host} signed with ${key}, this node has ${own}.`,
    remedy: '把原节点数据目录中的 log-key.pem（及 YICHI_ORIGIN 设置）用于本节点；换密钥等于另立日志。',
    remedyEn:
      'Give this node the log-key.pem (and the YICHI_ORIGIN) of the node before; with another key it is another log.',
    parameters: { host, key, own },
  });
