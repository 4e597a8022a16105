import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Ledger } from '../ledger/ledger';
import { loadScenario } from './load-scenario';
import { playRegistry, registrySize, StepPlayer } from './play-scenario';

/** Who records the demonstration, as every event of it says. */
export const DEMONSTRATION_ACTOR = { id: 'demonstration', role: 'demonstration', division: '' } as const;

const FILE = join('data', 'demonstration', 'qinghai-2024.yaml');

/** The scenario file that is shipped: beside `src` in a checkout, beside `dist` once built. */
const demonstrationFile = (): string => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, FILE);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error(`${FILE} is missing from the installation`);
  }
};

/**
 * Plays the Qinghai demonstration as one unit: a start that is interrupted leaves an empty ledger, never half a year.
 *
 * @param report registrations and steps done, of how many
 */
export const playDemonstration = async (
  ledger: Ledger,
  report: (done: number, total: number) => void,
): Promise<void> => {
  const { registry, steps } = await loadScenario(demonstrationFile());
  const played = steps.filter((step) => step.pending === null && step.expectRejected === null);
  const total = registrySize(registry) + played.length;
  const by = { actor: DEMONSTRATION_ACTOR, correlationId: randomUUID() };
  await ledger.commands.runUnit(async (unit) => {
    let done = 0;
    const step = (): void => {
      done += 1;
      report(done, total);
    };
    const findEvent: Ledger['findEvent'] = (stream, id) => ledger.findEvent(stream, id);
    const desk = ledger.deskOn(unit);
    await playRegistry(desk, registry, by, step);
    const player = new StepPlayer(desk, findEvent, steps, by);
    for (const each of played) {
      await player.play(each);
      step();
    }
  });
};
