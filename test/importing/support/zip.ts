import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly content: string | Buffer;
  /** What the directory says the content's size is; the truth when absent. */
  readonly claimedSize?: number;
  /** Marks the part as encrypted. */
  readonly encrypted?: boolean;
  readonly checksum?: number;
}

/** A zip file written by hand, so that it can also be a wrong one. */
export const zip = (parts: readonly ZipPart[]): Buffer => {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const content = Buffer.from(part.content);
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE((part.encrypted === true ? 1 : 0) | 0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(part.checksum ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(part.claimedSize ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    bodies.push(Buffer.from('PK\u0003\u0004', 'latin1'), common, name, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), common, tail, name);
    offset += 30 + name.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, index, end]);
};

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface HandMadeWorkbook {
  /** Content of `<sheetData>`. */
  readonly data: string;
  /** Attributes of `<workbookPr>`. */
  readonly properties?: string;
  readonly styles?: string;
  readonly sharedStrings?: string;
  /** Stands before the sheet's root element. */
  readonly prolog?: string;
}

/** The parts of the smallest workbook with one sheet, for what exceljs would never write. */
export const workbookParts = (content: HandMadeWorkbook): readonly ZipPart[] => [
  {
    name: '_rels/.rels',
    content: `<Relationships><Relationship Id="r1" Type="${RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  },
  {
    name: 'xl/workbook.xml',
    content: `<workbook xmlns:r="r"><workbookPr ${content.properties ?? ''}/><sheets><sheet name="支付" sheetId="1" r:id="s1"/></sheets></workbook>`,
  },
  {
    name: 'xl/_rels/workbook.xml.rels',
    content:
      `<Relationships><Relationship Id="s1" Type="${RELATION}/worksheet" Target="worksheets/sheet1.xml"/>` +
      `<Relationship Id="s2" Type="${RELATION}/styles" Target="/xl/styles.xml"/>` +
      `<Relationship Id="s3" Type="${RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
  },
  { name: 'xl/styles.xml', content: content.styles ?? '<styleSheet/>' },
  { name: 'xl/sharedStrings.xml', content: content.sharedStrings ?? '<sst/>' },
  {
    name: 'xl/worksheets/sheet1.xml',
    content: `${content.prolog ?? ''}<worksheet><sheetData>${content.data}</sheetData></worksheet>`,
  },
];
