/** How wide a text stands on a terminal, where a Chinese character takes two columns. */
export const displayWidth = (text: string): number => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only help pays for loading it, not every command
  const stringWidth = require('string-width') as typeof import('string-width');
  return stringWidth(text);
};

/** What a line may begin with: a word, or a Chinese character with the marks that must not be parted from it. */
const PIECES = /\s*[（“]*(?:\p{Script=Han}|[^\s\p{Script=Han}（“，。、；：）”]+)?[，。、；：）”]*/gu;

/** Breaks lines at the width of a terminal, Chinese text between any two characters, because it has no spaces. */
export const wrapText = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');

const wrapLine = (line: string, width: number): string => {
  const lines: string[] = [];
  let current = '';
  for (const [piece] of line.matchAll(PIECES)) {
    if (current !== '' && displayWidth(current + piece) > width) {
      lines.push(current);
      current = piece.trimStart();
    } else {
      current += piece;
    }
  }
  return [...lines, current].join('\n');
};
