import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Where people read the documentation; its assets come from this server, so that it works without a network. */
export const DOCUMENTATION_PATH = 'api';

const DESCRIPTION = [
  '每项业务是一条命令：POST，带 Idempotency-Key；答复给出事件编号和日志位置 position。查询时以 `waitFor=<position>` 带上，即可读到本次结果；',
  '以 `at=<position>` 查当时账本所知，以 `asOf=<日期>` 查截至当日。金额一律是加引号、两位小数的元。出错时答复 application/problem+json。',
  '令牌用 `npx yichi token --actor <经办人>` 签发，填入 Authorize。',
  '',
  'Every use case is a command: POST with an Idempotency-Key; the answer has the event ids and the position. Give it as `waitFor=<position>` to read your own write, as `at=<position>` for what the ledger knew then; `asOf=<date>` asks for a business date. Amounts are texts of yuan with two decimals. Failures are application/problem+json. Issue a token with `npx yichi token --actor <id>` and enter it under Authorize.',
].join('\n');

/** In the order of a year; a tag's place would else be that of the first address that happens to have it. */
const TAGS = [
  '登记 · registry',
  '项目 · projects',
  '资金 · money',
  '支付 · payments',
  '查询 · reading',
  '审计 · audit',
  '证明 · proof',
  '运行 · operation',
] as const;

/** What callers send: a field that is not named is refused at every depth. */
const REQUEST = /Dto$/;

/** The OpenAPI document of the routes there are. */
export const openApiDocument = (application: INestApplication): OpenAPIObject => {
  const document = SwaggerModule.createDocument(application, {
    ...new DocumentBuilder()
      .setTitle('一池 · Yichi')
      .setDescription(DESCRIPTION)
      .setVersion('1')
      .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT (EdDSA)' })
      .build(),
    tags: TAGS.map((name) => ({ name })),
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => [
    name,
    REQUEST.test(name) ? { ...schema, additionalProperties: false } : schema,
  ]);
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } };
};

/** Serves it, and leads whoever opens the bare address there; relative, because a proxy may have put us under a path. */
export const serveDocumentation = (application: NestFastifyApplication): void => {
  application
    .getHttpAdapter()
    .getInstance()
    .get('/', (_, reply) => reply.redirect(DOCUMENTATION_PATH));
  SwaggerModule.setup(DOCUMENTATION_PATH, application, () => openApiDocument(application), {
    jsonDocumentUrl: `${DOCUMENTATION_PATH}-json`,
    raw: ['json'],
    customSiteTitle: '一池 · Yichi API',
    swaggerOptions: { persistAuthorization: true, defaultModelsExpandDepth: 0 },
  });
};
