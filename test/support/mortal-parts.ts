/** Where the process of an attempt dies: at one of all its calls to database and queues. */
export interface DeathPoint {
  /** 1 for the first call. */
  readonly call: number;
  readonly moment: 'before' | 'after';
}

/** Calls to the parts of a process that dies at some point: from then on nothing more leaves it. */
export class MortalProcess {
  readonly calls: string[] = [];
  readonly #death: DeathPoint | undefined;
  #isDead = false;

  constructor(death?: DeathPoint) {
    this.#death = death;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The same object, as this process calls it. */
  part<T extends object>(name: string, object: T): T {
    return new Proxy(object, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.#assertAlive();
          this.calls.push(`${name}.${String(property)}`);
          const isFatal = this.calls.length === this.#death?.call;
          if (isFatal && this.#death.moment === 'before') this.#die();
          const result: unknown = await Reflect.apply(value, target, args);
          if (isFatal) this.#die();
          return result;
        };
      },
    });
  }

  #die(): never {
    this.#isDead = true;
    throw new Error('The process was killed.');
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error('The process is dead.');
  }
}
