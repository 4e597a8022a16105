import type Database from 'better-sqlite3';

import type { QuotaLine } from '../pool/quota-line';
import { accountDimensions } from './account-kind';
import type { PoolPartition } from './pool-partition';
import { poolOfStream } from '../pool/pool-stream';

/** A pool whose line has no particulars yet: the writer of the log broke its promise. */
const unknownLine = (stream: string, quotaLine: string): Error =>
  new Error(`no event has brought quota line ${quotaLine} into ${stream}`);

/**
 * Ids of streams, event types, accounts and quota lines. Ids are given here, one higher than the highest, so that rows
 * can refer to each other before they are written. In a fresh database what is not in memory does not exist; in a live
 * one it is looked up, because another process may have added it.
 */
export class Dimensions {
  readonly #fresh: boolean;
  readonly #streams = new Map<string, number>();
  readonly #types = new Map<string, number>();
  #nextStream: number;
  #nextType: number;
  #nextAccount: number;
  #nextLine: number;
  readonly #insertStream: Database.Statement;
  readonly #insertType: Database.Statement;
  readonly #insertAccount: Database.Statement;
  readonly #insertLine: Database.Statement;
  readonly #selectStream: Database.Statement;
  readonly #selectType: Database.Statement;
  readonly #selectAccount: Database.Statement;
  readonly #selectLine: Database.Statement;

  constructor(database: Database.Database, fresh: boolean) {
    this.#fresh = fresh;
    const next = (table: string): number =>
      (database.prepare(`SELECT coalesce(max(id), 0) + 1 FROM ${table}`).pluck().get() as number) ?? 1;
    this.#nextStream = next('stream');
    this.#nextType = next('event_type');
    this.#nextAccount = next('account');
    this.#nextLine = next('quota_line');
    this.#insertStream = database.prepare('INSERT INTO stream (id, name, division, fiscal_year) VALUES (?, ?, ?, ?)');
    this.#insertType = database.prepare('INSERT INTO event_type (id, name) VALUES (?, ?)');
    this.#insertAccount = database.prepare(
      'INSERT INTO account (id, pool, path, kind, project_code, place) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#insertLine = database.prepare(
      `INSERT INTO quota_line (id, pool, quota_line, document_no, parent_document_no, channel_code, purpose_code,
         department_code, level, kind, cash_required, issued_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#selectStream = database.prepare('SELECT id FROM stream WHERE name = ?').pluck();
    this.#selectType = database.prepare('SELECT id FROM event_type WHERE name = ?').pluck();
    this.#selectAccount = database.prepare('SELECT id FROM account WHERE pool = ? AND path = ?').pluck();
    this.#selectLine = database
      .prepare('SELECT id FROM quota_line WHERE pool = ? AND quota_line = ? ORDER BY id DESC LIMIT 1')
      .pluck();
  }

  stream(name: string): number {
    const known = this.#streams.get(name) ?? this.#lookUp(this.#selectStream, name);
    const id = known ?? this.#nextStream;
    if (known === undefined) {
      this.#nextStream += 1;
      const pool = poolOfStream(name);
      this.#insertStream.run(id, name, pool?.division ?? null, pool?.fiscalYear ?? null);
    }
    this.#streams.set(name, id);
    return id;
  }

  type(name: string): number {
    const remembered = this.#types.get(name);
    if (remembered !== undefined) return remembered;
    const known = this.#lookUp(this.#selectType, name);
    const id = known ?? this.#nextType;
    if (known === undefined) {
      this.#nextType += 1;
      this.#insertType.run(id, name);
    }
    this.#types.set(name, id);
    return id;
  }

  account(pool: PoolPartition, path: string): number {
    const remembered = pool.accounts.get(path);
    if (remembered !== undefined) return remembered;
    const known = this.#lookUp(this.#selectAccount, pool.id, path);
    const id = known ?? this.#nextAccount;
    if (known === undefined) {
      this.#nextAccount += 1;
      const { kind, projectCode, place } = accountDimensions(path);
      this.#insertAccount.run(id, pool.id, path, kind, projectCode, place);
    }
    pool.accounts.set(path, id);
    return id;
  }

  line(pool: PoolPartition, quotaLine: string): number {
    const id = pool.lines.get(quotaLine) ?? this.#lookUp(this.#selectLine, pool.id, quotaLine);
    if (id === undefined) throw unknownLine(pool.stream, quotaLine);
    pool.lines.set(quotaLine, id);
    return id;
  }

  /** The particulars that come first are a line's particulars in its pool, until it is issued anew. */
  learnLine(pool: PoolPartition, line: QuotaLine): void {
    if (pool.lines.has(line.quotaLine)) return;
    const known = this.#lookUp(this.#selectLine, pool.id, line.quotaLine);
    if (known === undefined) this.issueLine(pool, line);
    else pool.lines.set(line.quotaLine, known);
  }

  /** What comes of the line from now on has these particulars; what came before keeps those that it had. */
  issueLine(pool: PoolPartition, line: QuotaLine): void {
    const id = this.#nextLine;
    this.#nextLine += 1;
    this.#insertLine.run(
      id,
      pool.id,
      line.quotaLine,
      line.documentNo,
      line.parentDocumentNo,
      line.channelCode,
      line.purposeCode,
      line.departmentCode,
      line.level,
      line.kind,
      line.cashRequired ? 1 : 0,
      line.issuedOn,
    );
    pool.lines.set(line.quotaLine, id);
  }

  #lookUp(statement: Database.Statement, ...parameters: readonly unknown[]): number | undefined {
    return this.#fresh ? undefined : (statement.get(...parameters) as number | undefined);
  }
}
