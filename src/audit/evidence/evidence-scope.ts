import { parseDivision } from '../../balances/parsing';
import { DomainError } from '../../platform/domain-error';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';

/** What evidence can be given of. `document`: a quota document, or any entry by its number; `payment`: a voucher. */
export const SCOPE_KINDS = ['division', 'project', 'document', 'payment'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

export interface EvidenceScope {
  readonly kind: ScopeKind;
  readonly id: string;
}

/**
 * Reads `<kind>:<id>`, or an id alone where the ledger knows one thing only that it can be.
 *
 * @throws DomainError EVIDENCE_SCOPE_INVALID, EVIDENCE_SCOPE_AMBIGUOUS, EVIDENCE_SCOPE_UNKNOWN, DIVISION_INVALID
 */
export const resolveScope = (source: SnapshotSource, text: string): EvidenceScope => {
  const asked = readScope(text);
  return source.read((snapshot) => {
    const kinds = asked.kind === null ? SCOPE_KINDS : [asked.kind];
    const found = kinds.filter((kind) => isKnown(snapshot, kind, asked.id));
    const [kind] = found;
    if (kind === undefined) throw scopeUnknown(text);
    if (found.length > 1) throw scopeAmbiguous(asked.id, found);
    return { kind, id: asked.id };
  });
};

/**
 * The text alone, before a ledger is asked.
 * @throws DomainError(input) EVIDENCE_SCOPE_INVALID, DIVISION_INVALID
 */
export const readScope = (text: string): { readonly kind: ScopeKind | null; readonly id: string } => {
  const [head = '', ...rest] = text.normalize('NFC').trim().split(':');
  // No code or number of the ledger has a colon in it.
  if (rest.length > 1) throw scopeInvalid(text);
  const [id] = rest;
  if (id === undefined) return head === '' ? refuse(text) : { kind: null, id: head };
  const kind = SCOPE_KINDS.find((name) => name === head);
  if (kind === undefined || id === '') throw scopeInvalid(text);
  return { kind, id: kind === 'division' ? parseDivision(id) : id };
};

const refuse = (text: string): never => {
  throw scopeInvalid(text);
};

const isKnown = (snapshot: ReadSnapshot, kind: ScopeKind, id: string): boolean =>
  snapshot.first(KNOWN_BY[kind], ...Array.from({ length: KNOWN_BY[kind].split('?').length - 1 }, () => id)) !==
  undefined;

const KNOWN_BY: Readonly<Record<ScopeKind, string>> = {
  division: 'SELECT 1 FROM stream WHERE division = ?',
  project: 'SELECT 1 FROM account WHERE project_code = ? UNION ALL SELECT 1 FROM project WHERE code = ?',
  document: `SELECT 1 FROM quota_line WHERE document_no = ? UNION ALL
    SELECT 1 FROM event JOIN event_type ON event_type.id = event.type
     WHERE event.document_no = ? AND event_type.name NOT LIKE 'Payment%'`,
  payment: `SELECT 1 FROM event JOIN event_type ON event_type.id = event.type
     WHERE event.document_no = ? AND event_type.name LIKE 'Payment%'`,
};

const KIND_LIST = SCOPE_KINDS.map((kind) => `${kind}:…`);

const scopeInvalid = (text: string): DomainError =>
  new DomainError('input', {
    code: 'EVIDENCE_SCOPE_INVALID',
    message: `证据范围“${text}”无法识别。`,
    messageEn: `“${text}” is no scope of evidence.`,
    remedy: `写作 ${KIND_LIST.join('、')}，例如 project:M2。`,
    remedyEn: `Write ${KIND_LIST.join(', ')}, for example project:M2.`,
    parameters: { scope: text },
  });

const scopeAmbiguous = (id: string, kinds: readonly ScopeKind[]): DomainError =>
  new DomainError('input', {
    code: 'EVIDENCE_SCOPE_AMBIGUOUS',
    message: `“${id}”可能是几种对象：${kinds.join('、')}。`,
    messageEn: `“${id}” may be several things: ${kinds.join(', ')}.`,
    remedy: `请指明：${kinds.map((kind) => `${kind}:${id}`).join(' 或 ')}。`,
    remedyEn: `Say which: ${kinds.map((kind) => `${kind}:${id}`).join(' or ')}.`,
    parameters: { id, kinds },
  });

const scopeUnknown = (text: string): DomainError =>
  new DomainError('not-found', {
    code: 'EVIDENCE_SCOPE_UNKNOWN',
    message: `总账中没有“${text}”的资金记录。`,
    messageEn: `The ledger has no money of “${text}”.`,
    remedy: '请核对区划、项目编号、文号或凭证号，须与台账完全一致。',
    remedyEn: 'Check the division, project code, document or voucher number; it must match exactly.',
    parameters: { scope: text },
  });

/** It exists, but not yet at the moment. */
export const nothingThen = ({ kind, id }: EvidenceScope, position: number): DomainError =>
  new DomainError('not-found', {
    code: 'EVIDENCE_NOTHING_THEN',
    message: `截至位置 ${position}，还没有 ${kind}:${id} 的资金事件。`,
    messageEn: `At position ${position} no event had moved money of ${kind}:${id}.`,
    remedy: '请用较晚的位置或书签。',
    remedyEn: 'Use a later position or bookmark.',
    parameters: { kind, id, position },
  });
