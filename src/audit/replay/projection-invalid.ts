import { DomainError } from '../../platform/domain-error';
import type { Cause } from '../../platform/system-cause';
import { RanTooLong } from './isolate';

/** What the script around a projection refuses, by the names that it has there. */
const PROBLEMS: Readonly<Record<string, (detail: string) => Cause>> = {
  once: () => ({ zh: 'when() 必须恰好调用一次', en: 'when() must be called exactly once' }),
  noInit: () => ({ zh: '缺少函数 $init', en: 'there is no function $init' }),
  unknown: (type) => ({
    zh: `不支持 ${type}，请写明事件类型`,
    en: `${type} is not supported; name the types of events`,
  }),
  noFunction: (type) => ({ zh: `${type} 的处理不是函数`, en: `the handler of ${type} is not a function` }),
  promise: (type) => ({ zh: `${type} 的处理不得是异步的`, en: `the handler of ${type} must not be asynchronous` }),
  newCode: () => ({ zh: '不得由字符串生成代码', en: 'code must not be made of strings' }),
  undefined: (key) => ({ zh: `状态的 ${key} 处留有 undefined`, en: `undefined is left in the state at ${key}` }),
  noNumber: (key) => ({ zh: `状态的 ${key} 处不是有限的数`, en: `no finite number is left in the state at ${key}` }),
  notPlain: (key) => ({
    zh: `状态的 ${key} 处不是普通的对象、数组或值`,
    en: `what is left in the state at ${key} is no plain object, array or value`,
  }),
  tooMuch: () => ({ zh: '状态过大', en: 'its states are too large' }),
  tooDeep: () => ({ zh: '状态嵌套过深', en: 'its state nests too deep' }),
  noCells: () => ({ zh: '状态中没有可用的余额', en: 'its state holds no balances that can be read' }),
};

/** Letters that a terminal obeys instead of showing them; the script has written the message. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const causeOf = (error: unknown): Cause => {
  if (error instanceof RanTooLong) return { zh: '运行过久，已停止', en: 'it ran for too long and was stopped' };
  const text = error instanceof Error ? error.message.replace(UNSEEN, '�') : 'unknown';
  const [mark, problem = '', ...detail] = text.split(':');
  const known = mark === 'yichi' ? PROBLEMS[problem] : undefined;
  return known?.(detail.join(':')) ?? { zh: text, en: text };
};

/** @param position of the event at which it failed; null: at none */
export const projectionInvalid = (name: string, position: number | null, error: unknown): DomainError => {
  const { zh, en } = causeOf(error);
  const at = position === null ? '' : `在位置 ${position} 的事件上`;
  const atEn = position === null ? '' : ` at the event at position ${position}`;
  return new DomainError('input', {
    code: 'PROJECTION_INVALID',
    message: `投影 ${name} ${at}不能运行：${zh}`,
    messageEn: `The projection ${name} cannot be run${atEn}: ${en}`,
    remedy:
      '投影文件须为 fromCategory("…").foreachStream().when({$init, 事件类型: 函数}) 形式的脚本，不得使用时钟、随机数和 import；可参照 projections 目录。',
    remedyEn:
      'It must be a script of the form fromCategory("…").foreachStream().when({$init, type: function}) without clock, random or import; see the folder projections.',
    parameters: { name, position, reason: en },
  });
};
