import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Where people read the documentation; its assets come from this server, so that it works without a network. */
export const DOCUMENTATION_PATH = 'api';

const DESCRIPTION = [
  '每项业务是一条命令：POST，带 Idempotency-Key；答复给出事件编号和日志位置 position。查询时以 waitFor=<position> 带上，即可读到本次结果；',
  '以 at=<position> 查当时账本所知，以 asOf=<日期> 查截至当日。金额一律是加引号、两位小数的元。出错时答复 application/problem+json。',
  '令牌用 yichi token --actor <经办人> 签发。',
  '',
  'Every use case is a command: POST with an Idempotency-Key; the answer has the event ids and the position. Give it as waitFor=<position> to read your own write, as at=<position> for what the ledger knew then; asOf=<date> asks for a business date. Amounts are texts of yuan with two decimals. Failures are application/problem+json. Issue a token with yichi token --actor ID.',
].join('\n');

/** The OpenAPI document of the routes there are. */
export const openApiDocument = (application: INestApplication): OpenAPIObject =>
  SwaggerModule.createDocument(
    application,
    new DocumentBuilder()
      .setTitle('一池 · Yichi')
      .setDescription(DESCRIPTION)
      .setVersion('1')
      .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT (EdDSA)' })
      .build(),
  );

export const serveDocumentation = (application: INestApplication): void =>
  SwaggerModule.setup(DOCUMENTATION_PATH, application, () => openApiDocument(application), {
    jsonDocumentUrl: `${DOCUMENTATION_PATH}-json`,
    raw: ['json'],
    customSiteTitle: '一池 · Yichi API',
    swaggerOptions: { persistAuthorization: true, defaultModelsExpandDepth: 0 },
  });
