import { CodeField, DateField, NameField } from '../../http/fields';
import type { Department } from './departments';

export class RegisterDepartmentDto {
  @CodeField('部门编码', 'department code', 'SLT')
  readonly departmentCode: string;

  @NameField('名称', 'name', '水利厅')
  readonly name: string;

  @DateField('启用日期；不写为一直有效', 'first day in force; left out: since ever', '2020-01-01', { optional: true })
  readonly validFrom?: string | null;

  @DateField('停用日期（末日）；不写为继续有效', 'last day in force; left out: until further notice', '2030-12-31', {
    optional: true,
  })
  readonly validTo?: string | null;

  @CodeField('并入部门', 'department that took it over', 'NYNCT', { optional: true })
  readonly mergedInto?: string | null;

  command(): Department {
    const { departmentCode, name, validFrom, validTo, mergedInto } = this;
    return {
      departmentCode,
      name,
      validFrom: validFrom ?? null,
      validTo: validTo ?? null,
      mergedInto: mergedInto ?? null,
    };
  }
}
