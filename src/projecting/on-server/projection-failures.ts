import { DomainError } from '../../platform/domain-error';

export const projectionFaulted = (name: string, reason: string): DomainError =>
  new DomainError('verification', {
    code: 'PROJECTION_FAULTED',
    message: `服务器上的投影 ${name} 已出错停止：${reason}`,
    messageEn: `The server's projection ${name} has stopped with a fault: ${reason}`,
    remedy:
      '旧版本（若有）仍在运行。请核对出错的事件（yichi verify），排除原因后运行 yichi projections remove 再重新部署。',
    remedyEn:
      'An older version, if there is one, still runs. Check the event named (yichi verify); when the cause is gone, run `yichi projections remove` and deploy again.',
    parameters: { name, reason },
  });

export const projectionsMissing = (names: readonly string[]): DomainError =>
  new DomainError('not-found', {
    code: 'PROJECTIONS_NOT_DEPLOYED',
    message: `服务器上没有运行当前版本的投影：${names.join('、')}。`,
    messageEn: `The server does not run the current version of: ${names.join(', ')}.`,
    remedy: '请先运行 yichi projections deploy。',
    remedyEn: 'Run `yichi projections deploy` first.',
    parameters: { names },
  });

export const projectionsBehind = (names: readonly string[], seconds: number): DomainError =>
  new DomainError('unavailable', {
    code: 'PROJECTIONS_BEHIND',
    message: `服务器上的投影在 ${seconds} 秒内没有前进：${names.join('、')}。`,
    messageEn: `The server's projections have not moved on for ${seconds} seconds: ${names.join(', ')}.`,
    remedy: '请运行 yichi projections status 查看，并检查服务器的负载和日志，然后重试。',
    remedyEn: "Look at `yichi projections status`, check the server's load and log, then try again.",
    parameters: { names, seconds },
  });

export const ledgerMoving = (): DomainError =>
  new DomainError('unavailable', {
    code: 'LEDGER_MOVING',
    message: '账本正被连续写入，未能在同一位置比对。',
    messageEn: 'The ledger is being written all the time, so that the two could not be compared at one position.',
    remedy: '请在写入较少时重试。',
    remedyEn: 'Try again when less is being written.',
  });
