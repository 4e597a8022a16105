import { DomainError } from '../platform/domain-error';
import { causeOf } from '../platform/system-cause';
import { isSystemError } from '../platform/system-error';

/** Why what a command prints did not get to where it was sent; what the system does not say is a defect and stays one. */
export const outputFailed = (error: unknown): unknown => {
  if (!isSystemError(error)) return error;
  const { zh, en } = causeOf(error);
  const failure = new DomainError('unavailable', {
    code: 'OUTPUT_NOT_WRITTEN',
    message: `输出没有写完：${zh}。`,
    messageEn: `The output could not be written to its end: ${en}.`,
    remedy: '已写出的部分不完整，请删去；腾出空间或换一个位置后重新运行。账目不受影响。',
    remedyEn:
      'Delete what was written, which is not whole; make room or choose another place, and run it again. The ledger is not affected.',
    parameters: { cause: error.code },
  });
  failure.cause = error;
  return failure;
};
