import type { StreamCommand, StreamKind } from '../../src/event-log/decider';
import type { DomainEvent } from '../../src/event-log/event';
import { commandIdFrom } from '../../src/event-log/event-id';
import { DomainError } from '../../src/platform/domain-error';

/** The smallest stream that can be overdrawn: what goes in, what goes out, in whole 元. */
export type PurseEvent =
  | DomainEvent<'PaidIn', { readonly yuan: number }>
  | DomainEvent<'PaidOut', { readonly yuan: number; readonly payee: string }>;

export interface Purse {
  balance: number;
  readonly payees: string[];
}

export const purseKind: StreamKind<Purse, PurseEvent> = {
  category: 'purse',
  schemaVersion: 1,
  initial: () => ({ balance: 0, payees: [] }),
  evolve: (purse, event) => {
    if (event.type === 'PaidIn') purse.balance += event.data.yuan;
    else {
      const { yuan, payee } = event.data as { yuan: number; payee: string };
      purse.balance -= yuan;
      purse.payees.push(payee);
    }
    return purse;
  },
};

type PurseCommand = StreamCommand<Purse, PurseEvent>;

export const purseCommand = (
  stream: string,
  key: string,
  content: string,
  decide: (purse: Purse) => readonly PurseEvent[],
): PurseCommand => ({
  stream,
  kind: purseKind,
  envelope: {
    commandId: commandIdFrom(key),
    actor: { id: 'li', role: 'clerk', division: '630222' },
    effectiveOn: '2024-05-01',
    correlationId: 'test',
    causationId: null,
    basis: key,
    metadata: {},
  },
  fingerprint: content,
  decide,
});

export const payIn = (stream: string, yuan: number, key = `in-${stream}`): PurseCommand =>
  purseCommand(stream, key, `in ${yuan}`, () => [{ type: 'PaidIn', data: { yuan } }]);

export const payOut = (stream: string, yuan: number, key: string): PurseCommand =>
  purseCommand(stream, key, `out ${yuan}`, (purse) => {
    if (purse.balance < yuan) {
      throw new DomainError('rule', {
        code: 'OVERDRAWN',
        message: '余额不足',
        messageEn: 'not enough',
        remedy: '少付一些',
        remedyEn: 'pay less',
        parameters: { available: purse.balance },
      });
    }
    return [{ type: 'PaidOut', data: { yuan, payee: key } }];
  });
