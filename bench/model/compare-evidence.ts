import { exportEvidence } from '../../src/audit/evidence/evidence-bundle';
import { loadVerifier, verifierScript } from '../../src/audit/evidence/verifier-file';
import type { Ledger } from '../../src/ledger/ledger';
import { DomainError } from '../../src/platform/domain-error';
import { Dice } from './drawing';
import { Difference, type Played } from './play-history';
import { COUNTY, PROJECTS, PROVINCE } from './world';

const script = verifierScript();
const verifier = loadVerifier(script);

/** Of what never came about there is no evidence. */
const NOTHING: readonly string[] = [
  'DATE_BEFORE_FIRST_EVENT',
  'EVIDENCE_NOTHING_THEN',
  'TRACE_NOT_FOUND',
  'EVIDENCE_SCOPE_UNKNOWN',
];

/** Evidence of something that the seed picks is made, and accepted by its verifier. */
export const exportedEvidence = async (ledger: Ledger, { model }: Played, seed: number): Promise<void> => {
  const dice = new Dice(seed);
  const scope = dice.pick([
    ...Object.keys(PROJECTS).map((code) => `project:${code}`),
    `division:${COUNTY}`,
    `division:${PROVINCE}`,
    ...model.entries.map(
      ({ kind, documentNo }) => `${kind.includes('Payment') ? 'payment' : 'document'}:${documentNo}`,
    ),
  ]);
  const coverage = dice.chance(50) ? 'whole' : 'extract';
  const moment = { at: await ledger.log.head(), asOf: dice.chance(30) ? '2024-09-15' : null };
  const what = `evidence of ${scope} (${coverage}, ${moment.asOf ?? 'now'})`;
  try {
    const { archive } = await exportEvidence(ledger, { scope, coverage, moment });
    const { findings } = await verifier.verifyArchive(archive, {
      keys: [await ledger.checkpoints.verifierKey()],
      verifier: script,
    });
    if (findings.length > 0) throw new Difference(null, `${what}: ${JSON.stringify(findings)}`);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (!NOTHING.includes(error.code)) throw new Difference(null, `${what}: ${error.code} ${error.messageEn}`);
  }
};
