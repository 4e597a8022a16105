/** The registers that the histories play in; made up. */
export const TODAY = '2025-03-15';
/** Noon of that day in the business zone. */
export const RECORDED_AT = '2025-03-15T04:00:00.000Z';

export const PROVINCE = '63';
export const COUNTY = '630222';
export const NEIGHBOUR = '630224';
export const DIVISIONS: Readonly<Record<string, string>> = {
  [PROVINCE]: '青海省',
  [COUNTY]: '民和县',
  [NEIGHBOUR]: '化隆县',
  '630222103200': '官中村',
  '630222103201': '光辉村',
  '630224101204': '舍仁村',
};

export const DEPARTMENTS: Readonly<Record<string, string>> = { JT: '交通厅', XZ: '乡村振兴局' };

/** Purpose and what it lies under. */
export const PURPOSES: Readonly<Record<string, string | null>> = { ALL: null, ROAD: 'ALL', WATER: 'ALL', LANE: 'ROAD' };

export interface ModelChannel {
  readonly departmentCode: string;
  readonly allowedPurposes: readonly string[];
  readonly cashRequired: boolean;
}

export const CHANNELS: Readonly<Record<string, ModelChannel>> = {
  'C-JT': { departmentCode: 'JT', allowedPurposes: ['ROAD', 'LANE'], cashRequired: false },
  'C-XZ': { departmentCode: 'XZ', allowedPurposes: [], cashRequired: false },
  'C-CASH': { departmentCode: 'XZ', allowedPurposes: [], cashRequired: true },
};

export interface ModelProject {
  readonly division: string;
  readonly purposeCode: string;
  readonly places: readonly string[];
  readonly enteredOn: string;
}

export const PROJECTS: Readonly<Record<string, ModelProject>> = {
  'P-ROAD': {
    division: COUNTY,
    purposeCode: 'ROAD',
    places: ['630222103200', '630222103201'],
    enteredOn: '2023-11-01',
  },
  'P-LANE': { division: COUNTY, purposeCode: 'LANE', places: ['630222103200'], enteredOn: '2023-11-01' },
  'P-WELL': {
    division: COUNTY,
    purposeCode: 'WATER',
    places: ['630222103201', '630222103200'],
    enteredOn: '2024-03-01',
  },
  'P-NEXT': { division: NEIGHBOUR, purposeCode: 'ROAD', places: ['630224101204'], enteredOn: '2023-11-01' },
};
