import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { prefixRange } from '../../balances/facts';
import { type FactLimit, factLimit } from '../../balances/moment';
import { isNewestRow, versionInForce, versionParameters, type VersionedTable } from '../../balances/registry-versions';
import { dayNumber } from '../../projecting/day-number';
import { CodeField, PlaceField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { arrayOf, DATE_OR_NULL, objectOf, pageSchema, TEXT, textsOf } from './answer-schemas';
import { Conditions } from './conditions';
import {
  datedQuestionHandler,
  type Page,
  PagedQuestionDto,
  pageOf,
  pageSize,
  QuestionController,
  QuestionRoute,
} from './question.dto';
import { UnderListField } from './scope-question.dto';

/** Lists of what is registered at a moment, sorted by code. Of one code there may be several versions in time. */

export class DivisionsQuestion extends PagedQuestionDto {
  @UnderListField()
  readonly under?: string | null;
}

export class DepartmentsQuestion extends PagedQuestionDto {}

export class ChannelsQuestion extends PagedQuestionDto {
  @CodeField('主管部门编码', 'owner department', 'QH-SLT', { optional: true })
  readonly departmentCode?: string | null;
}

export class PurposesQuestion extends PagedQuestionDto {}

export class ProjectsQuestion extends PagedQuestionDto {
  @CodeField('项目编号', 'project code', 'M1', { optional: true })
  readonly projectCode?: string | null;

  @UnderListField()
  readonly under?: string | null;

  @PlaceField('建设地点', 'place', { optional: true })
  readonly place?: string | null;

  @CodeField('用途编码', 'purpose code', '农村供水', { optional: true })
  readonly purposeCode?: string | null;
}

export interface DivisionAnswer {
  readonly divisionCode: string;
  readonly name: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

export interface DepartmentAnswer {
  readonly departmentCode: string;
  readonly name: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly mergedInto: string | null;
}

export interface ChannelAnswer {
  readonly channelCode: string;
  readonly name: string;
  readonly departmentCode: string;
  readonly level: string;
  readonly kind: string;
  readonly allowedPurposes: readonly string[];
  readonly cashRequired: boolean;
}

export interface PurposeAnswer {
  readonly purposeCode: string;
  readonly name: string;
  readonly parentPurpose: string | null;
}

export interface ProjectAnswer {
  readonly projectCode: string;
  readonly projectName: string;
  readonly division: string;
  readonly purposeCode: string;
  readonly places: readonly string[];
  readonly category: string | null;
  readonly nature: string | null;
  readonly implementer: string | null;
  readonly content: string | null;
  readonly enteredOn: string | null;
  readonly startedOn: string | null;
  readonly completedOn: string | null;
  readonly acceptedOn: string | null;
}

export class DivisionsQuery extends LedgerQuery<DivisionsQuestion, Page<DivisionAnswer>> {}
export class DepartmentsQuery extends LedgerQuery<DepartmentsQuestion, Page<DepartmentAnswer>> {}
export class ChannelsQuery extends LedgerQuery<ChannelsQuestion, Page<ChannelAnswer>> {}
export class PurposesQuery extends LedgerQuery<PurposesQuestion, Page<PurposeAnswer>> {}
export class ProjectsQuery extends LedgerQuery<ProjectsQuestion, Page<ProjectAnswer>> {}

/** A version's place in a list: its code and, where a code has versions, its first day. */
const versionCursor = (code: string, validFrom: string): string => `${code}~${validFrom}`;

const afterVersion = (after: string | null | undefined): readonly [string, string] => {
  const [code = '', validFrom = ''] = (after ?? '').split('~');
  return [code, validFrom];
};

/** The tables keep "since ever" as an empty text. */
const orNull = (date: string): string | null => (date === '' ? null : date);

/** With a business date, only versions that are valid on it. */
const versionConditions = (
  table: 'division' | 'department',
  after: string | null | undefined,
  limit: FactLimit,
  asOf: string | null,
): Conditions =>
  new Conditions()
    .add('(code, valid_from) > (?, ?)', ...afterVersion(after))
    .add(isNewestRow(table), limit.position, limit.position)
    .add('valid_from <= ? AND (valid_to IS NULL OR valid_to >= ?)', asOf, asOf);

export const DivisionsHandler = datedQuestionHandler(DivisionsQuery, ({ readModel }, question, moment) =>
  readModel.read((snapshot) => {
    const size = pageSize(question.limit);
    const limit = factLimit(snapshot, moment);
    const conditions = versionConditions('division', question.after, limit, moment.asOf);
    if (typeof question.under === 'string') conditions.add('code >= ? AND code < ?', ...prefixRange(question.under));
    const rows = snapshot.all<readonly [string, string, string, string | null]>(
      `SELECT code, name, valid_from, valid_to FROM division AS version ${conditions.where}
        ORDER BY code, valid_from LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const cursor = ([code, , validFrom]: (typeof rows)[number]): string => versionCursor(code, validFrom);
    const page = pageOf(limit.position, rows, size, cursor, moment.bookmark);
    return {
      ...page,
      rows: page.rows.map(([divisionCode, name, validFrom, validTo]) => ({
        divisionCode,
        name,
        validFrom: orNull(validFrom),
        validTo,
      })),
    };
  }),
);

export const DepartmentsHandler = datedQuestionHandler(DepartmentsQuery, ({ readModel }, question, moment) =>
  readModel.read((snapshot) => {
    const size = pageSize(question.limit);
    const limit = factLimit(snapshot, moment);
    const conditions = versionConditions('department', question.after, limit, moment.asOf);
    const rows = snapshot.all<readonly [string, string, string, string | null, string | null]>(
      `SELECT code, name, valid_from, valid_to, merged_into FROM department AS version ${conditions.where}
        ORDER BY code, valid_from LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const cursor = ([code, , validFrom]: (typeof rows)[number]): string => versionCursor(code, validFrom);
    const page = pageOf(limit.position, rows, size, cursor, moment.bookmark);
    return {
      ...page,
      rows: page.rows.map(([departmentCode, name, validFrom, validTo, mergedInto]) => ({
        departmentCode,
        name,
        validFrom: orNull(validFrom),
        validTo,
        mergedInto,
      })),
    };
  }),
);

/** Of each code the version that holds at the moment. */
const codeConditions = (table: VersionedTable, after: string | null | undefined, limit: FactLimit): Conditions =>
  new Conditions().add('code > ?', after ?? '').add(`position = ${versionInForce(table)}`, ...versionParameters(limit));

export const ChannelsHandler = datedQuestionHandler(ChannelsQuery, ({ readModel }, question, moment) =>
  readModel.read((snapshot) => {
    const size = pageSize(question.limit);
    const limit = factLimit(snapshot, moment);
    const conditions = codeConditions('channel', question.after, limit).add(
      'department_code = ?',
      question.departmentCode,
    );
    const rows = snapshot.all<readonly [string, string, string, string, string, string, number]>(
      `SELECT code, name, department_code, level, kind, allowed_purposes, cash_required
         FROM channel AS version ${conditions.where} ORDER BY code LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const page = pageOf(limit.position, rows, size, ([code]) => code, moment.bookmark);
    return {
      ...page,
      rows: page.rows.map(([channelCode, name, owner, level, kind, allowedPurposes, cashRequired]) => ({
        channelCode,
        name,
        departmentCode: owner,
        level,
        kind,
        allowedPurposes: JSON.parse(allowedPurposes) as readonly string[],
        cashRequired: cashRequired === 1,
      })),
    };
  }),
);

export const PurposesHandler = datedQuestionHandler(PurposesQuery, ({ readModel }, question, moment) =>
  readModel.read((snapshot) => {
    const size = pageSize(question.limit);
    const limit = factLimit(snapshot, moment);
    const conditions = codeConditions('purpose', question.after, limit);
    const rows = snapshot.all<readonly [string, string, string | null]>(
      `SELECT code, name, parent_purpose FROM purpose AS version ${conditions.where} ORDER BY code LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const page = pageOf(limit.position, rows, size, ([code]) => code, moment.bookmark);
    return {
      ...page,
      rows: page.rows.map(([purposeCode, name, parentPurpose]) => ({ purposeCode, name, parentPurpose })),
    };
  }),
);

type ProjectColumns = readonly [
  code: string,
  name: string,
  division: string,
  purposeCode: string,
  places: string,
  category: string | null,
  nature: string | null,
  implementer: string | null,
  content: string | null,
  enteredOn: string | null,
  startedOn: string | null,
  completedOn: string | null,
  acceptedOn: string | null,
];

const PROJECTS = `
  SELECT code, name, division, purpose_code, places, category, nature, implementer, content,
         entered_on, started_on, completed_on, accepted_on
    FROM project AS version`;

/** Of the projects that ever had the place, those that have it at the moment. */
const AT_PLACE = `code IN (SELECT project_code FROM project_place WHERE place = ?)
   AND EXISTS (SELECT 1 FROM json_each(places) WHERE json_each.value = ?)`;

export const ProjectsHandler = datedQuestionHandler(ProjectsQuery, ({ readModel }, question, moment) =>
  readModel.read((snapshot) => {
    const size = pageSize(question.limit);
    const limit = factLimit(snapshot, moment);
    const conditions = codeConditions('project', question.after, limit)
      .add('code = ?', question.projectCode)
      .add('purpose_code = ?', question.purposeCode)
      .add(AT_PLACE, question.place, question.place)
      // A project is there from the day on which it entered the library.
      .add('(entered_on <= ? OR (entered_on IS NULL AND effective_on <= ?))', moment.asOf, dayOrNull(moment.asOf));
    if (typeof question.under === 'string') {
      conditions.add('division >= ? AND division < ?', ...prefixRange(question.under));
    }
    const rows = snapshot.all<ProjectColumns>(
      `${PROJECTS} ${conditions.where} ORDER BY code LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const page = pageOf(limit.position, rows, size, ([code]) => code, moment.bookmark);
    return { ...page, rows: page.rows.map((row) => projectOf(row, moment.asOf)) };
  }),
);

const dayOrNull = (date: string | null): number | null => (date === null ? null : dayNumber(date));

/** @param asOf milestones after this day are not reached yet */
const projectOf = (row: ProjectColumns, asOf: string | null): ProjectAnswer => {
  const [projectCode, projectName, division, purposeCode, places, category, nature, implementer, content] = row;
  const [, , , , , , , , , enteredOn, startedOn, completedOn, acceptedOn] = row;
  const reached = (on: string | null): string | null => (on === null || asOf === null || on <= asOf ? on : null);
  return {
    projectCode,
    projectName,
    division,
    purposeCode,
    places: (JSON.parse(places) as readonly string[]).toSorted(),
    category,
    nature,
    implementer,
    content,
    enteredOn: reached(enteredOn),
    startedOn: reached(startedOn),
    completedOn: reached(completedOn),
    acceptedOn: reached(acceptedOn),
  };
};

const VALID = { validFrom: DATE_OR_NULL, validTo: DATE_OR_NULL };

const DIVISION = objectOf({ ...textsOf(['divisionCode', 'name']), ...VALID });
const DEPARTMENT = objectOf({ ...textsOf(['departmentCode', 'name', 'mergedInto'], ['mergedInto']), ...VALID });
const CHANNEL = objectOf({
  ...textsOf(['channelCode', 'name', 'departmentCode', 'level', 'kind']),
  allowedPurposes: arrayOf(TEXT),
  cashRequired: { type: 'boolean' },
});
const PURPOSE = objectOf(textsOf(['purposeCode', 'name', 'parentPurpose'], ['parentPurpose']));
const PROJECT = objectOf({
  ...textsOf(['projectCode', 'projectName', 'division', 'purposeCode']),
  places: arrayOf(TEXT),
  ...textsOf(['category', 'nature', 'implementer', 'content'], ['category', 'nature', 'implementer', 'content']),
  enteredOn: DATE_OR_NULL,
  startedOn: DATE_OR_NULL,
  completedOn: DATE_OR_NULL,
  acceptedOn: DATE_OR_NULL,
});

@QuestionController('', '查询 · reading')
export class RegistryListsController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute('ListDivisions', '区划', 'divisions', pageSchema(DIVISION), 'divisions')
  divisions(@Query() question: DivisionsQuestion): Promise<Page<DivisionAnswer>> {
    return this.#bus.execute(new DivisionsQuery(question));
  }

  @QuestionRoute('ListDepartments', '部门', 'departments', pageSchema(DEPARTMENT), 'departments')
  departments(@Query() question: DepartmentsQuestion): Promise<Page<DepartmentAnswer>> {
    return this.#bus.execute(new DepartmentsQuery(question));
  }

  @QuestionRoute('ListChannels', '资金渠道', 'channels', pageSchema(CHANNEL), 'channels')
  channels(@Query() question: ChannelsQuestion): Promise<Page<ChannelAnswer>> {
    return this.#bus.execute(new ChannelsQuery(question));
  }

  @QuestionRoute('ListPurposes', '用途', 'purposes', pageSchema(PURPOSE), 'purposes')
  purposes(@Query() question: PurposesQuestion): Promise<Page<PurposeAnswer>> {
    return this.#bus.execute(new PurposesQuery(question));
  }

  @QuestionRoute('ListProjects', '项目', 'projects', pageSchema(PROJECT), 'projects')
  projects(@Query() question: ProjectsQuestion): Promise<Page<ProjectAnswer>> {
    return this.#bus.execute(new ProjectsQuery(question));
  }
}
