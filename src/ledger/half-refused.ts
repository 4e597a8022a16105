import { DomainError } from '../platform/domain-error';
import type { OtherPoolsRefusal } from '../pool/pool-event';
import { poolInWords } from '../pool/pool-stream';

/**
 * What became of a command over two pools that one of them refuses: nothing was stored; the half that was stored is
 * taken back; or that half stands for now, and the other is brought in, or it is taken back, as soon as that can be.
 */
export type HalfOutcome = 'nothing-stored' | 'taken-back' | 'on-its-way';

const OUTCOMES: Readonly<Record<HalfOutcome, readonly [zh: string, en: string]>> = {
  'nothing-stored': ['两个池均未记账。', 'Neither pool has recorded anything.'],
  'taken-back': ['另一方已自动冲回。', 'What the other pool had recorded is taken back.'],
  'on-its-way': [
    '另一方已记账，款项在途，由系统自动办结。',
    'What the other pool has recorded is on its way and will be finished by the ledger itself.',
  ],
};

/** One of the two pools of a command refuses its half. Its own reason is in the message, its code in the parameters. */
export const notTakenIn = (
  why: Omit<OtherPoolsRefusal, 'pool'> & Partial<Pick<DomainError, 'remedy' | 'remedyEn' | 'parameters'>>,
  stream: string,
  outcome: HalfOutcome,
): DomainError => {
  const [zh, en] = OUTCOMES[outcome];
  return new DomainError('rule', {
    code: 'NOT_TAKEN_IN',
    message: `${poolInWords(stream, 'zh')}不予入账：${why.message}${zh}`,
    messageEn: `The ${poolInWords(stream, 'en')} refuses its half: ${why.messageEn} ${en}`,
    remedy: why.remedy ?? '处理后以新的命令编号重新办理。',
    remedyEn: why.remedyEn ?? 'Settle that, then enter it again under a new command id.',
    parameters: { ...why.parameters, cause: why.code, pool: stream, outcome },
  });
};

/** A pool's refusal of its half, found while the other half was judged. */
export class HalfRefused extends Error {
  constructor(
    readonly why: DomainError,
    readonly stream: string,
    /** False: the pool was at work, so that its state may have held what was not stored in the end. */
    readonly isCertain: boolean,
  ) {
    super(why.message);
    this.name = 'HalfRefused';
  }
}
