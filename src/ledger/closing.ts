import type { CommandAnswer } from '../event-log/decider';
import { DomainError, type Refusal } from '../platform/domain-error';

/** The checkpoint that a closing was sealed with. */
export interface Seal {
  /** Events that it covers. */
  readonly size: number;
  /** Root of the log's tree, base64. */
  readonly root: string;
}

/** A period is closed. Whether it could be sealed is another thing, and does not undo it. */
export interface ClosingAnswer extends CommandAnswer {
  readonly checkpoint: Seal | null;
  /** Why there is no checkpoint, and what to do. */
  readonly notSealed: Refusal | null;
}

/** Whoever can make a checkpoint of the log as it is. */
export interface Sealing {
  make(): Promise<Seal>;
}

/**
 * Seals what is durable already, so that a failure here refuses nothing: the closing stands, the answer says that it is
 * not sealed, and the next checkpoint, by a person or by the clock, covers it.
 */
export const seal = async (checkpoints: Sealing): Promise<Pick<ClosingAnswer, 'checkpoint' | 'notSealed'>> => {
  try {
    const { size, root } = await checkpoints.make();
    return { checkpoint: { size, root }, notSealed: null };
  } catch (error) {
    return { checkpoint: null, notSealed: notSealed(error) };
  }
};

const notSealed = (error: unknown): Refusal => {
  const [why, whyEn] =
    error instanceof DomainError
      ? [error.message, error.messageEn]
      : [
          String(error instanceof Error ? error.message : error),
          String(error instanceof Error ? error.message : error),
        ];
  return {
    code: 'NOT_SEALED',
    message: `结账已生效，但未能出具检查点：${why}`,
    messageEn: `The period is closed, but no checkpoint could be made: ${whyEn}`,
    remedy: '排除原因后运行 yichi checkpoint --now；服务的定时检查点也会补上。',
    remedyEn:
      'Remove the cause and run yichi checkpoint --now; the service’s next scheduled checkpoint covers it as well.',
    parameters: { cause: error instanceof DomainError ? error.code : 'DEFECT' },
  };
};
