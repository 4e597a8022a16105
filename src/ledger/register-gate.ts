/**
 * Keeps decisions on money and changes of what they rest on apart, within one program. A money command reads the
 * registers, is decided in its pool and stored; a register's change looks at the pools, is decided and stored. Each is a
 * stream of its own, so that without this both could be right by what they saw and wrong together.
 *
 * Money commands pass side by side and wait for nothing but a change that is under way; a change waits for those that
 * are, and then goes alone. Passing an open gate costs no turn of the event loop.
 */
export class RegisterGate {
  #passing = 0;
  #shut: Promise<void> | null = null;
  #lastHasPassed: () => void = () => undefined;
  readonly #waiting = new Set<(failure: Error) => void>();

  /** Null where nobody changes anything: then it has been passed already, and has to be left. */
  enter(): Promise<void> | null {
    if (this.#shut !== null) return this.#enterLater();
    this.#passing += 1;
    return null;
  }

  leave(): void {
    this.#passing -= 1;
    if (this.#passing === 0) this.#lastHasPassed();
  }

  /** Does the work while no money command is under way. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#shut !== null) await this.#orRefused(this.#shut);
    let open: () => void = () => undefined;
    this.#shut = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#passing > 0) {
        await this.#orRefused(
          new Promise<void>((resolve) => {
            this.#lastHasPassed = resolve;
          }),
        );
      }
      return await work();
    } finally {
      this.#lastHasPassed = () => undefined;
      this.#shut = null;
      open();
    }
  }

  /** Tells everybody who waits here that they should not; who has passed goes on. */
  refuseWaiting(failure: Error): void {
    for (const refuse of [...this.#waiting]) refuse(failure);
  }

  async #enterLater(): Promise<void> {
    while (this.#shut !== null) await this.#orRefused(this.#shut);
    this.#passing += 1;
  }

  async #orRefused(awaited: Promise<void>): Promise<void> {
    let refuse: (failure: Error) => void = () => undefined;
    const refused = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    this.#waiting.add(refuse);
    try {
      await Promise.race([awaited, refused]);
    } finally {
      this.#waiting.delete(refuse);
    }
  }
}
