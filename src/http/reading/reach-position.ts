import { DomainError } from '../../platform/domain-error';
import type { ProjectionRunner } from '../../projecting/projection-runner';

/** The read model is milliseconds behind; who waits longer than this waits for something that went wrong. */
const LONGEST_WAIT_MS = 5000;

/**
 * Waits until queries see a position.
 *
 * @throws DomainError(unavailable) READ_MODEL_BEHIND when that takes too long
 */
export const reachPosition = async (
  readModel: ProjectionRunner,
  position: number,
  timeoutMs = LONGEST_WAIT_MS,
): Promise<void> => {
  if (await readModel.waitFor(position, timeoutMs)) return;
  const reached = readModel.health().position;
  throw new DomainError('unavailable', {
    code: 'READ_MODEL_BEHIND',
    message: `等待 ${timeoutMs / 1000} 秒后，读模型仍在位置 ${reached}，未到 ${position}。`,
    messageEn: `After ${timeoutMs / 1000} seconds the read model is at ${reached} and has not reached ${position}.`,
    remedy: '核对 waitFor 是否为本账本给出的 position；稍后重试，或查看 /health/ready。',
    remedyEn: 'Check that waitFor is a position of this ledger; try again later or see /health/ready.',
    parameters: { waitFor: String(position), position: String(reached) },
  });
};
