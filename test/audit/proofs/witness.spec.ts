import { generateKeyPairSync } from 'node:crypto';

import { openCheckpoint, signCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { consistencyProof } from '../../../src/event-log/tree/merkle-proof';
import { Ed25519Cosigner, Ed25519Signer } from '../../../src/audit/proofs/signer';
import { subtreesOf } from '../../../src/event-log/tree/tree-store';
import { parseVerifierKey } from '../../../src/audit/proofs/verifier';
import { formatAddCheckpoint, WitnessDesk, type Witnessed } from '../../../src/audit/proofs/witness';
import { checkpointOf, keys, rowsOf, sampleEvents, signer, treeOf } from './ledger-sample';

const rows = rowsOf(sampleEvents(600));
const tree = treeOf(rows);
const cosigner = new Ed25519Cosigner('audit.example/w1', generateKeyPairSync('ed25519').privateKey);
const desk = new WitnessDesk(cosigner, keys.log);

const noteOf = async (size: number): Promise<string> => String((await checkpointOf(rows.slice(0, size))).note);
const requestOf = async (oldSize: number, size: number): Promise<string> =>
  formatAddCheckpoint({
    oldSize,
    proof: await consistencyProof(oldSize, size, subtreesOf(tree, size)),
    checkpoint: await noteOf(size),
  });
const answer = (body: string, last: Witnessed | null = null) => desk.answer(body, async () => last);

const witnessed = async (size: number): Promise<Witnessed> => {
  const first = await answer(await requestOf(0, size));
  if (first.status !== 200) throw new Error(first.body);
  return first.remember;
};

describe('a witness', () => {
  it('cosigns the first checkpoint and every consistent one after it', async () => {
    const last = await witnessed(300);
    const next = await answer(await requestOf(300, 600), last);
    expect(next).toMatchObject({ status: 200, origin: signer.name, remember: { size: 600 } });
    const cosigned = (await noteOf(600)) + next.body;
    const trusted = { ...keys, witnesses: [parseVerifierKey(cosigner.verifierKey)], witnessesNeeded: 1 };
    expect(openCheckpoint(cosigned, trusted).checkpoint.size).toBe(600);
    if (next.status === 200) expect(openCheckpoint(next.remember.note, trusted).cosignatures).toHaveLength(1);
    expect(await answer(await requestOf(600, 600), await witnessed(600))).toMatchObject({ status: 200 });
  });

  it('tells its size to who believes another', async () => {
    expect(await answer(await requestOf(0, 600), await witnessed(300))).toEqual({ status: 409, body: '300\n' });
    expect(await answer(await requestOf(300, 600))).toEqual({ status: 409, body: '0\n' });
  });

  it('cosigns nothing that is not the same log grown longer', async () => {
    const last = await witnessed(300);
    const proof = await consistencyProof(300, 600, subtreesOf(tree, 600));
    const otherRows = rowsOf(sampleEvents(600).map((event) => ({ ...event, basis: '改' })));
    const rewritten = String((await checkpointOf(otherRows)).note);
    expect(await answer(formatAddCheckpoint({ oldSize: 300, proof, checkpoint: rewritten }), last)).toMatchObject({
      status: 422,
    });
    const otherSame = String((await checkpointOf(otherRows.slice(0, 300))).note);
    expect(await answer(formatAddCheckpoint({ oldSize: 300, proof: [], checkpoint: otherSame }), last)).toMatchObject({
      status: 422,
    });
    const short = formatAddCheckpoint({ oldSize: 300, proof: proof.slice(1), checkpoint: await noteOf(600) });
    expect(await answer(short, last)).toMatchObject({ status: 422 });
    const needless = formatAddCheckpoint({ oldSize: 0, proof, checkpoint: await noteOf(600) });
    expect(await answer(needless)).toMatchObject({ status: 422 });
    const back = formatAddCheckpoint({ oldSize: 300, proof: [], checkpoint: await noteOf(200) });
    expect(await answer(back, last)).toMatchObject({ status: 400 });
  });

  it('does not say that it saw the longer log before the shorter one, when its clock was set back', async () => {
    let now = Date.parse('2024-03-01T08:00:00.000Z');
    const { privateKey } = generateKeyPairSync('ed25519');
    const clocked = new WitnessDesk(new Ed25519Cosigner('audit.example/w2', privateKey, () => new Date(now)), keys.log);
    const first = await clocked.answer(await requestOf(0, 300), async () => null);
    if (first.status !== 200) throw new Error(first.body);
    expect(first.remember.timestamp).toBe(now / 1000);
    const next = async () => clocked.answer(await requestOf(300, 600), async () => first.remember);
    now -= 86_400_000;
    expect(await next()).toMatchObject({ status: 503, body: expect.stringContaining('set back') as string });
    // Clocks are corrected by a second or two all the time: then the time stands still.
    now += 86_400_000 - 2000;
    expect(await next()).toMatchObject({ status: 200, remember: { timestamp: first.remember.timestamp } });
    now += 5000;
    expect(await next()).toMatchObject({ status: 200, remember: { timestamp: first.remember.timestamp + 3 } });
  });

  it('knows its logs by name and key', async () => {
    const stranger = new Ed25519Signer(signer.name, generateKeyPairSync('ed25519').privateKey);
    const checkpoint = { origin: signer.name, size: 600, root: tree.root(), extensions: [] };
    const forged = await signCheckpoint(checkpoint, [stranger]);
    expect(await answer(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: forged }))).toMatchObject({
      status: 403,
    });
    const broken = (await noteOf(600)).replace('\n600\n', '\n601\n');
    expect(await answer(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: broken }))).toMatchObject({
      status: 403,
    });
    const unknown = await signCheckpoint({ ...checkpoint, origin: 'other.example' }, [stranger]);
    expect(await answer(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: unknown }))).toMatchObject({
      status: 404,
    });
  });

  it.each(['', 'old 0', 'old 00\n\nx', 'old 1\nAAAA\n\nx', 'new 0\n\nx', `old 0\n${'x\n'.repeat(64)}\nx`])(
    'does not understand %j',
    async (body) => {
      expect(await answer(body)).toMatchObject({ status: 400 });
    },
  );
});
