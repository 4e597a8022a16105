import type { Account, Movement, ProjectAccountState } from '../account';
import { summedLines } from '../document-lines';
import { linesOldestFirst, MovementDraft, requireLine } from '../movement-draft';
import type { Payment } from '../payment';
import type { Pool } from '../pool';
import type { LineSelection, PlacedLine, PoolEntry } from '../pool-command';
import { beforePaymentStep, purposeChanged } from '../pool-errors';
import { type PoolDecision, requireProjectPlace } from '../pool-rules';
import type { QuotaLine } from '../quota-line';

/** What a payment pays, and to whom. */
export interface PaymentEntry extends PoolEntry {
  readonly voucherNo: string;
  readonly payee: string;
  readonly lineSelection: LineSelection;
  readonly lines: readonly PlacedLine[];
}

/**
 * A payment's steps follow one another in business time as well. The accounts alone do not see to it: other vouchers'
 * money at the same place would stand in.
 *
 * @throws DomainError BEFORE_PAYMENT_STEP
 */
export const requireInOrder = ({ voucherNo, steppedOn }: Payment, on: string): void => {
  if (on < steppedOn) throw beforePaymentStep(voucherNo, on, steppedOn);
};

/**
 * 资金用途不变 at the tap: money that is at the project got there under a checked allocation; money that is not is
 * refused for its purpose first, so that the person learns the real reason and not only that nothing is there.
 */
const requirePurpose = (
  decision: PoolDecision<PaymentEntry>,
  draft: MovementDraft,
  placed: PlacedLine,
  from: Account,
  candidates: readonly QuotaLine[],
): void => {
  const { facts } = decision;
  const project = requireProjectPlace(decision, placed.projectCode, placed.place);
  const covered = candidates.some(
    (line) => facts.purposeCovers(line.purposeCode, project.purposeCode) || draft.spendable(line.quotaLine, from) > 0,
  );
  if (!covered) {
    throw purposeChanged(
      project.purposeCode,
      [placed.purposeCode],
      `项目 ${project.projectCode}`,
      `project ${project.projectCode}`,
    );
  }
};

/** Movements of a payment from what its project has available at its place. */
export const payFromProject = (
  decision: PoolDecision<PaymentEntry>,
  to: Extract<ProjectAccountState, 'held' | 'paid'>,
): readonly Movement[] => {
  const { command, pool, facts } = decision;
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  for (const placed of summedLines(command.lines)) {
    const { accounts } = pool.projectPlaces.at(placed.projectCode, placed.place);
    const from = accounts.available;
    const candidates =
      placed.documentNo === null
        ? linesOldestFirst(pool, placed.channelCode, placed.purposeCode)
        : [requireLine(pool, { ...placed, documentNo: placed.documentNo })];
    requirePurpose(decision, draft, placed, from, candidates);
    const [named] = candidates;
    if (placed.documentNo !== null && named !== undefined) {
      draft.move(named.quotaLine, from, accounts[to], placed.amount);
      continue;
    }
    for (const part of draft.select(candidates, from, placed.amount, command.lineSelection)) {
      draft.move(part.line.quotaLine, from, accounts[to], part.amount);
    }
  }
  return draft.finish();
};

/** What a payment still has, in the accounts of one state, as movements elsewhere. */
export const moveParts = (
  decision: { readonly pool: Pool } & PoolDecision<PoolEntry>,
  voucherNo: string,
  from: ProjectAccountState,
  to: ProjectAccountState,
): readonly Movement[] => {
  const { command, pool, facts } = decision;
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  for (const part of pool.payments.get(voucherNo)?.parts ?? []) {
    const { accounts } = pool.projectPlaces.at(part.projectCode, part.place);
    draft.move(part.quotaLine, accounts[from], accounts[to], part.amount);
  }
  return draft.finish();
};
