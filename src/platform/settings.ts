import { join, resolve } from 'node:path';

import { DomainError } from './domain-error';

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How the log is sealed. */
export interface CheckpointSettings {
  /** Name of the log in its checkpoints; null: it follows from the key. */
  readonly origin: string | null;
  /** Directories and witnesses that checkpoints are published to. */
  readonly to: readonly string[];
  /** The service makes one after so many events … */
  readonly events: number;
  /** … or after so many seconds with any. */
  readonly seconds: number;
}

/** Where Yichi works and how it speaks; read once at start. */
export interface Settings {
  readonly dataDir: string;
  /** `sqlite:<file>`, `memory:` or `esdb://…`. */
  readonly eventLog: string;
  readonly host: string;
  readonly port: number;
  readonly language: Language;
  readonly checkpoints: CheckpointSettings;
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

/** @throws DomainError SETTING_INVALID when the value names no kind of log */
export const requireEventLogSetting = (name: string, value: string): void => {
  if (/^(sqlite:.+|memory:|esdb(\+discover)?:\/\/.+)$/.test(value)) return;
  // An address may hold a password, also one that is written wrongly.
  const scheme = /^[\w+.-]{1,20}:/.exec(value)?.[0] ?? '';
  throw refuse(name, `${scheme}…`, '写作 sqlite:<文件>、memory: 或 esdb://…。', 'sqlite:<file>, memory: or esdb://….');
};

const PORT = /^\d{1,5}$/;

/** From 1 to a thousand million, which no log reaches in the time between two checkpoints. */
const COUNT = /^[1-9]\d{0,8}$/;

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
  if (overrides.data === '') throw refuse('--data', '', '目录名为空。', 'the name of the directory is empty.');
  const dataDir = resolve(overrides.data ?? set('YICHI_DATA') ?? 'data');
  const language = overrides.lang ?? set('YICHI_LANG') ?? 'zh';
  if (language !== 'zh' && language !== 'en') {
    throw refuse(
      overrides.lang === undefined ? 'YICHI_LANG' : '--lang',
      language,
      '只有 zh 和 en。',
      'it is zh or en.',
    );
  }
  const port = set('YICHI_PORT') ?? '3000';
  if (!PORT.test(port) || Number(port) > 65_535) {
    throw refuse('YICHI_PORT', port, '端口是 0 到 65535 的整数。', 'a port is a whole number from 0 to 65535.');
  }
  const eventLog = set('YICHI_EVENT_LOG') ?? `sqlite:${join(dataDir, 'log.sqlite')}`;
  requireEventLogSetting('YICHI_EVENT_LOG', eventLog);
  const count = (name: string, usual: number): number => {
    const text = set(name) ?? String(usual);
    if (COUNT.test(text)) return Number(text);
    throw refuse(name, text, '应为正整数。', 'it is a whole number above 0.');
  };
  return {
    dataDir,
    eventLog,
    host: set('YICHI_HOST') ?? '127.0.0.1',
    port: Number(port),
    language,
    checkpoints: {
      origin: set('YICHI_ORIGIN') ?? null,
      to: (set('YICHI_CHECKPOINT_TO') ?? '')
        .split(',')
        .map((place) => place.trim())
        .filter((place) => place !== ''),
      events: count('YICHI_CHECKPOINT_EVENTS', 10_000),
      seconds: count('YICHI_CHECKPOINT_SECONDS', 300),
    },
  };
};
