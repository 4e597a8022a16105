import type { RegisterChange } from '../audit/history/register-changes';
import { ledgerDefinition } from '../importing/ledger-definitions';
import type { LedgerKind } from '../importing/ledger-row';
import type { Language } from '../platform/settings';
import { visibleLine } from './terminal';

/** What an import, a history or a comparison says of a field that was replaced. */
export const changedFieldText = (
  {
    ledger,
    key,
    field,
    from,
    to,
  }: Pick<RegisterChange, 'key' | 'field' | 'from' | 'to'> & { readonly ledger: LedgerKind },
  language: Language,
): string => {
  const { title, titleEn, columns } = ledgerDefinition(ledger);
  const column = columns.get(field);
  // A description of a project has lines of its own.
  return visibleLine(
    language === 'zh'
      ? `${title} ${key} ${column?.title ?? field}：${from ?? '（空）'} → ${to ?? '（空）'}`
      : `${titleEn} ${key} ${column?.titleEn ?? field}: ${from ?? '(empty)'} → ${to ?? '(empty)'}`,
  );
};

/** One line for each, after a heading; nothing where nothing was changed. */
export const registerChangeLines = (changes: readonly RegisterChange[], language: Language): readonly string[] =>
  changes.length === 0
    ? []
    : [
        language === 'zh' ? '登记的变更' : 'Changes of the registers',
        ...changes.map(
          (change) =>
            `   ${change.effectiveOn}  ${change.position}  ${changedFieldText(change, language)}  ${change.id}`,
        ),
      ];
