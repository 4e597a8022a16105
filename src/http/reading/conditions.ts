/** Conditions of a query in the making: SQL that is written here, and values that come from outside as parameters. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly #parameters: (string | number)[] = [];

  /** Adds a condition unless the value was not given. */
  add(condition: string, ...values: readonly (string | number | null | undefined)[]): this {
    const given = values.filter((value) => value !== null && value !== undefined);
    if (given.length < values.length) return this;
    this.#conditions.push(condition);
    this.#parameters.push(...given);
    return this;
  }

  /** `WHERE …`, or nothing. */
  get where(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }

  get parameters(): readonly (string | number)[] {
    return this.#parameters;
  }
}
