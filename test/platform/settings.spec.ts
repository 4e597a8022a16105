import { resolve } from 'node:path';

import { DomainError } from '../../src/platform/domain-error';
import { readSettings, type SettingsOverrides } from '../../src/platform/settings';

const refusalOf = (environment: Record<string, string>, overrides: SettingsOverrides = {}): DomainError => {
  try {
    readSettings(environment, overrides);
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error('was not refused');
};

it('takes the command line before the environment, and an empty variable for none', () => {
  expect(readSettings({ YICHI_DATA: 'a' }, { data: 'b' }).dataDir).toBe(resolve('b'));
  expect(readSettings({ YICHI_DATA: 'a' }).dataDir).toBe(resolve('a'));
  expect(readSettings({ YICHI_DATA: '' }).dataDir).toBe(resolve('data'));
});

it('refuses a directory without a name, because a ledger would be made wherever one happens to be', () => {
  expect(refusalOf({}, { data: '' })).toMatchObject({ code: 'SETTING_INVALID', parameters: { name: '--data' } });
});

it('names the option or the variable that a wrong language came from', () => {
  expect(refusalOf({}, { lang: 'fr' })).toMatchObject({ code: 'SETTING_INVALID', parameters: { name: '--lang' } });
  expect(refusalOf({ YICHI_LANG: 'fr' })).toMatchObject({ parameters: { name: 'YICHI_LANG' } });
});

it.each(['kurrentdb://admin:changeit@db:2113', 'esdb:admin:changeit@db', 'changeit'])(
  'tells nobody the password in an address that is wrong: %s',
  (address) => {
    const refusal = refusalOf({ YICHI_EVENT_LOG: address });
    expect(refusal.code).toBe('SETTING_INVALID');
    expect(JSON.stringify([refusal.message, refusal.messageEn, refusal.parameters])).not.toContain('changeit');
  },
);
