import { RegisterGate } from '../../src/ledger/register-gate';
import { DomainError } from '../../src/platform/domain-error';

const AWAY = new DomainError('unavailable', {
  code: 'LOG_UNREACHABLE',
  message: '',
  messageEn: '',
  remedy: '',
  remedyEn: '',
});

describe('who waits at the gate between money and registers while the log goes away', () => {
  let gate: RegisterGate;
  beforeEach(() => {
    gate = new RegisterGate();
  });

  it('a change that waits for money under way is refused, and the gate is open again', async () => {
    expect(gate.enter()).toBeNull();
    const work = jest.fn(async () => 'changed');
    const change = gate.alone(work);
    const behind = gate.enter();
    gate.refuseWaiting(AWAY);
    await expect(change).rejects.toBe(AWAY);
    await expect(behind).rejects.toBe(AWAY);
    expect(work).not.toHaveBeenCalled();
    gate.leave();
    expect(gate.enter()).toBeNull();
    gate.leave();
    await expect(gate.alone(work)).resolves.toBe('changed');
  });

  it('money and changes behind a change under way are refused, and the change goes on to its end', async () => {
    let end: () => void = () => undefined;
    const underWay = gate.alone(() => new Promise<void>((resolve) => (end = resolve)));
    const money = gate.enter();
    const change = gate.alone(async () => undefined);
    gate.refuseWaiting(AWAY);
    await expect(money).rejects.toBe(AWAY);
    await expect(change).rejects.toBe(AWAY);
    const later = gate.enter();
    expect(later).not.toBeNull();
    end();
    await underWay;
    await later;
    gate.leave();
    await gate.alone(async () => undefined);
  });
});
