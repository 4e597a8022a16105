import { CodeField, DateField, DivisionField, NameField, PlacesField, TextField } from '../http/fields';
import type { Milestones, ProjectParticulars } from './project';

/** A project with what is known of its milestones. */
export interface RegisteredProject {
  readonly particulars: ProjectParticulars;
  readonly milestones: Milestones;
}

export class RegisterProjectDto {
  @CodeField('项目编号', 'project code', 'MH-2024-001')
  readonly projectCode: string;

  @NameField('项目名称', 'project name', '民和县东部片区供水保障工程')
  readonly projectName: string;

  @DivisionField()
  readonly division: string;

  @CodeField('用途编码', 'purpose code', '农村供水')
  readonly purposeCode: string;

  @PlacesField('建设地点', 'places')
  readonly places: readonly string[];

  @DateField('入库日期；尚未入库则不写', 'entered the library on; left out when it has not', '2023-11-20', {
    optional: true,
  })
  readonly enteredOn?: string | null;

  @NameField('类别', 'category', '基础设施', { optional: true })
  readonly category?: string | null;

  @NameField('建设性质', 'nature', '新建', { optional: true })
  readonly nature?: string | null;

  @NameField('实施单位', 'implementer', '民和县水利局', { optional: true })
  readonly implementer?: string | null;

  @TextField('建设内容', 'content', '铺设管网 12 公里', { optional: true })
  readonly content?: string | null;

  @DateField('开工日期', 'started on', '2024-04-01', { optional: true })
  readonly startedOn?: string | null;

  @DateField('竣工日期', 'completed on', '2024-10-30', { optional: true })
  readonly completedOn?: string | null;

  @DateField('验收日期', 'accepted on', '2024-11-30', { optional: true })
  readonly acceptedOn?: string | null;

  command(): RegisteredProject {
    return {
      particulars: {
        projectCode: this.projectCode,
        projectName: this.projectName,
        division: this.division,
        purposeCode: this.purposeCode,
        places: [...this.places],
        category: this.category ?? null,
        nature: this.nature ?? null,
        implementer: this.implementer ?? null,
        content: this.content ?? null,
      },
      milestones: {
        enteredOn: this.enteredOn ?? null,
        startedOn: this.startedOn ?? null,
        completedOn: this.completedOn ?? null,
        acceptedOn: this.acceptedOn ?? null,
      },
    };
  }
}
