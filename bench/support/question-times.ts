/** Milliseconds of asking so many times, the shortest first; the first questions only warm up. */
export const questionTimes = async (
  rounds: number,
  warmUp: number,
  ask: (index: number) => unknown,
): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let index = 0; index < rounds + warmUp; index += 1) {
    const start = performance.now();
    const answer = ask(index);
    if (answer instanceof Promise) await answer;
    if (index >= warmUp) times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right);
};

export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;

/** As many digits as the figures of a benchmark have. */
export const rounded = (value: number): number => Number(value.toPrecision(4));
