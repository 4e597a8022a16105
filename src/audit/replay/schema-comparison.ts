import type { ReadSnapshot } from '../../projecting/read-database';
import { readSchema, SELECT_SCHEMA, type SchemaRow } from '../../projecting/read-schema-objects';
import { Parted } from './parted';

/**
 * The tables must be those that the program makes, with their rules and indexes, and with nothing beside them: a trigger
 * would alter what is booked next, and without a rule or an index rows can stand twice or not be found. Throws Parted.
 */
export const requireSchema = (snapshot: ReadSnapshot): void => {
  const expected = readSchema();
  const found = new Map(snapshot.all<SchemaRow>(SELECT_SCHEMA));
  const name = [...expected.keys(), ...found.keys()].find((each) => expected.get(each) !== found.get(each));
  if (name === undefined) return;
  if (!found.has(name)) throw new Parted(null, `缺少 ${name}`, `${name} is missing`);
  if (!expected.has(name)) throw new Parted(null, `多出 ${name}`, `${name} does not belong there`);
  throw new Parted(null, `${name} 被改动`, `${name} was altered`);
};
