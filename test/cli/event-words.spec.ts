import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';

import { verifierScript } from '../../src/audit/evidence/verifier-file';
import { EVENT_WORDS, eventWords } from '../../src/audit/history/event-words';
import { runCliHere } from '../support/run-cli-here';
import { COUNTY, fundTheRoad, registerSmallWorld } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const SOURCES = join(__dirname, '..', '..', 'src');

/** Every type that the sources declare a stored event by. */
const declaredTypes = (): readonly string[] =>
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/\bDomainEvent<\s*'(\w+)'/g)])
    .map(([, type]) => type ?? '')
    .sort();

describe('what people call an event', () => {
  it('is known of every type that the ledger stores, in both languages, and of no other', () => {
    const types = declaredTypes();
    expect(types.length).toBeGreaterThan(35);
    expect(Object.keys(EVENT_WORDS).sort()).toEqual(types);
    for (const type of types) {
      expect(eventWords(type, 'zh')).toMatch(/^\p{Script=Han}+$/u);
      expect(eventWords(type, 'en')).toMatch(/^[A-Z][a-z -]+$/);
    }
  });

  it('tells every two types apart', () => {
    for (const language of ['zh', 'en'] as const) {
      const words = Object.values(EVENT_WORDS).map((each) => each[language]);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  it('leaves the type of a newer program as it is', () => {
    expect(eventWords('SomethingNew', 'zh')).toBe('SomethingNew');
    expect(eventWords('toString', 'zh')).toBe('toString');
  });

  it('is the same in the report of an evidence bundle', () => {
    const [, table = ''] = /\nconst EVENT_WORDS = (\{\n[\s\S]*?\n\});\n/.exec(verifierScript()) ?? [];
    const words: unknown = compileFunction(`return ${table};`)();
    expect(JSON.parse(JSON.stringify(words))).toEqual(
      Object.fromEntries(Object.entries(EVENT_WORDS).map(([type, { zh, en }]) => [type, [zh, en]])),
    );
  });
});

it('stands in the tables of diff, history and provenance, and the type itself in their JSON', () =>
  withTemporaryLedger(async (ledger, directory) => {
    await registerSmallWorld(ledger);
    await fundTheRoad(ledger, '100.00');
    const questions = [
      ['diff', '--from', '2024-01-01', '--to', '2024-12-31'],
      ['history', COUNTY],
      ['provenance', '--by', 'county', '--measure', 'appropriated'],
    ];
    for (const question of questions) {
      const ask = async (...more: string[]): Promise<string> => {
        const { status, stdout } = await runCliHere(...question, '--data', directory, ...more);
        expect(status).toBe(0);
        return stdout;
      };
      const chinese = await ask();
      expect(chinese).toContain('指标下达');
      expect(chinese).not.toContain('FundsAppropriated');
      const english = await ask('--lang', 'en');
      expect(english).toMatch(/\bAppropriation\b/);
      expect(english).not.toContain('FundsAppropriated');
      expect(await ask('--json')).toContain('"type":"FundsAppropriated"');
    }
  }));
