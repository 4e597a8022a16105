import type { LedgerEvent } from '../../src/event-log/event';
import type { Movement } from '../../src/pool/account';
import type { QuotaLine } from '../../src/pool/quota-line';

let made = 0;

/** An event of a stream with a circumstance that nothing here depends on. */
export const ledgerEvent = (
  stream: string,
  type: string,
  effectiveOn: string,
  data: Readonly<Record<string, unknown>>,
): LedgerEvent => {
  made += 1;
  return {
    type,
    data,
    id: `00000000-0000-5000-8000-${String(made).padStart(12, '0')}`,
    schemaVersion: 1,
    stream,
    revision: 0,
    recordedAt: '2024-01-01T00:00:00.000Z',
    effectiveOn,
    actor: { id: 'tester', role: 'test', division: '' },
    commandId: '00000000-0000-4000-8000-000000000000',
    correlationId: 'test',
    causationId: null,
    basis: '',
    metadata: {},
  };
};

export const quotaLine = (name: string, departmentCode: string, issuedOn = '2024-01-02'): QuotaLine => {
  const [documentNo = '', channelCode = '', purposeCode = ''] = name.split('/');
  return {
    quotaLine: name as QuotaLine['quotaLine'],
    documentNo,
    parentDocumentNo: null,
    channelCode,
    purposeCode,
    departmentCode,
    level: '省',
    kind: '行业',
    cashRequired: false,
    issuedOn,
  };
};

/** `movement('D1/C1/P1', 'source:C1', 'pool:63:2024:received', '10.00')` */
export const movement = (line: string, from: string, to: string, amount: string): Movement =>
  ({ quotaLine: line, from, to, amount }) as Movement;
