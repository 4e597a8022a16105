import { dirname, resolve } from 'node:path';

import { isRowRefusal } from '../importing/row-refusal';
import { readLedgers } from '../importing/read-ledgers';

import type { ChannelKind, ChannelLevel } from '../registry/channels/channel-kind';
import type { Division } from '../registry/divisions/divisions';
import type { RawProject, RawRegistry } from './raw-scenario';
import type { ReadingContext } from './reading-context';
import type { ScenarioProject, ScenarioRegistry } from './scenario';

/** Registrations of one file, without those of the file that it is based on. */
export type OwnRegistry = Omit<ScenarioRegistry, 'on'> & { readonly on: string | null };

/** Reads the registry part; divisions may stand in ledgers of their own (区划编码,名称). */
export const readRegistry = async (
  context: ReadingContext,
  raw: RawRegistry,
  defaultDivision: string | null,
): Promise<OwnRegistry> => ({
  on: context.optionalDate(raw.on, ['registry', 'on']),
  divisions: [...(await divisionsFromFiles(context, raw.divisionsFrom)), ...divisions(context, raw)],
  departments: (raw.departments ?? []).map((department, index) => {
    const path = ['registry', 'departments', index];
    return {
      departmentCode: context.code(department.code, [...path, 'code']),
      name: department.name,
      validFrom: context.optionalDate(department.validFrom, [...path, 'validFrom']),
      validTo: context.optionalDate(department.validTo, [...path, 'validTo']),
      mergedInto: context.optionalCode(department.mergedInto, [...path, 'mergedInto']),
    };
  }),
  purposes: (raw.purposes ?? []).map((purpose, index) => ({
    purposeCode: context.code(purpose.code, ['registry', 'purposes', index, 'code']),
    name: purpose.name,
    parentPurpose: context.optionalCode(purpose.parent, ['registry', 'purposes', index, 'parent']),
  })),
  channels: (raw.channels ?? []).map((channel, index) => {
    const path = ['registry', 'channels', index];
    return {
      channelCode: context.code(channel.code, [...path, 'code']),
      name: channel.name,
      departmentCode: context.code(channel.department, [...path, 'department']),
      // The schema lets only the known levels and kinds pass.
      level: channel.level as ChannelLevel,
      kind: channel.kind as ChannelKind,
      allowedPurposes: (channel.purposes ?? []).map((code, at) => context.code(code, [...path, 'purposes', at])),
      cashRequired: channel.cashRequired === 'true',
    };
  }),
  projects: (raw.projects ?? []).map((project, index) => projectOf(context, project, index, defaultDivision)),
});

const divisions = (context: ReadingContext, raw: RawRegistry): readonly Division[] =>
  (raw.divisions ?? []).map((division, index) => {
    const path = ['registry', 'divisions', index];
    return {
      divisionCode: context.division(division.code, [...path, 'code']),
      name: division.name,
      validFrom: context.optionalDate(division.validFrom, [...path, 'validFrom']),
      validTo: context.optionalDate(division.validTo, [...path, 'validTo']),
    };
  });

const divisionsFromFiles = async (
  context: ReadingContext,
  files: string | readonly string[] | undefined,
): Promise<readonly Division[]> => {
  const path = ['registry', 'divisionsFrom'];
  const found: Division[] = [];
  for (const name of typeof files === 'string' ? [files] : (files ?? [])) {
    const file = resolve(dirname(context.document.file), name);
    for await (const item of readLedgers([file])) {
      if (isRowRefusal(item)) {
        const row = item.row === null ? '' : ` ${item.row}`;
        context.refuse(path, {
          ...item,
          message: `${name}${row === '' ? '' : ` 第${row} 行`}：${item.message}`,
          messageEn: `${name}${row === '' ? '' : `, row${row}`}: ${item.messageEn}`,
        });
      } else if (item.ledger === 'divisions') {
        const { divisionCode, name: divisionName, validFrom, validTo } = item;
        found.push({ divisionCode, name: divisionName, validFrom, validTo });
      } else {
        context.refuse(path, {
          code: 'SCENARIO_NOT_DIVISIONS',
          message: `${name} 不是区划台账。`,
          messageEn: `${name} is not a ledger of divisions.`,
          remedy: '表头应为：区划编码,名称。',
          remedyEn: 'Its header row must be: 区划编码,名称 (or divisionCode,name).',
        });
        break;
      }
    }
  }
  return found;
};

const projectOf = (
  context: ReadingContext,
  raw: RawProject,
  index: number,
  defaultDivision: string | null,
): ScenarioProject => {
  const path = ['registry', 'projects', index];
  const division = raw.division ?? defaultDivision;
  if (division === null) context.missing(path, 'division', '区划编码', 'a division code');
  return {
    particulars: {
      projectCode: context.code(raw.code, [...path, 'code']),
      projectName: raw.name,
      division: division === null ? '' : context.division(division, [...path, 'division']),
      purposeCode: context.code(raw.purpose, [...path, 'purpose']),
      places: raw.places.map((place, at) => context.division(place, [...path, 'places', at])),
      category: raw.category ?? null,
      nature: raw.nature ?? null,
      implementer: raw.implementer ?? null,
      content: raw.content ?? null,
    },
    milestones: {
      enteredOn: context.optionalDate(raw.enteredOn, [...path, 'enteredOn']),
      startedOn: context.optionalDate(raw.startedOn, [...path, 'startedOn']),
      completedOn: context.optionalDate(raw.completedOn, [...path, 'completedOn']),
      acceptedOn: context.optionalDate(raw.acceptedOn, [...path, 'acceptedOn']),
    },
  };
};
