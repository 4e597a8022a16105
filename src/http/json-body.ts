import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { quoted } from '../importing/cells/cell-problem';
import { DomainError, refusal } from '../platform/domain-error';

/** A document has lines, which have lists: four levels. What is far deeper would only exhaust those who walk through it. */
const MAX_DEPTH = 32;

/** A document has a dozen fields; to be told of tens of thousands that are unknown would keep everybody else waiting. */
const MAX_NAMES = 100;

/** A text with or without the colon that makes it a name, or where an object or list begins or ends. */
const NAMES_AND_BRACKETS = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g;

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes JSON and nothing else. A form or a plain text, which some programs send when they are told nothing, would arrive
 * as one field of a strange name or as none.
 */
export const takeJsonOnly = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      requirePlainUtf8(request);
      done(null, readJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
};

const requirePlainUtf8 = ({ headers }: FastifyRequest): void => {
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if ((charset !== 'utf-8' && charset !== 'utf8') || encoding !== 'identity') throw new UnsupportedMediaTypeException();
};

/**
 * The value that a body says, when it can only be read in one way.
 *
 * @throws DomainError(input) BODY_MISSING, BODY_NOT_UTF8, BODY_NOT_JSON, BODY_TOO_DEEP, BODY_TOO_MANY_NAMES,
 * BODY_NAME_REPEATED
 */
export const readJson = (bytes: Uint8Array): unknown => {
  if (bytes.length === 0) throw bodyMissing();
  const text = textOf(bytes);
  const value = valueOf(text);
  requireOneReading(text);
  return value;
};

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw notUtf8();
  }
};

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notJson();
  }
};

/**
 * The parser takes the last of two fields with one name in silence; which of two amounts was meant, nobody knows.
 *
 * @param json a text that is JSON
 */
const requireOneReading = (json: string): void => {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(NAMES_AND_BRACKETS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH) throw tooDeep();
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (text !== undefined && colon !== undefined) {
      const name = JSON.parse(text) as string;
      const names = open.at(-1) ?? new Set();
      if (names.has(name)) throw nameRepeated(name);
      if (names.add(name).size > MAX_NAMES) throw tooManyNames();
    }
  }
};

/** @throws DomainError(input) BODY_MISSING, BODY_NOT_OBJECT */
export const requireObject = (body: unknown): void => {
  if (body === undefined) throw bodyMissing();
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notObject();
};

const refused = (...said: Parameters<typeof refusal>): DomainError => new DomainError('input', refusal(...said));

const bodyMissing = (): DomainError =>
  refused(
    'BODY_MISSING',
    '请求没有正文。',
    'The request has no body.',
    '以 JSON 对象作正文，并设置 Content-Type: application/json；各项见 /api。',
    'Send a JSON object with Content-Type: application/json; see /api for its fields.',
  );

const notUtf8 = (): DomainError =>
  refused(
    'BODY_NOT_UTF8',
    '请求正文不是 UTF-8 编码。',
    'The body is not in UTF-8.',
    '把正文转换为 UTF-8（不是 GBK 或 UTF-16）后重发。',
    'Convert it to UTF-8 (not GBK or UTF-16) and send it again.',
  );

const notJson = (): DomainError =>
  refused(
    'BODY_NOT_JSON',
    '请求正文不是有效的 JSON。',
    'The body is not valid JSON.',
    '检查引号、逗号和括号是否成对、完整，并用半角。',
    'Check that quotation marks, commas and brackets are complete.',
  );

const notObject = (): DomainError =>
  refused(
    'BODY_NOT_OBJECT',
    '请求正文应为一个 JSON 对象 {…}。',
    'The body is one JSON object {…}.',
    '每次请求写一项业务；各项见 /api。',
    'Send one command a request; see /api for its fields.',
  );

const tooDeep = (): DomainError =>
  refused(
    'BODY_TOO_DEEP',
    `请求正文的嵌套超过 ${MAX_DEPTH} 层。`,
    `The body is nested deeper than ${MAX_DEPTH} levels.`,
    '按接口说明 /api 填写。',
    'Fill it in as documented at /api.',
    { most: MAX_DEPTH },
  );

const tooManyNames = (): DomainError =>
  refused(
    'BODY_TOO_MANY_NAMES',
    `请求正文的一个对象里超过 ${MAX_NAMES} 项。`,
    `An object of the body has more than ${MAX_NAMES} fields.`,
    '按接口说明 /api 填写。',
    'Fill it in as documented at /api.',
    { most: MAX_NAMES },
  );

const nameRepeated = (name: string): DomainError =>
  refused(
    'BODY_NAME_REPEATED',
    `请求正文的同一对象里“${quoted(name)}”写了两次，不知以哪个为准。`,
    `An object of the body has "${quoted(name)}" twice; which of them is meant is not clear.`,
    '删去其中一个。',
    'Remove one of them.',
    { name: quoted(name) },
  );
