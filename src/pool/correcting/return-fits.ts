import { type Movement, parseAccount } from '../account';
import { purposeFits } from '../leaning-money';
import { placeNotOfProject, purposeChanged, unknownProject } from '../pool-errors';
import type { PoolDecision } from '../pool-rules';
import type { QuotaLineId } from '../quota-line';
import type { ReverseEntry } from './reverse-entry';

/** Projects in whose accounts an entry moved money, so that its reversal has to know them. */
export const projectsOf = ({ original }: Pick<ReverseEntry, 'original'>): readonly string[] => {
  const movements: readonly Movement[] = 'movements' in original.data ? original.data.movements : [];
  return [
    ...new Set(
      movements
        .flatMap(({ from, to }) => [parseAccount(from), parseAccount(to)])
        .flatMap((account) => (account.kind === 'project' ? [account.projectCode] : [])),
    ),
  ];
};

/**
 * Money that a reversal brings back into a project goes where the project may have been changed meanwhile, because it
 * held nothing: it comes back only where it would be let in today.
 *
 * @param movements those of the reversal
 * @throws DomainError PURPOSE_CHANGED, PLACE_NOT_IN_PROJECT
 */
export const requireReturnFits = (decision: PoolDecision<ReverseEntry>, movements: readonly Movement[]): void => {
  for (const { quotaLine, from, to } of movements) {
    const target = parseAccount(to);
    const origin = parseAccount(from);
    if (target.kind !== 'project') continue;
    const { projectCode, place } = target;
    // Between the accounts of one place nothing comes in: a step of a payment is taken back there.
    if (origin.kind === 'project' && origin.projectCode === projectCode && origin.place === place) continue;
    requirePlaceFits(decision, quotaLine, projectCode, place);
  }
};

const requirePlaceFits = (
  decision: PoolDecision<ReverseEntry>,
  quotaLine: QuotaLineId,
  projectCode: string,
  place: string,
): void => {
  const { facts, pool, command } = decision;
  const project = facts.project(projectCode);
  if (project === undefined) throw unknownProject(projectCode);
  if (!project.places.includes(place)) throw placeNotOfProject(place, projectCode, project.places);
  const purpose = pool.lines.get(quotaLine)?.purposeCode ?? '';
  // A repurposing let the money in for the purpose that the project had then, and for no other.
  const isUnchanged =
    project.purposeSince === 0 || sealedRevision(command.original.metadata, projectCode) >= project.purposeSince;
  const authorities = isUnchanged
    ? pool.sides
        .accountsOf(quotaLine)
        .filter((side) => side.startsWith('authority:'))
        .map((side) => side.slice('authority:'.length))
    : [];
  if (purposeFits(purpose, project.purposeCode, authorities, (of, other) => facts.purposeCovers(of, other))) return;
  throw purposeChanged(project.purposeCode, [purpose, ...authorities], `项目 ${projectCode}`, `project ${projectCode}`);
};

/** At which revision a decision looked at a project; −1 where it did not. */
const sealedRevision = (metadata: ReverseEntry['original']['metadata'], projectCode: string): number => {
  const name = `project-${projectCode}@`;
  const sealed = (metadata['seal'] ?? '').split(' ').find((each) => each.startsWith(name));
  return sealed === undefined ? -1 : Number(sealed.slice(name.length));
};
