import { CodeField, NameField } from '../../http/fields';
import type { Purpose } from './purposes';

export class RegisterPurposeDto {
  @CodeField('用途编码', 'purpose code', 'GSBZ')
  readonly purposeCode: string;

  @NameField('名称', 'name', '农村供水保障')
  readonly name: string;

  @CodeField('上级用途', 'parent purpose', '衔接推进乡村振兴', { optional: true })
  readonly parentPurpose?: string | null;

  command(): Purpose {
    const { purposeCode, name, parentPurpose } = this;
    return { purposeCode, name, parentPurpose: parentPurpose ?? null };
  }
}
