import { randomUUID } from 'node:crypto';

import type { LedgerEvent } from '../../../src/event-log/event';
import { ledgerEvent, movement, quotaLine } from '../ledger-events';

/** Everything that happens to the money of one county in a year, with codes in Chinese wherever they are allowed. */
export const villageYear = (division: string): readonly LedgerEvent[] => {
  const stream = `pool-${division}-2024`;
  const line = `青财农〔2024〕${division}号/衔接资金/产业发展`;
  const project = `项目${division}`;
  const place = `${division}100201`;
  const account = (state: string): string => `project:${project}:${place}:${state}`;
  const pool = (state: string): string => `pool:${division}:2024:${state}`;
  const event = (type: string, on: string, data: Readonly<Record<string, unknown>>): LedgerEvent => ({
    ...ledgerEvent(stream, type, on, data),
    id: randomUUID(),
  });
  return [
    event('FundsAppropriated', '2024-01-02', {
      documentNo: `青财农〔2024〕${division}号`,
      lines: [quotaLine(line, '农业农村局')],
      movements: [movement(line, 'source:衔接资金', pool('received'), '1000.00')],
    }),
    event('FundsIntegrated', '2024-01-05', {
      documentNo: '整1',
      movements: [movement(line, pool('received'), pool('available'), '1000.00')],
    }),
    event('FundsAllocated', '2024-02-01', {
      documentNo: '安1',
      projectCode: project,
      movements: [movement(line, pool('available'), account('available'), '600.00')],
    }),
    event('PaymentRequested', '2024-03-01', {
      documentNo: '支1',
      movements: [movement(line, account('available'), account('held'), '250.01')],
    }),
    event('PaymentExecuted', '2024-03-05', {
      documentNo: '支1',
      movements: [movement(line, account('held'), account('paid'), '250.01')],
    }),
    // No projection handles this one, so that theirs end before the log does.
    event('PaymentApproved', '2024-03-06', { documentNo: '支1' }),
  ];
};
