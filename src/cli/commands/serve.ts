import { EXIT } from '../exit-code';
import type { Register } from '../program';

export const registerServe: Register = (line) =>
  void line.add({
    name: 'serve',
    zh: '启动 HTTP 服务（YICHI_HOST、YICHI_PORT，默认 127.0.0.1:3000）',
    en: 'serve the HTTP API (YICHI_HOST, YICHI_PORT, default 127.0.0.1:3000)',
    example: 'YICHI_PORT=8080 yichi serve',
    run: async ({ settings, terminal }) => {
      const { serve } = await import('../serve');
      await serve(settings, { empty: true, json: terminal.json });
      return EXIT.done;
    },
  });
