/** The smallest scenario with money in it, line by line; tests change one line of it. */
export const SMALL_SCENARIO = `scenario: small
title: 小情景
unit: 万元
defaults: { division: 630222, year: 2024, requestedBy: 甲, approvedBy: 乙 }
registry:
  divisions:
    - { code: 630222, name: 民和县 }
    - { code: 630222103200, name: 官中村 }
  departments:
    - { code: SL, name: 水利厅 }
  purposes:
    - { code: WATER, name: 供水 }
  channels:
    - { code: SL, name: 水利资金, department: SL, level: 省, kind: 行业 }
  projects:
    - { code: M1, name: 供水, purpose: WATER, places: [630222103200], implementer: 施工队, enteredOn: 2024-01-01 }
lines:
  SL: 青财农1号/SL/WATER
steps:
  - { id: quota, on: 2024-02-28, do: appropriate, number: 青财农1号, line: SL, amount: 400 }
  - { id: pooled, on: 2024-03-01, do: integrate, line: SL, amount: 400 }
  - { id: given, on: 2024-03-02, do: allocate, project: M1, line: SL, amount: 300 万元 }
  - { id: paid, on: 2024-03-03, do: pay, project: M1, line: SL, amount: "1,000,000 元" }
expectations:
  - moment: T2
    asOf: 2024-06-30
    tables:
      - by: village
        complete: true
        rows:
          630222103200: { allocated: 300, paid: 100, unspent: 200 }
        total: { allocated: 300 }
`;

/** Line of the small scenario that begins so; 1-based. */
export const lineStarting = (text: string, start: string): number =>
  text.split('\n').findIndex((line) => line.trimStart().startsWith(start)) + 1;

export const changed = (before: string, after: string): string => {
  if (!SMALL_SCENARIO.includes(before)) throw new Error(`the small scenario has no ${before}`);
  return SMALL_SCENARIO.replace(before, after);
};
