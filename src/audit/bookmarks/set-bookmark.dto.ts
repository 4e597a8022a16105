import { QueryField, TextField } from '../../http/fields';

export class SetBookmarkDto {
  @QueryField('书签名，永不改指别处', 'name; it never stands for another moment', '2024年终', { optional: false })
  readonly name: string;

  @QueryField('日志位置（含）或另一书签名；不写为当前', 'position, inclusive, or a bookmark; left out: now', '57')
  readonly at?: string | null;

  @QueryField('业务日期（含）：截至当日', 'business date, inclusive', '2024-12-31')
  readonly asOf?: string | null;

  @TextField('说明', 'remark', '年终决算', { optional: true })
  readonly remark?: string | null;
}
