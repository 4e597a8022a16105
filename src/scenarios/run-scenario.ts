import { randomUUID } from 'node:crypto';

import type { Actor } from '../event-log/event';
import type { Ledger } from '../ledger/ledger';
import { seal } from '../ledger/closing';
import { DomainError, type Refusal } from '../platform/domain-error';
import { type CheckedFigure, checkMoment } from './check-moment';
import { NOTHING_PLAYED, type Played, playRegistry, type PlayedBy, registrySize, StepPlayer } from './play-scenario';
import type { ExpectedRejection, Scenario, ScenarioMoment, ScenarioStep } from './scenario';
import type { NotComparableStep, PendingItem, RejectedStep, ScenarioFailure, ScenarioReport } from './scenario-report';

export { loadScenario } from './load-scenario';
export { scenarioReportJson, scenarioReportText } from './scenario-report';

export interface RunScenarioOptions {
  readonly actor: Actor;
  /** Correlation id of all that the run records; the same one makes the same events of the same file on every log. */
  readonly runId?: string;
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
  { actor, runId = randomUUID(), progress = () => undefined }: RunScenarioOptions,
): Promise<ScenarioReport> => {
  const run = new ScenarioRun(ledger, scenario, { actor, correlationId: runId }, progress);
  await run.play();
  return run.report();
};

const CLOSING_STEPS: readonly string[] = ['closeMonth', 'closeYear'];

class ScenarioRun {
  readonly #ledger: Ledger;
  readonly #scenario: Scenario;
  readonly #by: PlayedBy;
  readonly #progress: (done: number, total: number) => void;
  readonly #rejected: RejectedStep[] = [];
  readonly #notComparable: NotComparableStep[] = [];
  readonly #pending: PendingItem[] = [];
  readonly #figures: CheckedFigure[] = [];
  #failure: ScenarioFailure | null = null;
  #hasClosed = false;
  #notSealed: Refusal | null = null;
  #registered: Played = NOTHING_PLAYED;
  #played: Played = NOTHING_PLAYED;

  constructor(ledger: Ledger, scenario: Scenario, by: PlayedBy, progress: (done: number, total: number) => void) {
    this.#ledger = ledger;
    this.#scenario = scenario;
    this.#by = by;
    this.#progress = progress;
  }

  /** What the scenario closed is sealed, however the run ended; without a checkpoint the closings stand all the same. */
  async play(): Promise<void> {
    await this.#playAll();
    if (this.#hasClosed) this.#notSealed = (await seal(this.#ledger.checkpoints)).notSealed;
  }

  async #playAll(): Promise<void> {
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
      registry: this.#registered,
      steps: { total: steps.length, ...this.#played },
      rejectedAsExpected: this.#rejected,
      notComparable: this.#notComparable,
      pending: this.#pending,
      failure: this.#failure,
      notSealed: this.#notSealed,
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
        return playRegistry(this.#ledger.deskOn(unit), registry, this.#by, () => {
          done += 1;
          this.#progress(done, total);
        });
      });
      this.#registered = result;
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
      const { stored, unchanged } = await player.play(step);
      if (stored > 0 && CLOSING_STEPS.includes(step.do)) this.#hasClosed = true;
      this.#played = { stored: this.#played.stored + stored, unchanged: this.#played.unchanged + unchanged };
    } catch (error) {
      const refusal = refusalOf(error).toRefusal();
      this.#failure = { kind: 'rejected', step: step.id, source: step.source, refusal, expectedCode: null };
    }
  }

  /** Judged on a unit that is never stored: a rule that is missing must not let the money through. */
  async #mustBeRejected(step: ScenarioStep, expected: ExpectedRejection): Promise<void> {
    const { id: name, on, source } = step;
    const refusal = await this.#refusalOf(step);
    const asExpected = refusal?.code === expected.code;
    if (asExpected && (this.#isRepetition || hasParameters(refusal.parameters ?? {}, expected.parameters))) {
      this.#rejected.push({ step: name, on, refusal });
    } else if (this.#isRepetition) {
      this.#notComparable.push({ step: name, on, expectedCode: expected.code, codeNow: refusal?.code ?? null });
    } else if (refusal === null) {
      this.#failure = { kind: 'not-rejected', step: name, source, expectedCode: expected.code };
    } else {
      this.#failure = { kind: 'rejected', step: name, source, refusal, expectedCode: describe(expected) };
    }
  }

  /** Everything up to here was recorded by an earlier run, so the ledger is further on than the step. */
  get #isRepetition(): boolean {
    return this.#played.stored === 0 && this.#played.unchanged > 0;
  }

  async #refusalOf(step: ScenarioStep): Promise<Refusal | null> {
    try {
      await this.#ledger.commands.runUnit(async (unit) => {
        const desk = this.#ledger.deskOn(unit);
        await new StepPlayer(desk, this.#findEvent, this.#scenario.steps, this.#by).play(step);
        unit.discard();
      });
      return null;
    } catch (error) {
      return refusalOf(error).toRefusal();
    }
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

const describe = ({ code, parameters }: ExpectedRejection): string =>
  [code, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(' ');
