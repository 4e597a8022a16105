import { join, resolve } from 'node:path';

import { DomainError } from './domain-error';

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Where Yichi works and how it speaks; read once at start. */
export interface Settings {
  readonly dataDir: string;
  /** `sqlite:<file>`, `memory:` or `esdb://…`. */
  readonly eventLog: string;
  readonly host: string;
  readonly port: number;
  readonly language: Language;
}

export interface SettingsOverrides {
  readonly data?: string | undefined;
  readonly lang?: string | undefined;
}

const refuse = (name: string, value: string, zh: string, en: string): DomainError =>
  new DomainError('input', {
    code: 'SETTING_INVALID',
    message: `设置 ${name}=${value} 无效：${zh}`,
    messageEn: `Setting ${name}=${value} is not valid: ${en}`,
    remedy: '改正该设置后重试；各设置见 README 与 .env.example。',
    remedyEn: 'Correct it and try again; settings are listed in README and .env.example.',
    parameters: { name, value },
  });

const PORT = /^\d{1,5}$/;

/**
 * Settings from the environment (YICHI_*), overridden by command line options.
 * @throws DomainError SETTING_INVALID
 */
export const readSettings = (
  environment: Readonly<Record<string, string | undefined>>,
  overrides: SettingsOverrides = {},
): Settings => {
  // An empty variable, as env files often have it, is one that is not set.
  const set = (name: string): string | undefined => environment[name] || undefined;
  const dataDir = resolve(overrides.data ?? set('YICHI_DATA') ?? 'data');
  const language = overrides.lang ?? set('YICHI_LANG') ?? 'zh';
  if (language !== 'zh' && language !== 'en') {
    throw refuse('YICHI_LANG', language, '只有 zh 和 en。', 'it is zh or en.');
  }
  const port = set('YICHI_PORT') ?? '3000';
  if (!PORT.test(port) || Number(port) > 65_535) {
    throw refuse('YICHI_PORT', port, '端口是 0 到 65535 的整数。', 'a port is a whole number from 0 to 65535.');
  }
  const eventLog = set('YICHI_EVENT_LOG') ?? `sqlite:${join(dataDir, 'log.sqlite')}`;
  if (!/^(sqlite:.+|memory:|esdb(\+discover)?:\/\/.+)$/.test(eventLog)) {
    throw refuse(
      'YICHI_EVENT_LOG',
      eventLog,
      '写作 sqlite:<文件>、memory: 或 esdb://…。',
      'sqlite:<file>, memory: or esdb://….',
    );
  }
  return {
    dataDir,
    eventLog,
    host: set('YICHI_HOST') ?? '127.0.0.1',
    port: Number(port),
    language,
  };
};
