import { DateField, DivisionField, NameField } from '../../http/fields';
import type { Division } from './divisions';

export class RegisterDivisionDto {
  @DivisionField()
  readonly divisionCode: string;

  @NameField('名称', 'name', '民和回族土族自治县')
  readonly name: string;

  @DateField('启用日期；不写为一直有效', 'first day in force; left out: since ever', '2020-01-01', { optional: true })
  readonly validFrom?: string | null;

  @DateField('停用日期（末日）；不写为继续有效', 'last day in force; left out: until further notice', '2030-12-31', {
    optional: true,
  })
  readonly validTo?: string | null;

  command(): Division {
    const { divisionCode, name, validFrom, validTo } = this;
    return { divisionCode, name, validFrom: validFrom ?? null, validTo: validTo ?? null };
  }
}
