import { SaxesParser } from 'saxes';

import { DomainError } from '../platform/domain-error';
import { megabytes, workbookCorrupt, workbookUnsafe } from './file-refusals';

/** Attributes as written, prefixes and all. */
export type Attributes = Readonly<Record<string, string>>;

export interface XmlHandlers {
  /** @param name without prefix */
  readonly open: (name: string, attributes: Attributes) => void;
  readonly text: (text: string) => void;
  /** @param name without prefix */
  readonly close: (name: string) => void;
}

/** What Node's decoder calls bytes that are no UTF-8. */
const INVALID_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';
/** A cell holds 32,767 characters at most; a text or tag far longer only serves to fill memory. */
const MAX_BYTES_WITHOUT_TAG = 1024 * 1024;

/**
 * Reads one XML part of a workbook piece by piece. A document type is refused, so that no entity but XML's own five
 * exists; whatever is not well-formed is refused as damage.
 */
export class SafeXml {
  readonly #file: string;
  readonly #part: string;
  readonly #parser = new SaxesParser();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #bytesWithoutTag = 0;

  constructor(file: string, part: string, handlers: XmlHandlers) {
    this.#file = file;
    this.#part = part;
    this.#parser.on('doctype', () => {
      throw workbookUnsafe(file, part);
    });
    this.#parser.on('error', (error) => {
      throw workbookCorrupt(file, { zh: `部件 ${part} 的内容有误`, en: `${part}: ${error.message}` });
    });
    this.#parser.on('opentag', (tag) => {
      this.#bytesWithoutTag = 0;
      handlers.open(localName(tag.name), tag.attributes as Attributes);
    });
    this.#parser.on('text', handlers.text);
    this.#parser.on('cdata', handlers.text);
    this.#parser.on('closetag', (tag) => {
      this.#bytesWithoutTag = 0;
      handlers.close(localName(tag.name));
    });
  }

  write(bytes: Buffer): void {
    this.#bytesWithoutTag += bytes.length;
    this.#parse(() => this.#parser.write(this.#decoder.decode(bytes, { stream: true })));
    if (this.#bytesWithoutTag > MAX_BYTES_WITHOUT_TAG) {
      const limit = megabytes(MAX_BYTES_WITHOUT_TAG);
      throw workbookCorrupt(this.#file, {
        zh: `部件 ${this.#part} 有超过 ${limit} 的内容没有标记`,
        en: `${this.#part}: more than ${limit} without a tag`,
      });
    }
  }

  end(): void {
    this.#parse(() => this.#parser.write(this.#decoder.decode()).close());
  }

  /** Reads a whole part that is small. */
  static async readPart(
    file: string,
    part: string,
    bytes: AsyncIterable<Buffer>,
    handlers: XmlHandlers,
  ): Promise<void> {
    const xml = new SafeXml(file, part, handlers);
    for await (const chunk of bytes) xml.write(chunk);
    xml.end();
  }

  #parse(step: () => void): void {
    try {
      step();
    } catch (error) {
      const isEncoding = typeof error === 'object' && error !== null && 'code' in error;
      if (error instanceof DomainError || !isEncoding || error.code !== INVALID_UTF8) throw error;
      throw workbookCorrupt(this.#file, { zh: `部件 ${this.#part} 不是 UTF-8 文字`, en: `${this.#part}: not UTF-8` });
    }
  }
}

/** `x:row` → `row`. The parts that are read have no two vocabularies whose names clash. */
export const localName = (name: string): string => {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
};
