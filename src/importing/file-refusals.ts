import { DomainError } from '../platform/domain-error';
import { type Cause, systemCause } from '../platform/system-cause';

/*
 * Why a whole file is refused. Each is a DomainError of kind `input`: the file cannot be understood, and nothing of it
 * has been taken.
 */

/** As a person reads it in both languages. */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

export const fileNotFound = (file: string): DomainError =>
  new DomainError('input', {
    code: 'FILE_NOT_FOUND',
    message: `找不到文件“${file}”。`,
    messageEn: `There is no file "${file}".`,
    remedy: '检查文件名和所在目录。',
    remedyEn: 'Check the file name and its folder.',
    parameters: { file },
  });

/** @param code what the operating system says, such as `EACCES` */
export const fileUnreadable = (file: string, code: string): DomainError => {
  const { zh, en } = systemCause(code);
  return new DomainError('input', {
    code: 'FILE_UNREADABLE',
    message: `文件“${file}”打不开：${zh}。`,
    messageEn: `The file "${file}" cannot be opened: ${en}.`,
    remedy: '检查它是不是文件、有没有读取权限、是否正被别的程序占用。',
    remedyEn: 'Check that it is a file, that you may read it and that no other program holds it.',
    parameters: { file, cause: code },
  });
};

export const fileEmpty = (file: string): DomainError =>
  new DomainError('input', {
    code: 'FILE_EMPTY',
    message: `文件“${file}”里没有内容。`,
    messageEn: `The file "${file}" holds nothing.`,
    remedy: '检查是不是选错了文件，或保存没有完成。',
    remedyEn: 'Check that it is the right file and that saving it was completed.',
    parameters: { file },
  });

export const fileTypeUnknown = (file: string): DomainError =>
  new DomainError('input', {
    code: 'FILE_TYPE_UNKNOWN',
    message: `“${file}”不是 .xlsx 或 .csv 文件。`,
    messageEn: `"${file}" is neither an .xlsx nor a .csv file.`,
    remedy: '在表格软件中另存为 .xlsx 或 .csv，再导入。',
    remedyEn: 'Save it as .xlsx or .csv in a spreadsheet program and import that.',
    parameters: { file },
  });

export const wrongExtension = (file: string, content: 'xlsx' | 'text'): DomainError =>
  new DomainError('input', {
    code: 'FILE_EXTENSION_WRONG',
    message: `“${file}”的内容是${content === 'xlsx' ? '工作簿（.xlsx）' : '文本，不是工作簿'}，与扩展名不符。`,
    messageEn: `The content of "${file}" is ${content === 'xlsx' ? 'a workbook (.xlsx)' : 'text, not a workbook'}, unlike its extension.`,
    remedy: `把扩展名改为 ${content === 'xlsx' ? '.xlsx' : '.csv'}，或在表格软件中重新另存。`,
    remedyEn: `Change the extension to ${content === 'xlsx' ? '.xlsx' : '.csv'}, or save it again in a spreadsheet program.`,
    parameters: { file, content },
  });

export const fileTooLarge = (file: string, bytes: number, limitBytes: number): DomainError =>
  new DomainError('input', {
    code: 'FILE_TOO_LARGE',
    message: `文件“${file}”有 ${megabytes(bytes)}，最多可导入 ${megabytes(limitBytes)}。`,
    messageEn: `The file "${file}" has ${megabytes(bytes)}; at most ${megabytes(limitBytes)} are taken.`,
    remedy: '按月份或区划拆成几个文件，一次导入全部。',
    remedyEn: 'Split it by month or division and import all parts in one call.',
    parameters: { file, bytes, limitBytes },
  });

export const workbookEncrypted = (file: string): DomainError =>
  new DomainError('input', {
    code: 'WORKBOOK_ENCRYPTED',
    message: `工作簿“${file}”有密码，读不了。`,
    messageEn: `The workbook "${file}" is protected by a password and cannot be read.`,
    remedy: '在表格软件中打开，去掉打开密码后另存，再导入。',
    remedyEn: 'Open it in a spreadsheet program, remove the password, save, and import again.',
    parameters: { file },
  });

export const workbookOldFormat = (file: string): DomainError =>
  new DomainError('input', {
    code: 'WORKBOOK_OLD_FORMAT',
    message: `“${file}”是旧的 .xls 格式。`,
    messageEn: `"${file}" is in the old .xls format.`,
    remedy: '在表格软件中另存为 .xlsx，再导入。',
    remedyEn: 'Save it as .xlsx in a spreadsheet program and import that.',
    parameters: { file },
  });

/** @param cause what exactly is broken; its English may be of the formats' own vocabulary */
export const workbookCorrupt = (file: string, cause: Cause): DomainError =>
  new DomainError('input', {
    code: 'WORKBOOK_CORRUPT',
    message: `工作簿“${file}”已损坏或不完整：${cause.zh}。`,
    messageEn: `The workbook "${file}" is damaged or incomplete: ${cause.en}.`,
    remedy: '重新下载或从原处复制；能打开的话，在表格软件中另存一份再导入。',
    remedyEn: 'Download or copy it again; if it opens in a spreadsheet program, save it anew and import that.',
    parameters: { file, cause: cause.en },
  });

/** @param cause which limit it breaks */
export const workbookTooLarge = (file: string, cause: Cause): DomainError =>
  new DomainError('input', {
    code: 'WORKBOOK_TOO_LARGE',
    message: `工作簿“${file}”解压后超出限度：${cause.zh}；可能是压缩炸弹。`,
    messageEn: `The workbook "${file}" is beyond the limits when unpacked: ${cause.en}; it may be a zip bomb.`,
    remedy: '删去空白的格式行和无关的表，或拆成几个文件，再导入。',
    remedyEn: 'Delete empty formatted rows and unrelated sheets, or split the workbook, and import again.',
    parameters: { file, cause: cause.en },
  });

/** @param part the part of the workbook */
export const workbookUnsafe = (file: string, part: string): DomainError =>
  new DomainError('input', {
    code: 'WORKBOOK_UNSAFE',
    message: `工作簿“${file}”的 ${part} 里有 DOCTYPE 声明，正常的工作簿没有。`,
    messageEn: `Part ${part} of the workbook "${file}" has a DOCTYPE declaration, which no proper workbook has.`,
    remedy: '核实文件来源；在表格软件中另存一份再导入。',
    remedyEn: 'Check where the file comes from; save it anew in a spreadsheet program and import that.',
    parameters: { file, part },
  });

export const textDamaged = (file: string): DomainError =>
  new DomainError('input', {
    code: 'TEXT_DAMAGED',
    message: `“${file}”里有残缺的文字，文件可能没有传完。`,
    messageEn: `"${file}" contains broken characters; the file may have been cut off.`,
    remedy: '重新导出或复制这个文件。',
    remedyEn: 'Export or copy the file again.',
    parameters: { file },
  });

export const encodingUnknown = (file: string): DomainError =>
  new DomainError('input', {
    code: 'ENCODING_UNKNOWN',
    message: `“${file}”不是 UTF-8 或 GB18030 文字，或文件已损坏。`,
    messageEn: `"${file}" is neither UTF-8 nor GB18030 text, or it is damaged.`,
    remedy: '在表格软件中另存为“CSV UTF-8”，再导入。',
    remedyEn: 'Save it as "CSV UTF-8" in a spreadsheet program and import that.',
    parameters: { file },
  });

export const encodingAmbiguous = (file: string): DomainError =>
  new DomainError('input', {
    code: 'ENCODING_AMBIGUOUS',
    message: `“${file}”的文字按 UTF-8 和 GB18030 都读得通，但内容不同。`,
    messageEn: `"${file}" reads as UTF-8 and as GB18030, with different content.`,
    remedy: '另存为“CSV UTF-8（带 BOM）”或 .xlsx，再导入。',
    remedyEn: 'Save it as "CSV UTF-8" (with a byte order mark) or as .xlsx and import that.',
    parameters: { file },
  });
