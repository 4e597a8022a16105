'use strict';

/* What things are called, Chinese first. */

/** @typedef {readonly [zh: string, en: string]} Words */

/** @type {{ readonly [kind in Scope['kind']]: Words }} */
const SCOPE_WORDS = {
  division: ['区划', 'Division'],
  project: ['项目', 'Project'],
  document: ['文号', 'Document'],
  payment: ['支付凭证', 'Payment voucher'],
};

/** @type {{ readonly [measure in Measure]: Words }} */
const MEASURE_WORDS = {
  appropriated: ['下达', 'Appropriated'],
  transferredIn: ['上级分解', 'Transferred in'],
  transferredOut: ['向下分解', 'Transferred out'],
  unintegrated: ['未整合', 'Not integrated'],
  available: ['池内可用', 'Available in the pool'],
  inTransit: ['在途', 'In transit'],
  allocated: ['已安排', 'Allocated'],
  held: ['冻结', 'Held'],
  paid: ['已支付', 'Paid'],
  recalled: ['收回', 'Recalled'],
  cashReceived: ['到位资金', 'Cash received'],
  unspent: ['未支付', 'Unspent'],
  carriedOver: ['结转', 'Carried over'],
};

/** @type {{ readonly [state: string]: Words | undefined }} */
const STATE_WORDS = {
  unintegrated: ['未整合', 'not integrated'],
  available: ['池内可用', 'available in the pool'],
  inTransit: ['在途', 'in transit'],
  unspent: ['已安排未支付', 'allocated, not paid'],
  held: ['支付冻结', 'held'],
  paid: ['已支付', 'paid'],
  recalled: ['收回', 'recalled'],
};

/** @type {{ readonly [projection: string]: Words | undefined }} */
const TABLE_WORDS = {
  'county-balance': ['按区划', 'By division'],
  'project-balance': ['按项目', 'By project'],
  'village-balance': ['按村（地点）', 'By village (place)'],
  'department-balance': ['按部门', 'By department'],
};

/** Names of codes, as the registry's and the projects' events in the bundle give them. */
/** @typedef {(kind: 'division' | 'department' | 'channel' | 'purpose' | 'project', code: string) => string} NameOf */

/** Where the names of a kind of code are: beginning of the stream, and the members with code and name. */
const NAME_PLACES = /** @type {const} */ ([
  ['division', 'registry-divisions', 'divisionCode', 'name'],
  ['department', 'registry-departments', 'departmentCode', 'name'],
  ['channel', 'registry-channels', 'channelCode', 'name'],
  ['purpose', 'registry-purposes', 'purposeCode', 'name'],
  ['project', 'project-', 'projectCode', 'projectName'],
]);

/** The name that was valid on the date asked for: of several, the one that began last and not later. */
/** @param {Bundle} bundle @returns {NameOf} */
const namesIn = (bundle) => {
  const on = bundle.claim.moment.asOf ?? '9999-12-31';
  /** @type {Map<string, { name: string, from: string }>} */
  const names = new Map();
  for (const { stream, data } of bundle.known) {
    for (const [kind, place, codeField, nameField] of NAME_PLACES) {
      if (!stream.startsWith(place)) continue;
      const code = data[codeField];
      const name = data[nameField];
      if (typeof code !== 'string' || typeof name !== 'string') continue;
      const from = typeof data.validFrom === 'string' ? data.validFrom : '';
      const known = names.get(`${kind} ${code}`);
      const isBetter = known === undefined || (from <= on && (known.from > on || from >= known.from));
      if (isBetter) names.set(`${kind} ${code}`, { name, from });
    }
  }
  return (kind, code) => names.get(`${kind} ${code}`)?.name ?? '';
};
