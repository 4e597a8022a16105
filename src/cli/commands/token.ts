import { InvalidArgumentError } from 'commander';

import { EXIT } from '../exit-code';
import type { Register } from '../program';

interface Options {
  readonly actor: string;
  readonly role: string;
  readonly division: string;
  readonly hours: number;
}

const HOURS = /^[1-9]\d{0,3}$/;

const hours = (text: string): number => {
  if (HOURS.test(text)) return Number(text);
  throw new InvalidArgumentError('1–9999');
};

export const registerToken: Register = (line) =>
  void line.add<Options>({
    name: 'token',
    zh: '签发访问令牌（使用数据目录中的开发密钥）',
    en: 'issue an access token (with the development key in the data directory)',
    example: 'yichi token --actor 张三 --role finance --division 630222',
    configure: (command, say) =>
      command
        .requiredOption('--actor <id>', say('经办人', 'who acts'))
        .option('--role <role>', say('角色', 'role'), 'finance')
        .option('--division <code>', say('所属区划', 'division'), '')
        .option('--hours <n>', say('有效小时数', 'hours it is valid'), hours, 12),
    run: async ({ settings, terminal }, _args, options) => {
      const { openKeys, issueToken } = await import('../../identity/tokens');
      const keys = await openKeys(settings.dataDir);
      const actor = { id: options.actor, role: options.role, division: options.division };
      const token = await issueToken(keys, actor, options.hours * 3600);
      terminal.data(
        () => token,
        () => ({ token }),
      );
      return EXIT.done;
    },
  });
