import { type Fen, yuanFromFen } from '../money/fen';
import { type Account, projectAccount } from './account';
import { MovementDraft } from './movement-draft';
import type { PoolEntry } from './pool-command';
import { purposeChanged } from './pool-errors';
import type { FundsAllocated } from './pool-event';
import type { ProjectFacts } from './pool-facts';
import { type PoolDecision, requireProjectPlace, SideDraft } from './pool-rules';
import type { QuotaLine } from './quota-line';

type Given = Pick<FundsAllocated['data'], 'movements' | 'usedAuthorities'>;

/** Money on its way into projects: what moves, and the authorities by which a line pays for another purpose. */
export class ProjectDraft {
  readonly movements: MovementDraft;
  readonly #decision: PoolDecision<PoolEntry>;
  readonly #sides: SideDraft;
  readonly #usedAuthorities: NonNullable<Given['usedAuthorities']>[number][] = [];

  constructor(decision: PoolDecision<PoolEntry>) {
    const { pool, facts, command } = decision;
    this.#decision = decision;
    this.movements = new MovementDraft(pool, facts, command.effectiveOn);
    this.#sides = new SideDraft(pool, command.effectiveOn);
  }

  /** @throws DomainError when the project is not in the library, has no such place, or is not what the line is for */
  give(line: QuotaLine, from: Account, projectCode: string, place: string, amount: Fen): void {
    const project = requireProjectPlace(this.#decision, projectCode, place);
    const authority = purposeAuthority(this.#decision, this.#sides, line, project, amount);
    if (authority !== null) {
      this.#usedAuthorities.push({ quotaLine: line.quotaLine, toPurposeCode: authority, amount: yuanFromFen(amount) });
    }
    this.movements.move(line.quotaLine, from, projectAccount(projectCode, place, 'available'), amount);
  }

  finish(): Given {
    const movements = this.movements.finish();
    return { movements, ...(this.#usedAuthorities.length > 0 ? { usedAuthorities: this.#usedAuthorities } : {}) };
  }
}

/**
 * 资金用途不变 (000 附件1 §6): a line pays for projects of its own purpose and of everything under it, or for a purpose
 * that an approved repurposing under the pilot regime allows.
 *
 * @returns the purpose of the authority that is used, or null when the line's own purpose covers the project
 */
const purposeAuthority = (
  { facts, pool }: PoolDecision<PoolEntry>,
  sides: SideDraft,
  line: QuotaLine,
  project: ProjectFacts,
  amount: Fen,
): string | null => {
  if (facts.purposeCovers(line.purposeCode, project.purposeCode)) return null;
  const authorities: string[] = [];
  for (const side of pool.sides.accountsOf(line.quotaLine)) {
    if (!side.startsWith('authority:')) continue;
    const purpose = side.slice('authority:'.length);
    authorities.push(purpose);
    if (facts.purposeCovers(purpose, project.purposeCode) && sides.left(line.quotaLine, side) >= amount) {
      sides.use(line.quotaLine, side, amount);
      return purpose;
    }
  }
  throw purposeChanged(
    project.purposeCode,
    [line.purposeCode, ...authorities],
    `项目 ${project.projectCode}`,
    `project ${project.projectCode}`,
  );
};
