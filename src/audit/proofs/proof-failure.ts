import { DomainError } from '../../platform/domain-error';

/** What of it is wrong, in both languages. */
export interface Reason {
  readonly zh: string;
  readonly en: string;
}

const RESEND = {
  remedy: '请使用原始文件，不要经过编辑器或转换编码；必要时向出具方重新索取。',
  remedyEn: 'Use the original file, not one that an editor has rewritten; ask its issuer for it again if need be.',
};

export const noteMalformed = ({ zh, en }: Reason): DomainError =>
  new DomainError('verification', {
    code: 'NOTE_MALFORMED',
    message: `不是有效的签名文书（signed-note）：${zh}`,
    messageEn: `Not a signed note: ${en}`,
    ...RESEND,
  });

export const checkpointMalformed = ({ zh, en }: Reason): DomainError =>
  new DomainError('verification', {
    code: 'CHECKPOINT_MALFORMED',
    message: `不是有效的检查点（tlog-checkpoint）：${zh}`,
    messageEn: `Not a checkpoint: ${en}`,
    ...RESEND,
  });

export const emptyTreeRoot = (): DomainError =>
  new DomainError('verification', {
    code: 'EMPTY_TREE_ROOT',
    message: '检查点的条数为 0，而根哈希不是空树的根。',
    messageEn: 'The checkpoint has no leaves, but its root is not that of the empty tree.',
    ...RESEND,
  });

export const proofMalformed = ({ zh, en }: Reason): DomainError =>
  new DomainError('verification', {
    code: 'PROOF_MALFORMED',
    message: `不是有效的证明（tlog-proof）：${zh}`,
    messageEn: `Not a proof: ${en}`,
    ...RESEND,
  });

export const signatureInvalid = (name: string): DomainError =>
  new DomainError('verification', {
    code: 'SIGNATURE_INVALID',
    message: `${name} 的签名与内容不符。`,
    messageEn: `The signature of ${name} does not fit the text.`,
    remedy: '内容或签名已被改动：请向出具方重新索取，并保留该文件备查。',
    remedyEn: 'The text or the signature was altered: ask its issuer for it again and keep this one as evidence.',
    parameters: { name },
  });

export const signatureMissing = (names: readonly string[]): DomainError =>
  new DomainError('verification', {
    code: 'SIGNATURE_MISSING',
    message: `没有受信任密钥的签名（需要：${names.join('、')}）。`,
    messageEn: `No signature of a trusted key (wanted: ${names.join(', ')}).`,
    remedy: '请核对 --key 给出的公钥是否属于该账本。',
    remedyEn: 'Check that the key given with --key is this ledger’s.',
    parameters: { names },
  });

export const originDiffers = (expected: string, actual: string): DomainError =>
  new DomainError('verification', {
    code: 'CHECKPOINT_ORIGIN_DIFFERS',
    message: `检查点属于另一账本：${actual}（应为 ${expected}）。`,
    messageEn: `The checkpoint is another log's: ${actual}, not ${expected}.`,
    remedy: '请使用本账本的检查点。',
    remedyEn: 'Use a checkpoint of this log.',
    parameters: { expected, actual },
  });

/** Without a key nothing can be said of a checkpoint, not even whose it is. */
export const logKeyMissing = (origin: string): DomainError =>
  new DomainError('verification', {
    code: 'LOG_KEY_MISSING',
    message: `没有账本 ${origin} 的公钥，无法核对检查点的签名：数据目录中没有密钥文件 log-key.pem。`,
    messageEn: `There is no key of log ${origin} to check the signature with: the data directory has no log-key.pem.`,
    remedy: '从备份恢复原来的 log-key.pem，或用 --key 给出账本的公钥；换用新密钥即成为另一账本。',
    remedyEn:
      'Restore the log-key.pem that was there, or give the log’s key with --key; with a new key it is another log.',
    parameters: { origin },
  });

/** What is wrong with a note, with the file that it lies in. */
export const ofNoteFile = (file: string, why: DomainError): DomainError => {
  const { code, message, messageEn, remedy, remedyEn, parameters } = why;
  const failure = new DomainError(why.kind, {
    code,
    message: `检查点文件 ${file} 不可信：${message}`,
    messageEn: `The checkpoint file ${file} is not to be trusted: ${messageEn}`,
    remedy,
    remedyEn,
    parameters: { ...parameters, file },
  });
  failure.cause = why;
  return failure;
};

export const noteMisnamed = (size: number, named: number): DomainError =>
  new DomainError('verification', {
    code: 'CHECKPOINT_MISNAMED',
    message: `文件名说的是 ${named} 条事件的检查点，其中却是 ${size} 条的。`,
    messageEn: `Its name says a checkpoint of ${named} events, but it holds one of ${size}.`,
    remedy: '该文件被改名或覆盖：保留备查，并从别处保存的检查点中找回原件。',
    remedyEn: 'It was renamed or written over: keep it as evidence, and get the original from where else it was kept.',
    parameters: { size, named },
  });

export const inclusionNotProven = (index: number, size: number): DomainError =>
  new DomainError('verification', {
    code: 'INCLUSION_NOT_PROVEN',
    message: `证明不成立：该事件不是检查点（${size} 条）中的第 ${index + 1} 条。`,
    messageEn: `The proof fails: the event is not number ${index + 1} of the ${size} under the checkpoint.`,
    remedy: '事件、证明或检查点中有一个被改动：请向出具方重新索取，并保留这些文件备查。',
    remedyEn: 'The event, the proof or the checkpoint was altered: ask for them again and keep these as evidence.',
    parameters: { index, size },
  });

export const verifierKeyInvalid = (text: string, { zh, en }: Reason): DomainError =>
  new DomainError('input', {
    code: 'VERIFIER_KEY_INVALID',
    message: `公钥 ${text} 无效：${zh}`,
    messageEn: `The verifier key ${text} is not valid: ${en}`,
    remedy: '公钥形如 名称+八位十六进制+base64，可用 yichi checkpoint --key 打印。',
    remedyEn: 'A key reads name+eight hex digits+base64; yichi checkpoint --key prints it.',
    parameters: { key: text },
  });

export const logKeyExpected = (text: string): DomainError =>
  new DomainError('input', {
    code: 'LOG_KEY_EXPECTED',
    message: `${text} 是见证方的公钥，这里要账本的公钥。`,
    messageEn: `${text} is a witness’s key; a log’s key is wanted here.`,
    remedy: '账本的公钥由账本一方用 yichi checkpoint --key 打印；yichi witness --key 打印的是见证方自己的。',
    remedyEn:
      'yichi checkpoint --key prints the log’s key on the ledger’s side; what yichi witness --key prints is the witness’s own.',
    parameters: { key: text },
  });

export const keyNameInvalid = (name: string): DomainError =>
  new DomainError('input', {
    code: 'KEY_NAME_INVALID',
    message: `名称“${name}”不能用作签名者：不能为空，不能含空格、控制字符和 +。`,
    messageEn: `“${name}” cannot name a signer: no empty name, no spaces, control characters or +.`,
    remedy: '请使用类似网址的名称，例如 ledger.example.gov.cn/630222。',
    remedyEn: 'Use a name like an address, such as ledger.example.gov.cn/630222.',
    parameters: { name },
  });

export const keyFileUnusable = (file: string, reason: Reason, cause?: unknown): DomainError => {
  const failure = new DomainError('unavailable', {
    code: 'LOG_KEY_UNUSABLE',
    message: `无法使用签名密钥文件 ${file}：${reason.zh}`,
    messageEn: `The signing key file ${file} cannot be used: ${reason.en}`,
    remedy: '请检查文件的所有者和权限（0600），或从备份恢复原密钥；换用新密钥即成为另一账本。',
    remedyEn: 'Check its owner and rights (0600), or restore the key; with a new key it is another log.',
    parameters: { file },
  });
  if (cause !== undefined) failure.cause = cause;
  return failure;
};
