// Checks what a ledger gives out with nothing but Node's own cryptography: what an outsider would write from
// docs/proof.md. It imports nothing of the program that it checks.
//
//   node independent-verifier.mjs log <leaves file> <checkpoint file> <verifier key>…
//   node independent-verifier.mjs proof <leaf file> <proof file> <verifier key>…
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (leaf) => sha256(Buffer.from([0]), leaf);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
const fail = (why) => {
  throw new Error(why);
};

/** RFC 6962 section 2.1, as it is written there. */
const treeHash = (hashes, from = 0, to = hashes.length) => {
  if (to === from) return sha256();
  if (to - from === 1) return hashes[from];
  let split = 1;
  while (split * 2 < to - from) split *= 2;
  return nodeHash(treeHash(hashes, from, from + split), treeHash(hashes, from + split, to));
};

/** `name+id+base64(type ‖ key)`, where the id is the beginning of a hash over name, type and key. */
const readKey = (text) => {
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? fail(`not a key: ${text}`);
  const bytes = Buffer.from(base64, 'base64');
  if (sha256(Buffer.from(`${name}\n`), bytes).toString('hex', 0, 4) !== id) fail(`the id of ${name} is wrong`);
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(1).toString('base64url') },
    format: 'jwk',
  });
  return { name, id, type: bytes[0], key };
};

/** A log signs the text itself (type 1); a witness signs the time of its signature before it (type 4). */
const hasSigned = ({ type, key }, text, signature) => {
  if (type === 1) return verify(null, Buffer.from(text), key, signature);
  const message = `cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`;
  return type === 4 && verify(null, Buffer.from(message), key, signature.subarray(8));
};

/** Size and root of a signed note that every one of the keys has signed. */
const openNote = (note, keys) => {
  const split = note.lastIndexOf('\n\n') + 1;
  const [text, lines] = [
    note.slice(0, split),
    note
      .slice(split + 1)
      .trimEnd()
      .split('\n'),
  ];
  for (const key of keys) {
    const signed = lines.some((line) => {
      const [, name, base64] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? fail(`not a signature: ${line}`);
      const bytes = Buffer.from(base64, 'base64');
      return name === key.name && bytes.toString('hex', 0, 4) === key.id && hasSigned(key, text, bytes.subarray(4));
    });
    if (!signed) fail(`not signed by ${key.name}`);
  }
  const [origin, size, root] = text.split('\n');
  if (!keys.some(({ name, type }) => type === 1 && name === origin)) fail(`another log: ${origin}`);
  return { size: Number(size), root: Buffer.from(root, 'base64') };
};

/** The root that a path of hashes leads to from a leaf: RFC 9162 section 2.1.3.2. */
const rootOfPath = (leaf, index, size, path) => {
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) fail('the path is too long');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : fail('the path is too short');
};

const linesOf = (bytes) => {
  const lines = [];
  for (let from = 0, to = 0; (to = bytes.indexOf(10, from)) >= 0; from = to + 1) lines.push(bytes.subarray(from, to));
  return lines;
};

const verifyLog = (leaves, note, keys) => {
  const { size, root } = openNote(note, keys);
  const hashes = linesOf(leaves).map(leafHash);
  if (hashes.length < size) fail(`${size} events were signed, ${hashes.length} are there`);
  if (!treeHash(hashes.slice(0, size)).equals(root)) fail('the events are not those that were signed');
  return `${size} events are those of the checkpoint`;
};

const verifyProof = (leaf, proof, keys) => {
  const split = proof.indexOf('\n\n');
  const [header, indexLine, ...path] = proof.slice(0, split).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1') fail('not a proof');
  const { size, root } = openNote(proof.slice(split + 2), keys);
  const index = Number(/^index (\d+)$/.exec(indexLine)?.[1] ?? fail('no index'));
  const hashes = path.map((line) => Buffer.from(line, 'base64'));
  if (index >= size || !rootOfPath(leafHash(leaf), index, size, hashes).equals(root)) fail('the proof is wrong');
  return `event ${index + 1} of ${size} is in the log`;
};

const [kind, data, evidence, ...keys] = process.argv.slice(2);
try {
  const check = { log: verifyLog, proof: verifyProof }[kind] ?? fail('log or proof');
  if (keys.length === 0) fail('no key');
  const bytes = readFileSync(data);
  // A leaf is a line of the export without its line feed.
  const subject = kind === 'proof' && bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes;
  process.stdout.write(`${check(subject, readFileSync(evidence, 'utf8'), keys.map(readKey))}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
