/**
 * The same text on its own. What is cut out of a longer text keeps that in memory for as long as it is kept itself.
 */
export const detached = (text: string): string => {
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  // What has characters of two bytes was not cut out of a text with one for each byte.
  return copy === text ? copy : text;
};
