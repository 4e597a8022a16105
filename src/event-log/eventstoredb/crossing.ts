import type { ReadMessage } from './read-message';
import type { Place } from './read-requests';
import type { Reading } from './server-client';
import { NoAnswer } from './server-failure';

/**
 * Follows until an event comes, or the end is reached, or nothing comes for so long. A reading says nothing while the
 * server looks through others' records; a following tells every so often how far it is.
 *
 * @returns the last place that it told; null when the end was reached, or an event came, before it told any
 * @throws Error when it fails, or falls silent, before it told any
 */
export const cross = (reading: Reading, silenceMs: number): Promise<Place | null> =>
  new Promise((resolve, reject) => {
    let reached: Place | null = null;
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      reading.cancel();
    };
    const end = (): void => {
      stop();
      resolve(reached);
    };
    const fail = (error: unknown): void => {
      stop();
      if (reached === null) reject(error as Error);
      else resolve(reached);
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(new NoAnswer('a following', silenceMs)), silenceMs);
    };
    reading.on('error', fail);
    reading.on('end', () => fail(new Error('the server has ended the subscription')));
    reading.on('data', (message: ReadMessage) => {
      if (message.kind === 'event' || message.kind === 'caught-up') {
        end();
        return;
      }
      if (message.kind === 'checkpoint' && Number.isSafeInteger(message.place.commit)) reached = message.place;
      wait();
    });
    wait();
  });
