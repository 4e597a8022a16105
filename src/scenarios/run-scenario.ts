import { randomUUID } from 'node:crypto';

import type { Actor } from '../event-log/event';
import type { Ledger } from '../ledger/ledger';
import { LedgerDesk } from '../ledger/ledger-desk';
import { DomainError } from '../platform/domain-error';
import { type CheckedFigure, checkMoment } from './check-moment';
import { type Played, playRegistry, type PlayedBy, registrySize, StepPlayer } from './play-scenario';
import type { Scenario, ScenarioMoment, ScenarioStep } from './scenario';
import type { PendingItem, RejectedStep, ScenarioFailure, ScenarioReport } from './scenario-report';

export { loadScenario } from './load-scenario';
export { scenarioReportJson, scenarioReportText } from './scenario-report';

export interface RunScenarioOptions {
  readonly actor: Actor;
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Plays a scenario on a ledger, step by step in the order of the file, and checks the balances that it expects.
 * What the scenario recorded before stays as it is, so that running it again changes nothing. A step that is expected
 * to be refused is judged without storing anything. The first surprise ends the run; its report says which.
 *
 * @throws DomainError of the log when it cannot be read or written
 */
export const runScenario = async (
  ledger: Ledger,
  scenario: Scenario,
  { actor, progress = () => undefined }: RunScenarioOptions,
): Promise<ScenarioReport> => {
  const run = new ScenarioRun(ledger, scenario, { actor, correlationId: randomUUID() }, progress);
  await run.play();
  return run.report();
};

class ScenarioRun {
  readonly #ledger: Ledger;
  readonly #scenario: Scenario;
  readonly #by: PlayedBy;
  readonly #progress: (done: number, total: number) => void;
  readonly #rejected: RejectedStep[] = [];
  readonly #pending: PendingItem[] = [];
  readonly #figures: CheckedFigure[] = [];
  #failure: ScenarioFailure | null = null;
  #stored = 0;
  #unchanged = 0;

  constructor(ledger: Ledger, scenario: Scenario, by: PlayedBy, progress: (done: number, total: number) => void) {
    this.#ledger = ledger;
    this.#scenario = scenario;
    this.#by = by;
    this.#progress = progress;
  }

  async play(): Promise<void> {
    const { registry, steps, moments } = this.#scenario;
    const registrations = registrySize(registry);
    const total = registrations + steps.length;
    await this.#register(total);
    for (const [index, step] of steps.entries()) {
      if (this.#failure !== null) return;
      await this.#step(step);
      this.#progress(registrations + index + 1, total);
      for (const moment of moments) if (moment.after === step.id) await this.#check(moment);
    }
    if (this.#failure !== null) return;
    for (const moment of moments) if (moment.after === null) await this.#check(moment);
  }

  report(): ScenarioReport {
    const { name, title, file, steps } = this.#scenario;
    return {
      scenario: name,
      title,
      file,
      steps: { total: steps.length, stored: this.#stored, unchanged: this.#unchanged },
      rejectedAsExpected: this.#rejected,
      pending: this.#pending,
      failure: this.#failure,
      expectations: this.#figures,
      ok: this.#failure === null && this.#figures.every((figure) => figure.ok),
    };
  }

  /** One unit: either everything is registered or nothing. */
  async #register(total: number): Promise<void> {
    const { registry, file } = this.#scenario;
    try {
      const { result } = await this.#ledger.commands.runUnit((unit) => {
        let done = 0;
        return playRegistry(new LedgerDesk(unit, this.#findEvent), registry, this.#by, () => {
          done += 1;
          this.#progress(done, total);
        });
      });
      this.#count(result);
    } catch (error) {
      const refusal = refusalOf(error).toRefusal();
      this.#failure = { kind: 'rejected', step: 'registry', source: { file, line: 1 }, refusal, expectedCode: null };
    }
  }

  async #step(step: ScenarioStep): Promise<void> {
    if (step.pending !== null) {
      const what = step.work.kind === 'later' ? step.work.what : step.do;
      this.#pending.push({ kind: 'step', name: step.id, on: step.on, what, why: step.pending });
      return;
    }
    if (step.expectRejected !== null) {
      await this.#mustBeRejected(step, step.expectRejected);
      return;
    }
    try {
      const player = new StepPlayer(this.#ledger.desk, this.#findEvent, this.#scenario.steps, this.#by);
      this.#count(await player.play(step));
    } catch (error) {
      const refusal = refusalOf(error).toRefusal();
      this.#failure = { kind: 'rejected', step: step.id, source: step.source, refusal, expectedCode: null };
    }
  }

  async #mustBeRejected(
    step: ScenarioStep,
    expected: NonNullable<ScenarioStep['expectRejected']>,
  ): Promise<void> {
    try {
      await this.#ledger.commands.runUnit(async (unit) => {
        const desk = new LedgerDesk(unit, this.#findEvent);
        await new StepPlayer(desk, this.#findEvent, this.#scenario.steps, this.#by).play(step);
        unit.discard();
      });
    } catch (error) {
      const refusal = refusalOf(error).toRefusal();
      if (refusal.code === expected.code && hasParameters(refusal.parameters ?? {}, expected.parameters)) {
        this.#rejected.push({ step: step.id, on: step.on, refusal });
      } else {
        const { id, source } = step;
        this.#failure = { kind: 'rejected', step: id, source, refusal, expectedCode: describe(expected) };
      }
      return;
    }
    this.#failure = { kind: 'not-rejected', step: step.id, source: step.source, expectedCode: expected.code };
  }

  async #check(moment: ScenarioMoment): Promise<void> {
    if (moment.pending !== null) {
      const { asOf, pending: why } = moment;
      this.#pending.push({ kind: 'moment', name: moment.moment, on: asOf, what: 'balances', why });
      return;
    }
    await this.#ledger.catchUp();
    this.#figures.push(...checkMoment(this.#ledger.readModel, moment));
  }

  #count({ stored, unchanged }: Played): void {
    this.#stored += stored;
    this.#unchanged += unchanged;
  }

  readonly #findEvent: Ledger['findEvent'] = (stream, id) => this.#ledger.findEvent(stream, id);
}

/** The ledger's own refusals are results of a run; a log that fails, and our own defects, are not. */
const refusalOf = (error: unknown): DomainError => {
  if (error instanceof DomainError && error.kind !== 'unavailable') return error;
  throw error;
};

const asText = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(';') : String(value));

const hasParameters = (
  actual: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, string>>,
): boolean => Object.entries(expected).every(([name, value]) => asText(actual[name]) === value);

const describe = ({ code, parameters }: NonNullable<ScenarioStep['expectRejected']>): string =>
  [code, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(' ');
